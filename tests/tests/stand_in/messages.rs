//! Frames: their routes, their events, their answers.

use serde_json::json;
use switchboard_local::apigw::{Invocations, Limits};

use crate::script::{fails, says, status};
use crate::stage::{NOW, Stage, routes};

#[tokio::test]
async fn a_frame_becomes_an_event_and_its_reply_a_frame() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    stage.clock.advance(467);
    client.say(r#"{"action":"send","text":"é"}"#).await;
    let call = stage.asked("message").await;
    let context = &call.event["requestContext"];
    let (request_id, message_id) = (&context["requestId"], &context["messageId"]);
    assert_ne!(request_id, message_id);
    let expected = json!({
        "requestContext": {
            "routeKey": "send", "messageId": message_id, "eventType": "MESSAGE",
            "messageDirection": "IN", "extendedRequestId": request_id, "requestId": request_id,
            "requestTime": "16/Mar/2025:00:46:22 +0000", "requestTimeEpoch": NOW + 467,
            "connectedAt": NOW, "connectionId": client.id,
            "authorizer": {"principalId": "alice", "role": "customer", "exp": "7"},
            "identity": {"sourceIp": "127.0.0.1"},
            "domainName": "gateway.test", "stage": "local", "apiId": "api",
        },
        "body": r#"{"action":"send","text":"é"}"#,
        "isBase64Encoded": false,
    });
    assert_eq!(call.event, expected);
    call.answer(says(r#"{"event":"sent"}"#));
    assert_eq!(client.hear().await, r#"{"event":"sent"}"#);
}

#[tokio::test]
async fn frames_find_their_routes() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    let cases = [
        (r#"{"action":7}"#, "7"),
        (r#"{"action":"nobody"}"#, "$default"),
        (r#"{"action":"$connect"}"#, "$default"),
        (r#"["send"]"#, "$default"),
        ("not json", "$default"),
        ("", "$default"),
    ];
    for (frame, key) in cases {
        client.say(frame).await;
        let call = stage.asked("message").await;
        assert_eq!(call.event["requestContext"]["routeKey"], key, "{frame}");
        assert_eq!(call.event["body"], frame);
        call.answer(says(key));
        assert_eq!(client.hear().await, key);
    }
}

#[tokio::test]
async fn one_way_routes_and_empty_bodies_say_nothing() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say(r#"{"action":"typing"}"#).await;
    stage.asked("message").await.answer(says("discarded"));
    client.say(r#"{"action":"quiet"}"#).await;
    client.say(r#"{"action":"send"}"#).await;
    stage.asked("message").await.answer(status(200));
    client.say(r#"{"action":"send"}"#).await;
    stage.asked("message").await.answer(says(""));
    client.say(r#"{"action":"ping"}"#).await;
    assert_eq!(
        client.hear().await,
        r#"{"event":"pong"}"#,
        "a mock answers by itself"
    );
}

#[tokio::test]
async fn failures_are_told_on_both_kinds_of_routes() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    let failures = [
        fails("boom"),
        Ok("null".into()),
        Ok("{}".into()),
        Ok("\"x\"".into()),
    ];
    for action in ["send", "typing"] {
        for failure in failures.clone() {
            client.say(&json!({"action": action}).to_string()).await;
            let call = stage.asked("message").await;
            let request_id = call.event["requestContext"]["requestId"].clone();
            call.answer(failure);
            let expected = client.error_frame("Internal server error", &request_id);
            assert_eq!(client.hear().await, expected);
        }
    }
    client
        .say(r#"{"action":"send","text":"panic please"}"#)
        .await;
    assert!(
        client
            .hear()
            .await
            .starts_with(r#"{"message": "Internal server error", "#)
    );
    assert_eq!(stage.gateway.counts().error_frames, 9);
}

#[tokio::test]
async fn a_slow_function_times_out() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say(r#"{"action":"send"}"#).await;
    let call = stage.asked("message").await;
    stage.clock.advance(29_000);
    let request_id = &call.event["requestContext"]["requestId"];
    let expected = client.error_frame("Endpoint request timed out", request_id);
    assert_eq!(client.hear().await, expected);
    assert!(call.is_dropped());
}

#[tokio::test]
async fn without_a_default_route_frames_are_forbidden() {
    let mut routes = routes();
    routes.keys.remove("$default");
    let stage = Stage::with(routes, Limits::default()).await;
    let mut client = stage.connect().await;
    client.say("{}").await;
    let heard = client.hear().await;
    let start = format!(
        r#"{{"message": "Forbidden", "connectionId":"{}", "requestId":""#,
        client.id
    );
    assert!(heard.starts_with(&start), "{heard}");
    assert_eq!(heard.len(), start.len() + r#"Qyi3UG41tjMFlUg="}"#.len());
}

#[tokio::test]
async fn frames_above_the_quota_are_told_so() {
    let limits = Limits {
        requests_burst: 1,
        requests_per_s: 1,
        ..Limits::default()
    };
    let stage = Stage::with(routes(), limits).await;
    let mut client = stage.connect().await;
    for expected in [r#"{"event":"pong"}"#, r#"{"message": "Limit Exceeded", "#] {
        client.say(r#"{"action":"ping"}"#).await;
        assert!(client.hear().await.starts_with(expected));
    }
    assert_eq!(stage.manage("POST", &client.id, "x").await.status(), 429);
    stage.clock.advance(1000);
    assert_eq!(stage.manage("POST", &client.id, "x").await.status(), 200);
}

#[tokio::test]
async fn frames_of_a_connection_are_answered_in_any_order() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say("first").await;
    client.say("second").await;
    let (first, second) = (stage.asked("message").await, stage.asked("message").await);
    second.answer(says("second"));
    assert_eq!(client.hear().await, "second");
    first.answer(says("first"));
    assert_eq!(client.hear().await, "first");
}

#[tokio::test]
async fn in_serial_mode_a_frame_waits_for_the_one_before() {
    let limits = Limits {
        invocations: Invocations::Serial,
        ..Limits::default()
    };
    let mut stage = Stage::with(routes(), limits).await;
    let mut client = stage.connect().await;
    client.say("first").await;
    client.say(r#"{"action":"ping"}"#).await;
    let first = stage.asked("message").await;
    assert!(stage.is_quiet());
    first.answer(says("first"));
    assert_eq!(client.hear().await, "first");
    assert_eq!(client.hear().await, r#"{"event":"pong"}"#);
}

#[tokio::test]
async fn no_more_frames_are_read_than_may_be_in_flight() {
    let mut stage = Stage::with(
        routes(),
        Limits {
            in_flight_max: 2,
            ..Limits::default()
        },
    )
    .await;
    let mut client = stage.connect().await;
    for frame in ["1", "2", "3"] {
        client.say(frame).await;
    }
    let (first, second) = (stage.asked("message").await, stage.asked("message").await);
    assert!(stage.is_quiet());
    second.answer(says("2"));
    assert_eq!(client.hear().await, "2");
    stage.asked("message").await.answer(says("3"));
    assert_eq!(client.hear().await, "3");
    first.answer(says("1"));
    assert_eq!(client.hear().await, "1");
}
