//! Tables that never answer. On paused time, so that the SDK's own patience costs nothing.

use std::time::Duration;

use serde_json::json;
use switchboard::protocol::Role;
use switchboard_tests::{Bare, ulid};
use tokio::time::Instant;

use crate::cast::text;

#[tokio::test(start_paused = true)]
async fn a_table_that_never_answers_is_unavailable_within_two_seconds_for_each_step() {
    let bare = Bare::open();
    let alice = bare.session("alice", Role::Customer, "phone");
    bare.connect(&alice).await;
    bare.connect(&bare.session("bob", Role::Provider, "web"))
        .await;
    let opened = bare
        .ask(&alice, json!({"action": "open", "with": "bob"}))
        .await;
    let conversation = opened["conversation"].as_str().unwrap();
    let frame = text(conversation, &ulid(), 0, "hello");
    for (operation, steps) in [("Query", 1), ("PutItem", 2)] {
        let gate = bare.wire.gate(Some(operation), "\"chat\"");
        let before = Instant::now();
        let answer = bare.ask(&alice, frame.clone()).await;
        assert_eq!(answer["code"], "unavailable", "{answer}");
        assert!(before.elapsed() <= Duration::from_secs(2 * steps));
        gate.open();
    }
    let sent = bare.ask(&alice, frame).await;
    assert_eq!(sent["seq"], 1, "{sent}");
    assert_eq!(sent["duplicate"], false);
}

#[tokio::test(start_paused = true)]
async fn connections_that_cannot_be_read_in_time_hold_up_a_send_and_do_not_fail_it() {
    let bare = Bare::open();
    let alice = bare.session("alice", Role::Customer, "phone");
    bare.connect(&alice).await;
    bare.connect(&bare.session("bob", Role::Provider, "web"))
        .await;
    let opened = bare
        .ask(&alice, json!({"action": "open", "with": "bob"}))
        .await;
    let conversation = opened["conversation"].as_str().unwrap();
    let _closed = bare.wire.gate(Some("Query"), "\"connections\"");
    let before = Instant::now();
    let sent = bare
        .ask(&alice, text(conversation, &ulid(), 0, "hello"))
        .await;
    assert_eq!(sent["seq"], 1, "{sent}");
    assert!(before.elapsed() <= Duration::from_secs(4));
}
