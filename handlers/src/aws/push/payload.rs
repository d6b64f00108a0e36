//! What SNS is given: one message with a form for each push service.

use serde_json::{Value, json};
use switchboard::ports::push::{Alert, Notification};
use switchboard::protocol::action::Platform;

/// The text where the phone's app has no translation.
const NEW_MESSAGE: &str = "New message";
/// The key of that text in the app's translations.
const NEW_MESSAGE_KEY: &str = "SWITCHBOARD_NEW_MESSAGE";
/// How long a push service keeps a push for a phone that is switched off: after a day the app syncs anyway.
const TTL_S: u32 = 86_400;

/// The message, with `MessageStructure` `json`: the values of the platforms are JSON in strings.
///
/// It carries ids and at most 120 characters of text, so it stays far below the 4 KiB of APNs and FCM.
pub fn message(notification: &Notification) -> Value {
    let apns = apns(notification).to_string();
    json!({
        "default": text(notification),
        "APNS": apns,
        "APNS_SANDBOX": apns,
        // The key is still the one of the former service; the form inside is FCM's HTTP v1.
        "GCM": fcm(notification).to_string(),
    })
}

/// What APNs takes in headers and not in the payload: the collapse key, so that a phone shows one notification for each
/// conversation, and for how long to try. FCM has both in its payload.
pub fn attributes(platform: Platform, notification: &Notification) -> Vec<(String, String)> {
    let service = match platform {
        Platform::Apns => "APNS",
        Platform::ApnsSandbox => "APNS_SANDBOX",
        Platform::Fcm => return Vec::new(),
    };
    vec![
        // The collapse id is named after the service itself, whichever its stage.
        (
            "AWS.SNS.MOBILE.APNS.COLLAPSE_ID".to_owned(),
            notification.conversation.to_string(),
        ),
        (format!("AWS.SNS.MOBILE.{service}.TTL"), TTL_S.to_string()),
    ]
}

fn text(notification: &Notification) -> &str {
    match &notification.alert {
        Alert::Preview(text) => text,
        Alert::NewMessage => NEW_MESSAGE,
    }
}

fn apns(notification: &Notification) -> Value {
    let alert = match &notification.alert {
        Alert::Preview(text) => json!({ "body": text }),
        Alert::NewMessage => json!({ "loc-key": NEW_MESSAGE_KEY, "body": NEW_MESSAGE }),
    };
    json!({
        "aps": {
            "alert": alert,
            "badge": notification.badge,
            "sound": "default",
            "thread-id": notification.conversation,
        },
        "conversation": notification.conversation,
        "seq": notification.seq,
    })
}

fn fcm(notification: &Notification) -> Value {
    let shown = match &notification.alert {
        Alert::Preview(text) => json!({ "tag": notification.conversation, "body": text }),
        Alert::NewMessage => {
            json!({ "tag": notification.conversation, "body_loc_key": NEW_MESSAGE_KEY })
        }
    };
    json!({
        "fcmV1Message": {
            "validate_only": false,
            "message": {
                "notification": { "body": text(notification) },
                // FCM takes strings alone here.
                "data": {
                    "conversation": notification.conversation,
                    "seq": notification.seq.to_string(),
                    "badge": notification.badge.to_string(),
                },
                "android": {
                    "priority": "high",
                    "ttl": format!("{TTL_S}s"),
                    "collapse_key": notification.conversation,
                    "notification": shown,
                },
            },
        },
    })
}
