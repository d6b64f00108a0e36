//! The clock: idle connections, old ones, and what counts as activity.

use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::stage::Stage;

const MINUTE: u64 = 60 * 1000;

/// Source: DG `apigateway-execution-service-websocket-limits-table`; the code and the reason: `dherault/serverless-offline`, `src/events/websocket`; what counts: <https://www.hotsock.io/docs/connections/keep-alive/>.
#[tokio::test]
async fn ten_idle_minutes_close_with_1001_going_away_and_pings_do_not_count() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    stage.clock.advance(9 * MINUTE);
    client
        .socket
        .send(Message::Ping("no activity".into()))
        .await
        .unwrap();
    assert!(client.next().await.unwrap().unwrap().is_pong());
    stage.clock.advance(MINUTE);
    assert_eq!(client.closed().await, (1001, "Going away".into()));
    assert_eq!(stage.disconnected().await, (1001, "Going away".into()));
}

/// Source: <https://www.hotsock.io/docs/connections/keep-alive/>.
#[tokio::test]
async fn frames_of_both_directions_are_activity() {
    let stage = Stage::new().await;
    let (mut talker, mut listener) = (stage.connect().await, stage.connect().await);
    for _ in 0..3 {
        stage.clock.advance(9 * MINUTE);
        talker.say(r#"{"action":"ping"}"#).await;
        assert_eq!(talker.hear().await, r#"{"event":"pong"}"#);
        assert_eq!(
            stage.manage("POST", &listener.id, "news").await.status(),
            200
        );
        assert_eq!(listener.hear().await, "news");
    }
    stage.clock.advance(10 * MINUTE);
    assert_eq!(talker.closed().await.0, 1001);
    assert_eq!(listener.closed().await.0, 1001);
}

/// Source: DG `apigateway-execution-service-websocket-limits-table`; the code and the reason: `dherault/serverless-offline`.
#[tokio::test]
async fn two_hours_close_with_1001_going_away_whatever_happens() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    for _ in 0..13 {
        stage.clock.advance(9 * MINUTE);
        client.say(r#"{"action":"ping"}"#).await;
        client.hear().await;
    }
    stage.clock.advance(3 * MINUTE);
    assert_eq!(client.closed().await, (1001, "Going away".into()));
}
