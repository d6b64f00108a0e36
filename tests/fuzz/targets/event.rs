#![no_main]
//! Goal: an event of any shape is read as what it says, or refused; nobody gets a session or a token that is not in it.
//! Method: any bytes, taken for an event of each kind. What is read is compared with the JSON itself, and
//! written again as the platform would, which must read as the same.

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use switchboard::auth::Identity;
use switchboard::protocol::Role;
use switchboard::{ConnectionId, Session};
use switchboard_handlers::aws::item::entry_of_stream;
use switchboard_handlers::event::{
    AuthorizerEvent, BatchFailures, Change, NotificationEvent, Outcome, Policy, ResourceEvent,
    StreamEvent, StreamRecord, WebSocketEvent,
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
    if let Ok(event) = serde_json::from_slice::<NotificationEvent>(data) {
        notification(&event);
    }
    if let Ok(event) = serde_json::from_slice::<ResourceEvent>(data) {
        resource(&event);
    }
});

/// Who is called dead has a name, and is called the same again.
fn notification(event: &NotificationEvent) {
    for dead in event.dead().flatten().flatten() {
        assert!(!dead.endpoint.is_empty());
        let message = json!({"EventType": "EndpointDeleted", "EndpointArn": dead.endpoint});
        let again = json!({"Records": [{"Sns": {"Message": message.to_string()}}]});
        let again: NotificationEvent = serde_json::from_value(again).expect("an event");
        let again = again.dead().next().and_then(Result::ok).flatten();
        assert_eq!(again.map(|it| it.endpoint), Some(dead.endpoint));
    }
}

/// Whatever is asked for can be answered within what CloudFormation takes, and the box's address is not shown.
fn resource(event: &ResourceEvent) {
    let (outcome, id) = match event.change() {
        Ok(Change::Update(id, _) | Change::Delete(id)) => (Outcome::Done(id.clone()), Some(id)),
        Ok(Change::Create(wanted)) => {
            assert!(!wanted.name.is_empty() && !wanted.secret_arn.is_empty());
            assert!(wanted.success_sample_rate.unwrap_or(0) <= 100);
            (
                Outcome::Done("arn:new".to_owned()),
                Some("arn:new".to_owned()),
            )
        }
        Err(invalid) => (Outcome::Failed(invalid.to_string()), None),
    };
    let answer = serde_json::to_value(event.answer(&outcome)).expect("an answer is JSON");
    let physical_id = answer["PhysicalResourceId"].as_str().expect("an id");
    assert!(!physical_id.is_empty());
    assert!(id.is_none_or(|id| id == physical_id));
    assert_eq!(answer["Status"] == "FAILED", answer["Reason"].is_string());
    let url = event.response_url();
    // A URL of a few letters may stand in any text.
    assert!(url.len() < 64 || !format!("{event:?}").contains(url));
}

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
    let (_at, _ending) = (event.requested_at(), event.ending());
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
