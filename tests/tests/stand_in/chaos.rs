//! The switches for the platform's bad days.

use switchboard_local::apigw::Disconnects;

use crate::stage::Stage;

const MINUTE: u64 = 60 * 1000;

/// Source: DG `apigateway-websocket-api-route-keys-connect-disconnect`: `$disconnect` is best effort.
#[tokio::test]
async fn disconnects_can_be_lost() {
    let mut stage = Stage::new().await;
    stage.gateway.chaos().set_disconnects(Disconnects::Lost);
    let mut lost = stage.connect().await;
    stage.manage("DELETE", &lost.id, "").await;
    assert_eq!(lost.closed().await, (1000, String::new()));
    stage.gateway.chaos().set_disconnects(Disconnects::Once);
    let told = stage.connect().await;
    let id = told.id.clone();
    drop(told);
    let call = stage.asked("disconnect").await;
    assert_eq!(
        call.event["requestContext"]["connectionId"], id,
        "the first was told"
    );
}

/// Source: none; what is best effort is made idempotent, and a double is what shows it.
#[tokio::test]
async fn disconnects_can_come_twice() {
    let mut stage = Stage::new().await;
    stage.gateway.chaos().set_disconnects(Disconnects::Twice);
    let mut client = stage.connect().await;
    client.socket.close(None).await.unwrap();
    let first = stage.disconnected().await;
    assert_eq!(first.0, 1005);
    assert_eq!(stage.disconnected().await, first);
    stage.gateway.shutdown().await;
    assert!(stage.is_quiet(), "and no third time");
}

/// Source: <https://medium.com/@lancers/websocket-api-what-does-it-mean-that-disconnect-is-a-best-effort-event-317b7021456f>: up to the idle timeout after a loss.
#[tokio::test]
async fn disconnects_can_be_ten_minutes_late_and_come_after_the_next_connection() {
    let mut stage = Stage::new().await;
    stage
        .gateway
        .chaos()
        .set_disconnects(Disconnects::Late(10 * MINUTE));
    let mut old = stage.connect().await;
    stage.manage("DELETE", &old.id, "").await;
    old.closed().await;
    let mut new = stage.connect().await;
    stage.clock.advance(10 * MINUTE - 1);
    // Whoever was woken has run when the answer is here.
    new.say(r#"{"action":"ping"}"#).await;
    assert_eq!(new.hear().await, r#"{"event":"pong"}"#);
    assert_eq!(stage.manage("POST", &old.id, "x").await.status(), 410);
    assert!(stage.is_quiet(), "it is not told before its time");
    stage.clock.advance(1);
    let call = stage.asked("disconnect").await;
    assert_eq!(call.event["requestContext"]["connectionId"], old.id);
    assert_ne!(new.id, old.id);
}

/// Source: <https://medium.com/@lancers/websocket-api-what-does-it-mean-that-disconnect-is-a-best-effort-event-317b7021456f>: maintenance closes. The code was found nowhere for it, and is that of the other closes of the platform's.
#[tokio::test]
async fn a_connection_can_be_closed_with_1001_at_any_moment() {
    let mut stage = Stage::new().await;
    let (mut client, mut other) = (stage.connect().await, stage.connect().await);
    assert!(stage.gateway.chaos().go_away(&client.id));
    assert_eq!(client.closed().await, (1001, "Going away".into()));
    assert_eq!(stage.disconnected().await, (1001, "Going away".into()));
    assert_eq!(stage.manage("POST", &client.id, "x").await.status(), 410);
    assert!(!stage.gateway.chaos().go_away(&client.id), "it is gone");
    other.say(r#"{"action":"ping"}"#).await;
    assert_eq!(other.hear().await, r#"{"event":"pong"}"#, "nobody else is");
}

/// Source: none; what a TCP half-open peer looks like from the platform: a 200 says that the edge took the post.
#[tokio::test]
async fn a_half_open_peer_hears_nothing_and_posts_succeed() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    assert!(stage.gateway.chaos().half_open(&client.id));
    assert_eq!(
        stage.manage("POST", &client.id, "unheard").await.status(),
        200
    );
    client.say(r#"{"action":"ping"}"#).await;
    stage.manage("DELETE", &client.id, "").await;
    assert!(
        !matches!(client.next().await, Some(Ok(_))),
        "the socket just ends"
    );
}
