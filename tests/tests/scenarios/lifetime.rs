//! How long a connection lives: ten minutes in silence, two hours at most.

use serde_json::json;
use switchboard_tests::Stage;

const MINUTE_MS: u64 = 60_000;

#[tokio::test]
async fn a_connection_that_is_silent_for_ten_minutes_is_closed() {
    let stage = Stage::open().await;
    let mut silent = stage.customer("alice", "phone").await;
    let mut pinging = stage.customer("alice", "tablet").await;
    silent.hears_nothing_more().await;

    stage.clock.advance(9 * MINUTE_MS);
    pinging.hears_nothing_more().await;
    stage.clock.advance(MINUTE_MS);

    assert_eq!(silent.closed().await.0, 1001);
    pinging.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn a_connection_is_closed_after_two_hours_however_busy() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    for _ in 0..13 {
        alice.hears_nothing_more().await;
        stage.clock.advance(9 * MINUTE_MS);
    }
    alice.hears_nothing_more().await;
    stage.clock.advance(3 * MINUTE_MS - 1);
    alice.hears_nothing_more().await;

    stage.clock.advance(1);

    assert_eq!(alice.closed().await.0, 1001);
    stage.close().await;
}

#[tokio::test]
async fn whoever_opens_another_connection_in_time_misses_nothing() {
    let stage = Stage::open().await;
    let mut old = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;
    let conversation = old.open("bob").await;
    let welcome = old.ask(json!({"action": "hello"})).await;
    let reconnect_in = welcome["reconnect_by"].as_u64().unwrap() - welcome["now"].as_u64().unwrap();
    for _ in 0..reconnect_in / (9 * MINUTE_MS) {
        stage.clock.advance(9 * MINUTE_MS);
        old.hears_nothing_more().await;
        bob.say(json!({"action": "ping"})).await;
        bob.hear_event("pong").await;
    }

    // The new one under a name of its own, so that the two overlap.
    let mut new = stage.customer("alice", "phone-2").await;
    bob.send(&conversation, 0, "in between").await;

    for device in [&mut old, &mut new] {
        assert_eq!(device.hear_event("entry").await["seq"], 1);
    }
    old.leave().await;
    bob.send(&conversation, 1, "afterwards").await;
    assert_eq!(new.hear_event("entry").await["seq"], 2);
    stage.close().await;
}
