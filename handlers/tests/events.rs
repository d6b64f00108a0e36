//! What API Gateway asks, as it was recorded, and what it is answered.
//!
//! The events have the shape of captured ones; their ids are made up.
#![cfg(test)]

use serde_json::{Value, json};
use switchboard::ConnectionId;
use switchboard::auth::Identity;
use switchboard::protocol::Role;
use switchboard::session::Ending;
use switchboard_handlers::event::{
    AuthorizerEvent, BatchFailures, Policy, Response, StreamEvent, WebSocketEvent,
};

const AUTHORIZE: &str = include_str!("events/authorize.json");
const CONNECT: &str = include_str!("events/connect.json");
const DISCONNECT: &str = include_str!("events/disconnect.json");
const MESSAGE: &str = include_str!("events/message.json");
const STREAM: &str = include_str!("events/stream.json");

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn websocket(event: Value) -> WebSocketEvent {
    serde_json::from_value(event).unwrap()
}

/// The recorded handshake with other headers and another query.
fn handshake(headers: Value, query: Value) -> AuthorizerEvent {
    let mut event = json_of(AUTHORIZE);
    event["headers"] = headers;
    event["queryStringParameters"] = query;
    serde_json::from_value(event).unwrap()
}

#[test]
fn every_event_of_a_connection_says_who_it_is() {
    for (text, route, device) in [
        (CONNECT, "$connect", Some("phone-1")),
        (MESSAGE, "hello", Some("phone-1")),
        (DISCONNECT, "$disconnect", None),
    ] {
        let event = websocket(json_of(text));
        assert_eq!(event.route_key(), route);
        let session = event.session().unwrap();
        assert_eq!(session.user.as_str(), "alice");
        assert_eq!(session.role, Role::Customer);
        assert_eq!(session.device, device.map(|name| name.parse().unwrap()));
        assert_eq!(session.connection, ConnectionId::new("Rq1ABeXaoAMCJKw="));
        assert_eq!(session.connected_at, 1_795_377_599_990);
        assert_eq!(session.expires_at, 1_795_381_200_000);
    }
}

