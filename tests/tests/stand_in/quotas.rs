//! The platform's quotas, and what happens at each.

use switchboard_local::apigw::Limits;

use crate::script::status;
use crate::stage::{Stage, routes};

/// Source: DG `apigateway-execution-service-websocket-limits-table`; DG `limits` for the account's throttle.
#[tokio::test]
async fn the_bounds_are_the_platform_s_quotas() {
    let limits = Limits::default();
    let found = [
        ("bytes of a frame", limits.frame_bytes_max as u64, 32 * 1024),
        (
            "bytes of a message",
            limits.message_bytes_max as u64,
            128 * 1024,
        ),
        ("idle", limits.idle_ms, 10 * 60 * 1000),
        ("a life", limits.life_ms, 2 * 60 * 60 * 1000),
        ("an integration", limits.integration_timeout_ms, 29 * 1000),
        ("connects a second", limits.connects_per_s, 500),
        ("requests a second", limits.requests_per_s, 10_000),
        ("requests at once", limits.requests_burst, 5_000),
    ];
    for (what, found, quota) in found {
        assert_eq!(found, quota, "{what}");
    }
}

/// Source: DG `apigateway-execution-service-websocket-limits-table`; DG `websocket-api-protect` for the status.
#[tokio::test]
async fn the_501st_handshake_of_a_second_is_429() {
    let stage = Stage::new().await;
    stage.script.fix("disconnect", status(200));
    for _ in 0..500 {
        stage.connect().await;
    }
    assert_eq!(stage.refused().await, 429);
    stage.clock.advance(2);
    stage.connect().await;
    assert_eq!(stage.refused().await, 429, "one more in 2 ms");
}

/// Source: DG `limits` (10,000 a second, 5,000 at once); DG `websocket-api-protect` (a token bucket). The frame's message was found nowhere.
#[tokio::test]
async fn the_5001st_request_at_once_is_refused_whether_frame_or_post() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    for _ in 0..5_000 {
        client.say(r#"{"action":"ping"}"#).await;
        assert_eq!(client.hear().await, r#"{"event":"pong"}"#);
    }
    client.say(r#"{"action":"ping"}"#).await;
    let refused = client.hear().await;
    assert!(
        refused.starts_with(r#"{"message": "Limit Exceeded", "connectionId":""#),
        "{refused}"
    );
    let response = stage.manage("POST", &client.id, "x").await;
    assert_eq!(response.status(), 429);
    assert_eq!(
        response.headers()["x-amzn-errortype"],
        "LimitExceededException"
    );
    // A millisecond's worth.
    stage.clock.advance(1);
    for _ in 0..10 {
        assert_eq!(stage.manage("GET", &client.id, "").await.status(), 200);
    }
    assert_eq!(stage.manage("GET", &client.id, "").await.status(), 429);
}

/// Source: DG `apigateway-execution-service-websocket-limits-table`; DG `websocket-api-protect` for the status.
#[tokio::test]
async fn handshakes_above_the_rate_are_429() {
    let stage = Stage::with(
        routes(),
        Limits {
            connects_per_s: 1,
            ..Limits::default()
        },
    )
    .await;
    let _client = stage.connect().await;
    assert_eq!(stage.refused().await, 429);
    stage.clock.advance(1000);
    let _another = stage.connect().await;
}

/// Source: DG `limits` (the account's throttle counts callbacks too). The error frame's message was found nowhere.
#[tokio::test]
async fn frames_and_posts_share_one_bucket() {
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

/// Source: `aws/api-models-aws`, `apigatewaymanagementapi-2018-11-29.json`, on `LimitExceededException`: also for a full buffer of the client's.
#[tokio::test]
async fn a_slow_reader_gets_429_and_costs_nobody_else() {
    let limits = Limits {
        requests_burst: 1_000_000,
        ..Limits::default()
    };
    let stage = Stage::with(routes(), limits).await;
    let (slow, mut quick) = (stage.connect().await, stage.connect().await);
    let text = "x".repeat(32 * 1024);
    let mut refused = None;
    // The bound is far above what the kernel buffers on the way.
    for _ in 0..10_000 {
        let response = stage.manage("POST", &slow.id, text.clone()).await;
        if response.status() != 200 {
            refused = Some(response);
            break;
        }
        tokio::task::yield_now().await;
    }
    let refused = refused.expect("the queue is bounded");
    assert_eq!(refused.status(), 429);
    assert_eq!(
        refused.headers()["x-amzn-errortype"],
        "LimitExceededException"
    );
    assert_eq!(stage.manage("POST", &quick.id, "hello").await.status(), 200);
    assert_eq!(quick.hear().await, "hello");
}
