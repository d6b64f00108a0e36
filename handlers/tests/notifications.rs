//! What SNS tells of endpoints: which notifications call one dead, and which say nothing of it.
#![cfg(test)]

use serde_json::{Value, json};
use switchboard_handlers::event::{Dead, NotificationEvent, Unknown};

const ENDPOINT: &str =
    "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/3f08fd15-d349-3d82-b415-49df9ff9d8dd";
const SECRET: &str = "a-token-that-nobody-may-see";

fn event(messages: &[String]) -> NotificationEvent {
    let record = |message| {
        json!({"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {
        "Type": "Notification", "Subject": "an event", "Message": message,
        "Timestamp": "2026-04-26T17:29:48.776Z", "MessageAttributes": {}}})
    };
    let records: Vec<Value> = messages.iter().map(record).collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

fn read(message: &Value) -> Result<Option<Dead>, Unknown> {
    event(&[message.to_string()]).dead().next().unwrap()
}

fn failure(kind: &str) -> Value {
    json!({"DeliveryAttempts": 1, "EndpointArn": ENDPOINT, "EventType": "DeliveryFailure",
        "FailureMessage": "what happened", "FailureType": kind, "MessageId": "4e658b3c",
        "Resource": "arn:aws:sns:us-east-1:123456789012:app/APNS/app", "Service": "SNS",
        "Time": "2026-04-26T17:29:48.732Z"})
}

#[test]
fn a_dead_token_is_dead_since_the_event_s_time() {
    let dead = Dead {
        endpoint: ENDPOINT.to_owned(),
        at: Some(1_777_224_588_732),
    };
    for kind in [
        "InvalidPlatformToken",
        "PlatformTokenInvalid",
        "EndpointNotFound",
        "EndpointDisabled",
    ] {
        assert_eq!(read(&failure(kind)), Ok(Some(dead.clone())), "{kind}");
    }
    let mut deleted = json!({"EndpointArn": ENDPOINT, "EventType": "EndpointDeleted",
        "Resource": "arn:x", "Service": "SNS", "Time": "2026-04-26T17:29:48.732Z"});
    assert_eq!(read(&deleted), Ok(Some(dead.clone())));
    for strange in [json!(null), json!("yesterday")] {
        deleted["Time"] = strange;
        let timeless = Dead {
            at: None,
            ..dead.clone()
        };
        assert_eq!(read(&deleted), Ok(Some(timeless)));
    }
}

#[test]
fn what_may_pass_changes_nothing() {
    for kind in [
        "Throttled",
        "PlatformCredentialsInvalid",
        "ServiceUnavailable",
        "TTLExpired",
        "",
        "invalidplatformtoken",
    ] {
        assert_eq!(read(&failure(kind)), Ok(None), "{kind}");
    }
    let mut nameless = failure("");
    nameless.as_object_mut().unwrap().remove("FailureType");
    assert_eq!(read(&nameless), Ok(None));
    for kind in ["EndpointCreated", "EndpointUpdated", "SomethingNew"] {
        assert_eq!(
            read(&json!({"EventType": kind, "EndpointArn": ENDPOINT})),
            Ok(None)
        );
    }
}

#[test]
fn what_cannot_be_read_is_refused_without_repeating_it() {
    let strange = [
        SECRET.to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        json!({"EventType": 7, "Token": SECRET}).to_string(),
        json!({"EventType": "EndpointDeleted", "Token": SECRET}).to_string(),
        json!({"EventType": "EndpointDeleted", "EndpointArn": ""}).to_string(),
        "[".repeat(100_000),
    ];
    let event = event(&strange);
    let read: Vec<_> = event.dead().collect();
    assert_eq!(read.len(), strange.len());
    assert!(read.iter().all(|it| *it == Err(Unknown)), "{read:?}");
    assert!(!format!("{event:?}{Unknown}").contains(SECRET));
    for event in [
        json!(null),
        json!({}),
        json!({"Records": [{}]}),
        json!({"Records": [{"Sns": {"Message": 1}}]}),
    ] {
        assert!(serde_json::from_value::<NotificationEvent>(event).is_err());
    }
}
