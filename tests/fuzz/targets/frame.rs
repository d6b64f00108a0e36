#![no_main]
//! Goal: whatever text a client sends, the parser answers an action that is within every bound, or a refusal that a
//! client can act upon.
//! Method: any text. What parses is written again and must parse to the same, and its body must survive storage; what
//! is refused must carry a code of the parser's own, name a field, and echo the `ref`, and no more than the `ref`.

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use switchboard::protocol::event::ServerFrame;
use switchboard::protocol::{
    Action, Body, ClientFrame, ErrorCode, Reference, RefusedFrame, limits,
};
use switchboard_fuzz::writer::written;

/// Every field of a client frame; a refusal begins with one of them, or with a part of one.
const FIELDS: &[&str] = &[
    "action",
    "after",
    "before",
    "blocked",
    "body",
    "conversation",
    "cursors",
    "device",
    "id",
    "key",
    "limit",
    "locale",
    "muted_until",
    "next",
    "on",
    "platform",
    "receipts",
    "ref",
    "remove",
    "reply_to",
    "subject",
    "token",
    "user",
    "users",
    "with",
];
const WITHIN_BODY: &[&str] = &[
    "attachment",
    "data",
    "emoji",
    "kind",
    "name",
    "of",
    "on",
    "size",
    "text",
    "type",
];
const WITHIN_RECEIPTS: &[&str] = &["conversation", "read", "recv"];

/// More than the longest rule has; a refusal never quotes what it refuses.
const MESSAGE_BYTES_MAX: usize = 160;
/// More than the longest error frame has, whose `ref` may be 64 bytes that JSON writes in six each.
const ERROR_BYTES_MAX: usize = 1_024;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match ClientFrame::parse(text) {
        Ok(frame) => accepted(&frame),
        Err(refused) => self::refused(text, refused),
    }
});

fn accepted(frame: &ClientFrame) {
    match &frame.action {
        Action::Send(send) => stored(&send.body),
        Action::Receipt(receipt) => {
            assert!((1..=limits::RECEIPTS_MAX).contains(&receipt.receipts.len()));
        }
        Action::Sync(sync) => assert!(sync.cursors.len() <= limits::CURSORS_MAX),
        Action::History(history) => assert!((1..=limits::HISTORY_MAX).contains(&history.limit)),
        Action::Inbox(inbox) => assert!((1..=limits::INBOX_MAX).contains(&inbox.limit)),
        Action::Presence(presence) => {
            assert!((1..=limits::PRESENCE_MAX).contains(&presence.users.len()));
        }
        Action::Hello
        | Action::Ping
        | Action::Open(_)
        | Action::Typing(_)
        | Action::Device(_)
        | Action::Settings(_) => {}
    }
    let again = written(frame).to_string();
    assert_eq!(
        ClientFrame::parse(&again).as_ref(),
        Ok(frame),
        "written as {again}"
    );
    assert_eq!(frame.about().reference, frame.reference);
}

/// A body that is accepted is a body that can be read again, for ever: an entry that cannot would end its conversation.
fn stored(body: &Body) {
    let json = body.to_json();
    assert!(json.len() <= limits::BODY_BYTES_MAX);
    assert_eq!(
        Body::from_stored(&json).as_ref(),
        Some(body),
        "stored as {json}"
    );
}

fn refused(text: &str, refused: RefusedFrame) {
    let RefusedFrame { about, refusal } = refused;
    let codes = [
        ErrorCode::BadRequest,
        ErrorCode::UnknownAction,
        ErrorCode::TooLarge,
    ];
    assert!(codes.contains(&refusal.code), "{refusal:?}");
    assert!(refusal.message.len() <= MESSAGE_BYTES_MAX && refusal.message.is_ascii());
    let Ok(Value::Object(object)) = serde_json::from_str(text) else {
        let rule = refusal.message;
        assert!(rule.starts_with("the frame is not"), "{rule}");
        return;
    };
    assert!(names_a_field(&refusal.message), "{refusal:?}");
    let reference = object.get("ref").and_then(Value::as_str);
    let reference = reference.and_then(|it| it.parse::<Reference>().ok());
    assert_eq!(about.reference, reference);
    let error = ServerFrame::from(about.error(refusal)).to_json();
    assert!(error.len() <= ERROR_BYTES_MAX, "{error}");
    let error: Value = serde_json::from_str(&error).expect("an error frame is JSON");
    assert_eq!(error["event"], "error");
    assert_eq!(
        error.get("ref").and_then(Value::as_str),
        reference.as_ref().map(Reference::as_str)
    );
}

fn names_a_field(message: &str) -> bool {
    let (field, rule) = message.split_once(' ').unwrap_or_default();
    let (field, part) = field
        .split_once('.')
        .map_or((field, None), |(field, part)| (field, Some(part)));
    let parts = match field {
        "body" => WITHIN_BODY,
        "receipts" => WITHIN_RECEIPTS,
        _ => &[],
    };
    !rule.is_empty() && FIELDS.contains(&field) && part.is_none_or(|part| parts.contains(&part))
}
