//! What leaves the functions beside answers, and what they are told at their start: pushes, configuration.
#![cfg(test)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchboard::PushText;
use switchboard::ports::push::{Alert, Notification};
use switchboard_handlers::aws::push::{Applications, payload};
use switchboard_handlers::config::{Aws, Config, Variables, environment as named, trust};

const CONVERSATION: &str = "01JD8Z3KQ5W9T0000000000001";
/// What APNs and FCM take at most.
const PUSH_BYTES_MAX: usize = 4_096;

fn notification(alert: Alert) -> Notification {
    Notification {
        conversation: CONVERSATION.parse().unwrap(),
        seq: 42,
        badge: 3,
        alert,
    }
}

fn preview(text: &str) -> Notification {
    notification(Alert::Preview(text.to_owned()))
}

/// What a platform's own part of the message says: JSON in a string.
fn part(message: &Value, platform: &str) -> Value {
    serde_json::from_str(message[platform].as_str().unwrap()).unwrap()
}

#[test]
fn a_push_has_a_text_for_each_platform() {
    let message = payload::message(&preview("on \"my\" way"));
    let names: Vec<&String> = message.as_object().unwrap().keys().collect();
    assert_eq!(names, ["APNS", "APNS_SANDBOX", "GCM", "default"]);
    assert!(message.as_object().unwrap().values().all(Value::is_string));
    assert_eq!(message["default"], "on \"my\" way");
    assert_eq!(message["APNS"], message["APNS_SANDBOX"]);
}

#[test]
fn apple_gets_an_alert_a_badge_and_a_thread() {
    let apple = part(&payload::message(&preview("on my way")), "APNS");
    let aps = json!({
        "alert": { "body": "on my way" },
        "badge": 3,
        "sound": "default",
        "thread-id": CONVERSATION,
    });
    assert_eq!(
        apple,
        json!({ "aps": aps, "conversation": CONVERSATION, "seq": 42 })
    );
    let generic = part(&payload::message(&notification(Alert::NewMessage)), "APNS");
    let alert = json!({ "loc-key": "SWITCHBOARD_NEW_MESSAGE", "body": "New message" });
    assert_eq!(generic["aps"]["alert"], alert);
}

#[test]
fn google_gets_a_message_of_http_v1_whose_data_are_texts() {
    let gcm = part(&payload::message(&preview("on my way")), "GCM");
    let message = &gcm["fcmV1Message"]["message"];
    assert_eq!(message["notification"]["body"], "on my way");
    assert_eq!(message["android"]["collapse_key"], CONVERSATION);
    assert_eq!(message["android"]["priority"], "high");
    assert_eq!(message["android"]["ttl"], "86400s");
    let data = json!({ "conversation": CONVERSATION, "seq": "42", "badge": "3" });
    assert_eq!(message["data"], data);
    let generic = part(&payload::message(&notification(Alert::NewMessage)), "GCM");
    let shown = &generic["fcmV1Message"]["message"]["android"]["notification"];
    assert_eq!(shown["body_loc_key"], "SWITCHBOARD_NEW_MESSAGE");
    assert_eq!(shown.get("body"), None);
}

#[test]
fn the_largest_preview_stays_below_what_the_platforms_take() {
    // 120 characters of a text, or the 255 bytes of an attachment's name, in what JSON makes longest of them.
    let texts = [
        "\u{1}".repeat(120),
        "👍".repeat(120),
        "\u{1}".repeat(255),
        "é".repeat(127),
    ];
    for text in texts {
        let notification = Notification {
            seq: u64::MAX,
            badge: u64::MAX,
            ..preview(&text)
        };
        let message = payload::message(&notification);
        for platform in ["APNS", "APNS_SANDBOX", "GCM"] {
            let bytes = message[platform].as_str().unwrap().len();
            assert!(bytes <= PUSH_BYTES_MAX, "{platform}: {bytes} bytes");
        }
    }
}

/// A test's environment.
struct Table(BTreeMap<&'static str, &'static str>);

impl Variables for Table {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }
}

fn environment() -> Table {
    let variables = [
        ("SWITCHBOARD_ENVIRONMENT", "test"),
        ("SWITCHBOARD_CHAT_TABLE", "chat"),
        ("SWITCHBOARD_CONNECTIONS_TABLE", "connections"),
        ("SWITCHBOARD_MANAGEMENT_ENDPOINT", "https://x/prod"),
        ("SWITCHBOARD_ISSUERS", "https://a/pool, https://b/pool/"),
        ("SWITCHBOARD_AUDIENCES", "app-1"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    Table(variables.into())
}

#[test]
fn configuration_is_read_with_its_defaults() {
    let config = Config::read(&environment()).unwrap();
    assert_eq!(config.tables.chat, "chat");
    assert_eq!(config.tables.connections, "connections");
    assert_eq!(config.management_endpoint, "https://x/prod");
    assert_eq!(config.push_text, PushText::Generic);
    assert_eq!(config.applications, Applications::default());
    assert_eq!(named(&environment()).unwrap(), "test");
    let aws = Aws::read(&environment()).unwrap();
    assert_eq!(
        (aws.region.as_str(), aws.endpoint_url, aws.session_token),
        ("us-east-1", None, None)
    );
    let trust = trust(&environment()).unwrap();
    assert_eq!(trust.issuers, ["https://a/pool", "https://b/pool/"]);
    assert_eq!(trust.audiences, ["app-1"]);
}

#[test]
fn optional_variables_are_read_where_they_are_set() {
    let mut table = environment();
    table.0.insert("SWITCHBOARD_PUSH_APNS", "arn:apns");
    table
        .0
        .insert("SWITCHBOARD_PUSH_APNS_SANDBOX", "arn:sandbox");
    table.0.insert("SWITCHBOARD_PUSH_FCM", "arn:fcm");
    table.0.insert("SWITCHBOARD_PUSH_TEXT", "preview");
    let config = Config::read(&table).unwrap();
    assert_eq!(config.applications.apns.as_deref(), Some("arn:apns"));
    assert_eq!(
        config.applications.apns_sandbox.as_deref(),
        Some("arn:sandbox")
    );
    assert_eq!(config.applications.fcm.as_deref(), Some("arn:fcm"));
    assert_eq!(config.push_text, PushText::Preview);
}

/// What reading everything fails with.
fn complaint(table: &Table) -> String {
    let errors = [
        Config::read(table).err(),
        Aws::read(table).err(),
        trust(table).err(),
        named(table).err(),
    ];
    let mut errors = errors.into_iter().flatten();
    errors.next().unwrap().to_string()
}

#[test]
fn a_missing_variable_is_named() {
    for name in environment().0.into_keys() {
        let mut table = environment();
        table.0.remove(name);
        let complaint = complaint(&table);
        assert!(complaint.ends_with(name), "{complaint}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, wrong) in [
        ("SWITCHBOARD_PUSH_TEXT", "Preview"),
        ("SWITCHBOARD_ISSUERS", "https://a,,https://b"),
        ("SWITCHBOARD_ISSUERS", " "),
        ("SWITCHBOARD_AUDIENCES", "app-1,"),
    ] {
        let mut table = environment();
        table.0.insert(name, wrong);
        let complaint = complaint(&table);
        assert!(complaint.ends_with(name), "{complaint}");
    }
}
