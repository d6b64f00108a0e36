#![no_main]
//! Goal: an event of any shape is read as what it says, or refused; nobody gets a session or a token that is not in it.
//! Method: any bytes, taken for an event of each of the three kinds. What is read is compared with the JSON itself, and
//! written again as the platform would, which must read as the same.

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use switchboard::auth::Identity;
use switchboard::protocol::Role;
use switchboard::{ConnectionId, Session};
use switchboard_handlers::aws::item::entry_of_stream;
use switchboard_handlers::event::{
    AuthorizerEvent, BatchFailures, Policy, StreamEvent, StreamRecord, WebSocketEvent,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = serde_json::from_slice::<AuthorizerEvent>(data) {
        authorizer(&event, data);
    }
    if let Ok(event) = serde_json::from_slice::<WebSocketEvent>(data) {
        websocket(&event);
    }
    if let Ok(event) = serde_json::from_slice::<StreamEvent>(data) {
        stream(&event);
    }
});

fn authorizer(event: &AuthorizerEvent, data: &[u8]) {
    if let Some(token) = event.token() {
        // serde reads a struct from an array too; the platform sends none.
        if let Ok(Value::Object(raw)) = serde_json::from_slice(data) {
            assert!(carries(&raw, token), "a token from nowhere: {token}");
        }
    }
    let Ok(device) = event.device() else {
        return;
    };
    let identity = Identity {
        user: "alice".parse().expect("a user"),
        role: Role::Customer,
        expires_at: u64::MAX,
    };
    let policy = Policy::allow(&identity, device.as_ref(), event.method_arn());
    let policy = serde_json::to_value(policy).expect("a policy is JSON");
    let mut context = policy["context"].clone();
    context["principalId"] = policy["principalId"].clone();
    let message = json!({"requestContext": {
        "routeKey": "hello", "connectionId": "c=", "connectedAt": 0, "authorizer": context,
    }});
    let expected = Session {
        user: identity.user,
        role: identity.role,
        device,
        connection: ConnectionId::new("c="),
        connected_at: 0,
        expires_at: identity.expires_at,
    };
    assert_eq!(session_of(message), expected);
}

/// Whether a header that may carry a token does.
fn carries(event: &Map<String, Value>, token: &str) -> bool {
    let headers = event.get("headers").and_then(Value::as_object);
    headers.into_iter().flatten().any(|(name, value)| {
        let may = ["authorization", "sec-websocket-protocol"];
        may.contains(&name.to_ascii_lowercase().as_str())
            && value.as_str().is_some_and(|value| value.contains(token))
    })
}

fn websocket(event: &WebSocketEvent) {
    let (_body, _offers) = (event.body(), event.offers_protocol());
    match event.session() {
        Ok(session) => {
            let mut context = json!({
                "principalId": session.user,
                "role": session.role,
                "expires_at": session.expires_at.to_string(),
            });
            if let Some(device) = &session.device {
                context["device"] = json!(device);
            }
            let again = json!({"requestContext": {
                "routeKey": event.route_key(),
                "connectionId": session.connection.as_str(),
                "connectedAt": session.connected_at,
                "authorizer": context,
            }});
            assert_eq!(session_of(again), session);
        }
        Err(missing) => {
            let missing = missing.to_string();
            let names = ["`principalId`", "`role`", "`expires_at`", "`device`"];
            assert!(names.iter().any(|name| missing.contains(name)), "{missing}");
        }
    }
}

fn session_of(event: Value) -> Session {
    let event: WebSocketEvent = serde_json::from_value(event).expect("the platform's own event");
    event.session().expect("a session that was let in")
}

fn stream(event: &StreamEvent) {
    let mut failures = BatchFailures::default();
    for record in &event.records {
        image(record);
        failures.add(record);
    }
    let failures = serde_json::to_value(&failures).expect("failures are JSON");
    let named = failures["batchItemFailures"].as_array().expect("a list");
    let named = named.iter().map(|it| it["itemIdentifier"].as_str());
    assert!(named.eq(event.records.iter().map(|it| Some(it.sequence_number()))));
}

/// What begins like an entry is one or is refused, never passed over: it would be delivered to nobody.
fn image(record: &StreamRecord) {
    let image = record.new_image();
    let sk = image.get("sk").and_then(Value::as_object);
    // DynamoDB writes one type for each attribute.
    let sk = sk
        .filter(|it| it.len() == 1)
        .and_then(|it| it.get("S")?.as_str());
    let is_entry = sk.is_some_and(|sk| sk.starts_with("E#"));
    match entry_of_stream(image) {
        Ok(Some(entry)) => {
            assert!(entry.to_wire().bytes() < usize::MAX);
            assert_eq!(entry_of_stream(image).ok().flatten(), Some(entry));
        }
        Ok(None) => assert!(!is_entry, "an entry was passed over"),
        Err(_) => {}
    }
}
