//! `hello`: the welcome says who one is, how long one may stay, and what is going on.

use std::collections::BTreeSet;

use serde_json::json;
use switchboard_tests::Stage;

use crate::common::{ids, list, meet, member, open_key};

const MINUTE_MS: u64 = 60_000;

#[tokio::test]
async fn the_welcome_says_who_one_is_and_what_to_keep_to() {
    let stage = Stage::open().await;
    let mut bob = stage.provider("bob", "web").await;
    let connected_at = stage.host().site().clock.now_ms();
    stage.clock.advance(5_000);

    let welcome = bob.ask(json!({"action": "hello"})).await;

    assert_eq!(welcome["event"], "welcome");
    assert_eq!(welcome["user"], "bob");
    assert_eq!(welcome["role"], "provider");
    assert_eq!(welcome["now"], connected_at + 5_000);
    assert_eq!(welcome["expires_at"], connected_at + 86_400_000);
    assert_eq!(welcome["conversations"], json!([]));
    assert_eq!(welcome["more"], false);
    let limits = json!({"frame_bytes": 32_768, "text_chars": 8_000, "sends_per_10s": 20});
    assert_eq!(welcome["limits"], limits);
    stage.close().await;
}

#[tokio::test]
async fn clients_come_back_at_different_times_between_100_and_115_minutes() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let connected_at = stage.host().site().clock.now_ms();
    let mut times = BTreeSet::new();
    for _ in 0..20 {
        stage.clock.advance(1_000);
        let welcome = alice.ask(json!({"action": "hello"})).await;
        times.insert(welcome["reconnect_by"].as_u64().unwrap() - connected_at);
    }
    assert!(times.len() > 10, "{times:?}");
    for time in times {
        assert!(
            (100 * MINUTE_MS..=115 * MINUTE_MS).contains(&time),
            "{time}"
        );
    }
    stage.close().await;
}

#[tokio::test]
async fn nobody_is_told_to_come_back_after_the_token_expired() {
    let stage = Stage::open().await;
    let token = stage.token_for("alice", "customer", 3_600);
    let bearer = format!("Bearer {token}");
    let mut alice = stage
        .handshake("", &[("authorization", &bearer)])
        .await
        .unwrap();

    let welcome = alice.ask(json!({"action": "hello"})).await;

    let now = welcome["now"].as_u64().unwrap();
    assert_eq!(welcome["expires_at"], now + 3_600_000);
    assert_eq!(welcome["reconnect_by"], welcome["expires_at"]);
    stage.close().await;
}

#[tokio::test]
async fn the_welcome_carries_each_conversation_in_full() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, _) = meet(&stage).await;
    let frame = json!({"action": "open", "with": "bob", "key": "booking-7", "subject": "Saturday"});
    let opened = alice.ask(frame).await;
    let conversation = opened["conversation"].as_str().unwrap();
    stage.clock.advance(1_000);
    bob.send(conversation, 0, "hello").await;
    let entry = alice.hear_event("entry").await;

    let welcome = alice.ask(json!({"action": "hello"})).await;

    let newest = list(&welcome["conversations"]).swap_remove(0);
    let names: Vec<_> = newest
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "conversation",
        "key",
        "last",
        "last_at",
        "last_seq",
        "members",
        "subject",
        "unread",
    ];
    assert_eq!(names, expected);
    assert_eq!(newest["conversation"], conversation);
    assert_eq!(newest["key"], "booking-7");
    assert_eq!(newest["subject"], "Saturday");
    assert_eq!(newest["last"], entry);
    assert_eq!(newest["last_seq"], 1);
    assert_eq!(newest["last_at"], entry["ts"]);
    assert_eq!(newest["unread"], 1);
    let me = json!({"user": "alice", "role": "customer", "recv": 0, "read": 0, "muted_until": 0});
    assert_eq!(*member(&newest, "alice"), me);
    let other = json!({"user": "bob", "role": "provider", "recv": 0, "read": 0});
    assert_eq!(*member(&newest, "bob"), other);
    stage.close().await;
}

#[tokio::test]
async fn the_welcome_carries_the_newest_twenty_and_says_that_there_are_others() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let _bob = stage.provider("bob", "web").await;
    let mut newest_first = Vec::new();
    for number in 1..=20 {
        stage.clock.advance(1_000);
        newest_first.insert(0, open_key(&mut alice, "bob", &number.to_string()).await);
    }
    let twenty = alice.ask(json!({"action": "hello"})).await;
    assert_eq!(ids(&twenty["conversations"]), newest_first);
    assert_eq!(twenty["more"], false);

    stage.clock.advance(1_000);
    newest_first.insert(0, open_key(&mut alice, "bob", "21").await);

    let of_more = alice.ask(json!({"action": "hello"})).await;
    assert_eq!(ids(&of_more["conversations"]), newest_first[..20]);
    assert_eq!(of_more["more"], true);
    stage.close().await;
}
