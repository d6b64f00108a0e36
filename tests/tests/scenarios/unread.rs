//! `unread`: the other's texts and attachments above one's own `read`, up to 99, whatever was edited or deleted.

use serde_json::json;
use switchboard_tests::{Actor, Stage};

use crate::common::{meet, orderly, talk, view};

async fn unread(actor: &mut Actor, conversation: &str) -> u64 {
    view(actor, conversation).await["unread"].as_u64().unwrap()
}

/// Reads up to a place, on an orderly stage.
async fn read(actor: &mut Actor, conversation: &str, read: u64) {
    let receipts = json!([{"conversation": conversation, "read": read}]);
    actor
        .say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    actor.ask(json!({"action": "inbox"})).await;
}

#[tokio::test]
async fn what_the_other_wrote_counts_and_nothing_else() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut bob, &conversation, 0, 3).await;
    alice.send(&conversation, 0, "my own").await;
    assert_eq!(unread(&mut alice, &conversation).await, 3);
    assert_eq!(unread(&mut bob, &conversation).await, 1);

    for body in [
        json!({"kind": "edit", "of": 1, "text": "edited"}),
        json!({"kind": "reaction", "of": 1, "emoji": "👍", "on": true}),
        json!({"kind": "custom", "type": "offer", "data": {}}),
    ] {
        bob.send_body(&conversation, 0, body).await;
    }

    assert_eq!(unread(&mut alice, &conversation).await, 3);
    assert_eq!(unread(&mut bob, &conversation).await, 1);
    stage.close().await;
}

#[tokio::test]
async fn what_was_read_counts_no_more() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut bob, &conversation, 0, 5).await;
    alice.send(&conversation, 5, "mine, at 6").await;
    bob.send(&conversation, 6, "his, at 7").await;
    for (upto, left) in [(0, 6), (2, 4), (1, 4), (5, 1), (6, 1), (7, 0)] {
        read(&mut alice, &conversation, upto).await;
        assert_eq!(
            unread(&mut alice, &conversation).await,
            left,
            "read up to {upto}"
        );
    }
    // To have received is not to have read.
    bob.send(&conversation, 7, "one more").await;
    alice.send(&conversation, 8, "received it").await;
    assert_eq!(unread(&mut alice, &conversation).await, 1);
    stage.close().await;
}

#[tokio::test]
async fn what_was_deleted_counts_no_more() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut bob, &conversation, 0, 5).await;
    let delete = |of: u64| json!({"kind": "delete", "of": of});
    bob.send_body(&conversation, 5, delete(2)).await;
    assert_eq!(unread(&mut alice, &conversation).await, 4);

    read(&mut alice, &conversation, 3).await;
    assert_eq!(unread(&mut alice, &conversation).await, 2);
    // One that was read before is taken back without an effect on the count, one that was not with one.
    bob.send_body(&conversation, 6, delete(1)).await;
    assert_eq!(unread(&mut alice, &conversation).await, 2);
    bob.send_body(&conversation, 7, delete(5)).await;
    assert_eq!(unread(&mut alice, &conversation).await, 1);
    // A deletion of one's own changes nothing.
    alice.send(&conversation, 8, "mine").await;
    alice.send_body(&conversation, 9, delete(9)).await;
    assert_eq!(unread(&mut alice, &conversation).await, 1);
    assert_eq!(unread(&mut bob, &conversation).await, 0);
    read(&mut alice, &conversation, 10).await;
    assert_eq!(unread(&mut alice, &conversation).await, 0);
    bob.send(&conversation, 10, "and on").await;
    assert_eq!(unread(&mut alice, &conversation).await, 1);
    stage.close().await;
}

#[tokio::test]
async fn the_count_stops_at_ninety_nine() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut bob, &conversation, 0, 98).await;
    assert_eq!(unread(&mut alice, &conversation).await, 98);
    talk(&stage, &mut bob, &conversation, 98, 20).await;
    talk(&stage, &mut bob, &conversation, 98, 2).await;
    assert_eq!(unread(&mut alice, &conversation).await, 99, "of 120");

    for (upto, left) in [(20, 99), (21, 99), (22, 98)] {
        read(&mut alice, &conversation, upto).await;
        assert_eq!(
            unread(&mut alice, &conversation).await,
            left,
            "read up to {upto}"
        );
    }

    stage.clock.advance(500);
    bob.send_body(&conversation, 118, json!({"kind": "delete", "of": 120}))
        .await;
    assert_eq!(unread(&mut alice, &conversation).await, 97);
    talk(&stage, &mut bob, &conversation, 118, 10).await;
    assert_eq!(
        unread(&mut alice, &conversation).await,
        99,
        "of 107, counted one by one"
    );
    stage.close().await;
}
