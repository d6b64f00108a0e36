//! The frames that are refused, and the ones next to them that are not.
//!
//! Every frame is a golden one with one thing changed, so that nothing but that thing can be the reason. A refusal
//! must carry the code of the contract and name the field.
#![cfg(test)]

mod fields;
mod limits;

use std::path::PathBuf;

use serde_json::{Value, json};
use switchboard_protocol::{Action, ClientFrame, ErrorCode, RefusedFrame, ServerFrame};

/// A golden frame of a client.
fn golden(name: &str) -> Value {
    let file = format!("{name}.json");
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "golden", "client", &file]
        .iter()
        .collect();
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The frame with another value at a place such as `/body/text`.
fn with(mut frame: Value, place: &str, value: impl Into<Value>) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = frame.pointer_mut(parent).unwrap();
    if let Some(map) = parent.as_object_mut() {
        map.insert(name.to_owned(), value.into());
    } else {
        parent[name.parse::<usize>().unwrap()] = value.into();
    }
    frame
}

/// The frame without the field at that place.
fn without(mut frame: Value, place: &str) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let map = frame.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    map.remove(name).unwrap();
    frame
}

#[track_caller]
fn accepted(frame: &Value) -> ClientFrame {
    ClientFrame::parse(&frame.to_string()).unwrap_or_else(|refused| panic!("{refused:?}"))
}

#[track_caller]
fn refused(text: &str, code: ErrorCode, word: &str) -> RefusedFrame {
    match ClientFrame::parse(text) {
        Ok(frame) => panic!("accepted, though of bad {word}: {frame:?}"),
        Err(refused) => {
            let message = &refused.refusal.message;
            assert_eq!(refused.refusal.code, code, "{word}: {message}");
            assert!(message.contains(word), "'{message}' must name '{word}'");
            refused
        }
    }
}

#[track_caller]
fn bad(frame: &Value, word: &str) {
    refused(&frame.to_string(), ErrorCode::BadRequest, word);
}

#[test]
fn what_is_not_json_is_refused() {
    let half = r#"{"action":"hello""#;
    let twice = r#"{"action":"hello"}{"action":"hello"}"#;
    let huge = r#"{"action":"send","after":1e999}"#;
    let lone_surrogate = r#"{"action":"hello","ref":"\ud800"}"#;
    for text in [
        "",
        " ",
        "hello",
        half,
        twice,
        huge,
        lone_surrogate,
        "\u{feff}{}",
        "{'a':1}",
    ] {
        refused(text, ErrorCode::BadRequest, "JSON");
    }
}

#[test]
fn what_is_not_an_object_is_refused() {
    for text in [
        "null",
        "true",
        "7",
        "\"hello\"",
        "[]",
        r#"[{"action":"hello"}]"#,
    ] {
        refused(text, ErrorCode::BadRequest, "object");
    }
}

#[test]
fn deep_nesting_is_refused_and_harmless() {
    for depth in [200, 10_000] {
        let nested = "[".repeat(depth) + &"]".repeat(depth);
        refused(&nested, ErrorCode::BadRequest, "JSON");
        refused(&"[".repeat(depth), ErrorCode::BadRequest, "JSON");
        let objects = r#"{"a":"#.repeat(depth);
        refused(&objects, ErrorCode::BadRequest, "JSON");
    }
    let mut data = json!({});
    for _ in 0..100 {
        data = json!({ "a": data });
    }
    accepted(&with(golden("send.custom"), "/body/data", data));
}

#[test]
fn an_unknown_action_is_refused_by_its_own_code() {
    let longest = "x".repeat(30_000);
    for name in [
        "",
        "Hello",
        "hello ",
        "$connect",
        "$default",
        "welcome",
        longest.as_str(),
    ] {
        let frame = json!({ "action": name });
        refused(&frame.to_string(), ErrorCode::UnknownAction, "action");
    }
}

#[test]
fn unknown_fields_are_ignored() {
    for name in [
        "send.text",
        "receipt",
        "history.after",
        "device.remove",
        "hello",
    ] {
        let plain = accepted(&golden(name));
        let frame = with(golden(name), "/from", "mallory");
        let frame = with(frame, "/seq", -1);
        let frame = with(frame, "/ts", json!({ "a": [null] }));
        assert_eq!(accepted(&frame), plain, "{name}");
    }
    let plain = accepted(&golden("send.text"));
    let frame = with(golden("send.text"), "/body/of", "no seq");
    assert_eq!(accepted(&frame), plain, "a field of another kind of body");
}

#[test]
fn of_a_field_that_stands_twice_the_last_counts() {
    let frame = ClientFrame::parse(r#"{"action":"ping","action":"hello"}"#).unwrap();
    assert_eq!(frame.action, Action::Hello);
}

/// What the client is told, as JSON.
fn told(refused: RefusedFrame) -> Value {
    let error = refused.about.error(refused.refusal);
    serde_json::from_str(&ServerFrame::from(error).to_json()).unwrap()
}

#[test]
fn a_refusal_tells_what_it_is_about() {
    let frame = with(golden("send.text"), "/body/text", "");
    let error = told(refused(
        &frame.to_string(),
        ErrorCode::BadRequest,
        "body.text",
    ));
    let expected = json!({
        "event": "error",
        "ref": "7",
        "code": "bad_request",
        "message": "body.text must not be empty",
        "retry": false,
        "id": frame["id"],
        "conversation": frame["conversation"],
    });
    assert_eq!(error, expected);
}

#[test]
fn a_refusal_of_an_unknown_action_echoes_too() {
    let frame = with(golden("send.text"), "/action", "post");
    let error = told(refused(
        &frame.to_string(),
        ErrorCode::UnknownAction,
        "action",
    ));
    for field in ["ref", "id", "conversation"] {
        assert_eq!(error[field], frame[field], "{field}");
    }
}

#[test]
fn a_refusal_echoes_nothing_malformed() {
    let frame = with(golden("send.text"), "/conversation", "<script>");
    let frame = with(frame, "/id", 7);
    let error = told(refused(
        &frame.to_string(),
        ErrorCode::BadRequest,
        "conversation",
    ));
    assert_eq!(error["ref"], "7");
    assert_eq!((error.get("id"), error.get("conversation")), (None, None));

    let frame = with(golden("send.text"), "/ref", "r".repeat(65));
    let error = told(refused(&frame.to_string(), ErrorCode::BadRequest, "ref"));
    assert_eq!(error.get("ref"), None);
}