#[test]
fn a_message_has_a_body_or_an_empty_one() {
    let event = websocket(json_of(MESSAGE));
    assert_eq!(event.body(), r#"{"action":"hello","ref":"1"}"#);
    let mut empty = json_of(MESSAGE);
    empty["body"] = Value::Null;
    assert_eq!(websocket(empty.clone()).body(), "");
    empty.as_object_mut().unwrap().remove("body");
    assert_eq!(websocket(empty).body(), "");
}

#[test]
fn an_event_without_its_authorizer_is_nobodys() {
    for name in ["principalId", "role", "expires_at"] {
        let mut event = json_of(MESSAGE);
        let context = event["requestContext"]["authorizer"].as_object_mut();
        context.unwrap().remove(name);
        let error = websocket(event).session().unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    for (name, wrong) in [
        ("principalId", json!("a#b")),
        ("role", json!("admin")),
        ("role", json!(null)),
        ("expires_at", json!("soon")),
        ("device", json!("a b")),
    ] {
        let mut event = json_of(MESSAGE);
        event["requestContext"]["authorizer"][name] = wrong;
        let error = websocket(event).session().unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let mut event = json_of(MESSAGE);
    let context = event["requestContext"].as_object_mut().unwrap();
    context.remove("authorizer");
    assert!(websocket(event).session().is_err());
}

#[test]
fn an_emulator_may_keep_numbers_in_the_context() {
    let mut event = json_of(MESSAGE);
    event["requestContext"]["authorizer"]["expires_at"] = json!(1_795_381_200_000_u64);
    let session = websocket(event).session().unwrap();
    assert_eq!(session.expires_at, 1_795_381_200_000);
}

#[test]
fn how_a_connection_ended_is_said_by_code_and_reason() {
    let ending = |code: Value, reason: &str| {
        let mut event = json_of(DISCONNECT);
        event["requestContext"]["disconnectStatusCode"] = code;
        event["requestContext"]["disconnectReason"] = json!(reason);
        websocket(event).ending()
    };
    for (code, reason, expected) in [
        (1000, "", Ending::Client),
        (1000, "bye", Ending::Client),
        (1000, "Connection Closed Normally", Ending::Server),
        (1001, "", Ending::Client),
        (1001, "Going away", Ending::GoingAway),
        (1003, "Binary frames are not supported", Ending::Limit),
        (
            1005,
            "Client-side close frame status not set",
            Ending::Client,
        ),
        (1006, "", Ending::Lost),
        (1009, "Message too long", Ending::Limit),
        (4001, "the app's own", Ending::Client),
        (1007, "Invalid UTF-8", Ending::Other),
        (1011, "", Ending::Other),
    ] {
        assert_eq!(ending(json!(code), reason), expected, "{code} {reason}");
    }
    for strange in [
        json!(null),
        json!("1006"),
        json!(-1),
        json!(1006.5),
        json!({}),
    ] {
        assert_eq!(ending(strange, ""), Ending::Other);
    }
    let mut event = json_of(DISCONNECT);
    let context = event["requestContext"].as_object_mut().unwrap();
    context.remove("disconnectStatusCode");
    context.remove("disconnectReason");
    assert_eq!(websocket(event).ending(), Ending::Other);
}

#[test]
fn when_a_frame_came_in_is_known_or_not_and_no_frame_is_refused_for_it() {
    let requested_at = |at: Value| {
        let mut event = json_of(MESSAGE);
        event["requestContext"]["requestTimeEpoch"] = at;
        let event = websocket(event);
        event.session().unwrap();
        event.requested_at()
    };
    assert_eq!(
        requested_at(json!(1_795_000_000_000_u64)),
        Some(1_795_000_000_000)
    );
    for strange in [json!(null), json!("now"), json!(-1), json!([])] {
        assert_eq!(requested_at(strange), None);
    }
}

#[test]
fn our_subprotocol_is_recognised_among_others_and_in_any_case_of_the_header() {
    assert!(websocket(json_of(CONNECT)).offers_protocol());
    assert!(!websocket(json_of(MESSAGE)).offers_protocol());
    let offers = |name: &str, offered: &str| {
        let mut event = json_of(CONNECT);
        event["headers"] = json!({ name: offered });
        websocket(event).offers_protocol()
    };
    assert!(offers("sec-websocket-protocol", "bearer.x,switchboard.v1"));
    assert!(offers("SEC-WEBSOCKET-PROTOCOL", " switchboard.v1 "));
    assert!(!offers(
        "sec-websocket-protocol",
        "bearer.x, switchboard.v2"
    ));
    assert!(!offers("origin", "switchboard.v1"));
}

#[test]
fn the_token_is_in_a_header_or_among_the_subprotocols() {
    let recorded: AuthorizerEvent = serde_json::from_str(AUTHORIZE).unwrap();
    assert_eq!(recorded.token(), Some("header.jwt.signature"));
    for (headers, token) in [
        (json!({ "Authorization": "Bearer a.b.c" }), Some("a.b.c")),
        (json!({ "authorization": "bearer a.b.c" }), Some("a.b.c")),
        (json!({ "AUTHORIZATION": " BEARER  a.b.c " }), Some("a.b.c")),
        (
            json!({ "Sec-WebSocket-Protocol": "switchboard.v1, bearer.a.b.c" }),
            Some("a.b.c"),
        ),
        (
            json!({ "sec-websocket-protocol": "bearer.a.b.c,switchboard.v1" }),
            Some("a.b.c"),
        ),
        (
            json!({ "authorization": "Basic eDp5", "sec-websocket-protocol": "bearer.a.b.c" }),
            Some("a.b.c"),
        ),
        (json!({}), None),
        (json!({ "Authorization": "" }), None),
        (json!({ "Authorization": "Bearer" }), None),
        (json!({ "Authorization": "a.b.c" }), None),
        (json!({ "Authorization": "Basic eDp5" }), None),
        (json!({ "Sec-WebSocket-Protocol": "switchboard.v1" }), None),
        (json!({ "Sec-WebSocket-Protocol": "a.b.c" }), None),
        (
            json!({ "Cookie": "token=a.b.c", "X-Token": "Bearer a.b.c" }),
            None,
        ),
    ] {
        let event = handshake(headers.clone(), json!({}));
        assert_eq!(event.token(), token, "{headers}");
    }
}

#[test]
fn a_token_in_the_url_is_none() {
    for name in [
        "token",
        "access_token",
        "Authorization",
        "authorization",
        "bearer",
    ] {
        let event = handshake(json!({}), json!({ name: "Bearer a.b.c" }));
        assert_eq!(event.token(), None, "{name}");
    }
}

#[test]
fn a_device_is_optional_and_checked() {
    for query in [json!({}), json!(null), json!({ "v": "1" })] {
        assert_eq!(handshake(json!({}), query).device(), Ok(None));
    }
    let longest = "a".repeat(64);
    for name in ["p", "Phone_1.x-y", longest.as_str()] {
        let named = handshake(json!({}), json!({ "device": name })).device();
        assert_eq!(named, Ok(Some(name.parse().unwrap())));
    }
    let longer = "a".repeat(65);
    for name in ["", "a b", "a/b", "a#b", "é", longer.as_str()] {
        let named = handshake(json!({}), json!({ "device": name })).device();
        assert!(named.is_err(), "{name}");
    }
}

#[test]
fn whoever_is_let_in_leaves_a_flat_context_of_texts() {
    let identity = Identity {
        user: "alice".parse().unwrap(),
        role: Role::Customer,
        expires_at: 1_795_381_200_000,
    };
    let device = "phone-1".parse().unwrap();
    let event: AuthorizerEvent = serde_json::from_str(AUTHORIZE).unwrap();
    let policy = Policy::allow(&identity, Some(&device), event.method_arn());
    let policy = serde_json::to_value(policy).unwrap();
    let statement = json!({
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:us-east-1:123456789012:abcdef123/default/$connect",
    });
    let expected = json!({
        "principalId": "alice",
        "policyDocument": { "Version": "2012-10-17", "Statement": [statement] },
        "context": { "role": "customer", "expires_at": "1795381200000", "device": "phone-1" },
    });
    assert_eq!(policy, expected);

    // What was left with the connection is what later events bring.
    let mut message = json_of(MESSAGE);
    let mut context = policy["context"].clone();
    context["principalId"] = policy["principalId"].clone();
    message["requestContext"]["authorizer"] = context;
    let session = websocket(message).session().unwrap();
    assert_eq!((session.user, session.role), (identity.user, identity.role));
    assert_eq!(
        (session.device, session.expires_at),
        (Some(device), identity.expires_at)
    );
}

#[test]
fn whoever_is_not_let_in_leaves_nothing() {
    let policy = serde_json::to_value(Policy::deny("arn:x/$connect")).unwrap();
    assert_eq!(policy["policyDocument"]["Statement"][0]["Effect"], "Deny");
    assert_eq!(
        policy["policyDocument"]["Statement"][0]["Resource"],
        "arn:x/$connect"
    );
    assert_eq!(policy["context"], json!({}));
}

#[test]
fn an_answer_has_what_the_platform_needs_and_no_more() {
    let frame = Some(r#"{"event":"pong"}"#.to_owned());
    let protocol = json!({ "Sec-WebSocket-Protocol": "switchboard.v1" });
    for (response, expected) in [
        (Response::ok(), json!({ "statusCode": 200 })),
        (Response::status(403), json!({ "statusCode": 403 })),
        (Response::frame(None), json!({ "statusCode": 200 })),
        (
            Response::frame(frame),
            json!({ "statusCode": 200, "body": "{\"event\":\"pong\"}" }),
        ),
        (
            Response::ok().speaking_switchboard(),
            json!({ "statusCode": 200, "headers": protocol }),
        ),
    ] {
        assert_eq!(serde_json::to_value(response).unwrap(), expected);
    }
}

#[test]
fn the_records_that_failed_are_named_by_their_numbers() {
    let batch: StreamEvent = serde_json::from_str(STREAM).unwrap();
    let mut failures = BatchFailures::default();
    let none = serde_json::to_value(&failures).unwrap();
    assert_eq!(none, json!({ "batchItemFailures": [] }));
    failures.add(&batch.records[0]);
    failures.add(&batch.records[2]);
    let expected = json!({ "batchItemFailures": [
        { "itemIdentifier": "4421584500000000017450439091" },
        { "itemIdentifier": "4421584500000000017450439093" },
    ] });
    assert_eq!(serde_json::to_value(&failures).unwrap(), expected);
}
