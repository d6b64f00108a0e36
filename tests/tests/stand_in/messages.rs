//! Frames: their routes, their events, their answers.

use serde_json::json;
use switchboard_local::apigw::{Invocations, Limits};

use crate::script::{fails, says, status};
use crate::stage::{Stage, routes};

/// Source: DG `websocket-api-develop-routes`.
#[tokio::test]
async fn selection_is_exact_and_stringified_and_what_is_missing_goes_to_default() {
    let mut routes = routes();
    for key in ["true", r#"{"a": 1}"#, "null"] {
        let route = routes.keys["send"].clone();
        routes.keys.insert(key.to_owned(), route);
    }
    let mut stage = Stage::with(routes, Limits::default()).await;
    let mut client = stage.connect().await;
    let cases = [
        (r#"{"action":"send"}"#, "send"),
        (r#"{"action":"Send"}"#, "$default"),
        (r#"{"action":7}"#, "7"),
        (r#"{"action":7.0}"#, "$default"),
        (r#"{"action":true}"#, "true"),
        (r#"{"action":{"a": 1}}"#, r#"{"a": 1}"#),
        (r#"{"action":null}"#, "$default"),
        ("{}", "$default"),
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

/// Source: DG `apigateway-websocket-api-route-response`; for the statuses transcripts of a real API; DG `apigateway-websocket-api-integration-requests` for mocks. That an empty body is no frame was found nowhere.
#[tokio::test]
async fn one_way_routes_discard_what_the_function_says() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say(r#"{"action":"typing"}"#).await;
    stage.asked("message").await.answer(says("discarded"));
    for code in [200, 201, 301, 400, 401, 500, 501] {
        client.say(r#"{"action":"typing"}"#).await;
        stage.asked("message").await.answer(status(code));
    }
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

/// Source: transcripts of a real API with exceptions on a one-way `$default`; the frame's bytes: several public READMEs and issues with verbatim frames.
#[tokio::test]
async fn failures_are_internal_server_error_frames_on_both_kinds_of_routes() {
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

/// Source: DG `apigateway-execution-service-websocket-limits-table`; the frame: Kludex/mangum#128.
#[tokio::test]
async fn after_29_s_a_frame_is_told_endpoint_request_timed_out() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say(r#"{"action":"send"}"#).await;
    let call = stage.asked("message").await;
    stage.clock.advance(28_999);
    assert!(!call.is_dropped());
    stage.clock.advance(1);
    let request_id = &call.event["requestContext"]["requestId"];
    let expected = client.error_frame("Endpoint request timed out", request_id);
    assert_eq!(client.hear().await, expected);
    assert!(call.is_dropped());
}

/// Source: aws-samples/simple-websockets-chat-app#24 and several READMEs with verbatim frames.
#[tokio::test]
async fn a_frame_without_a_route_is_told_forbidden() {
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

/// Source: <https://serverlessland.com/patterns/apigw-websocket-sqs-lambda>, which exists because nothing else keeps an order.
#[tokio::test]
async fn frames_of_a_connection_run_at_once_and_are_answered_in_any_order() {
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

/// Source: none; it is a switch. Some emulators run frames like this.
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

/// Source: none; a bound of the stand-in's own.
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

/// Source: transcripts and READMEs with verbatim frames, after which the same socket goes on; Kludex/mangum#128 for the timeout.
#[tokio::test]
async fn the_connection_survives_every_error_frame() {
    let mut routes = routes();
    routes.keys.remove("$default");
    let mut stage = Stage::with(routes, Limits::default()).await;
    let mut client = stage.connect().await;
    client.say("no route").await;
    assert!(client.hear().await.contains("Forbidden"));
    client.say(r#"{"action":"send"}"#).await;
    stage.asked("message").await.answer(fails("boom"));
    assert!(client.hear().await.contains("Internal server error"));
    client.say(r#"{"action":"typing"}"#).await;
    let call = stage.asked("message").await;
    stage.clock.advance(29_000);
    let told = client.hear().await;
    assert!(
        told.contains("Endpoint request timed out"),
        "on a one-way route too: {told}"
    );
    assert!(call.is_dropped());
    client.say(r#"{"action":"send"}"#).await;
    stage.asked("message").await.answer(says("well"));
    assert_eq!(client.hear().await, "well");
    assert_eq!(stage.gateway.counts().closes, [].into());
}
