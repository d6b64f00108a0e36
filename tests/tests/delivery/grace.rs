//! Pushed at once or after the grace, or not at all because it was confirmed.

use serde_json::json;
use switchboard_tests::Stage;

use crate::cast::{GRACE_MS, bob_away, both_there, pushed, to_phone, vanishes};

#[tokio::test]
async fn a_member_who_is_away_is_pushed_to_at_once() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    alice.send(&conversation, 0, "anybody there?").await;

    // The clock has not moved since.
    stage.delivered().await;

    let [push] = stage.pushes("bob").await.try_into().unwrap();
    assert_eq!(push["user"], "bob");
    assert_eq!(push["device"], "phone");
    assert_eq!(push["platform"], "fcm");
    assert_eq!(push["conversation"], conversation.as_str());
    assert_eq!(push["seq"], 1);
    stage.close().await;
}

#[tokio::test]
async fn a_member_who_is_there_and_silent_gets_it_again_and_a_push_after_the_grace() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "hello").await;
    let live = bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;

    stage.clock.advance(GRACE_MS - 1);
    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, []);

    stage.clock.advance(1);
    stage.delivered().await;
    assert_eq!(bob.hear_event("entry").await, live);
    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    alice.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn a_receipt_within_the_grace_spares_the_push() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "hello").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;

    bob.confirm(&conversation, 1).await;
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, []);
    stage.close().await;
}

#[tokio::test]
async fn a_reply_that_says_what_was_received_spares_the_push() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "hello").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;

    bob.send(&conversation, 1, "hi").await;
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, []);
    stage.close().await;
}

#[tokio::test]
async fn only_what_was_not_confirmed_comes_again() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    for text in ["one", "two"] {
        alice.send(&conversation, 0, text).await;
        bob.hear_event("entry").await;
    }
    stage.clock.sleeper(GRACE_MS).await;

    bob.confirm(&conversation, 1).await;
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    assert_eq!(bob.hear_event("entry").await["seq"], 2);
    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(2)]);
    stage.close().await;
}

#[tokio::test]
async fn a_half_open_socket_hears_nothing_and_is_pushed_to_after_the_grace() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    let id = stage.connection_id("bob", "phone");
    assert!(stage.host().site().api.chaos().half_open(&id));
    alice.send(&conversation, 0, "hello?").await;
    stage.clock.sleeper(GRACE_MS).await;
    assert_eq!(pushed(&stage, "bob").await, []);

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    stage.close().await;
}

#[tokio::test]
async fn a_connection_that_is_gone_loses_its_row_and_the_phone_is_pushed_to() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    // Longer than a handshake may take: from now on a 410 means it.
    stage.clock.advance(30_000);
    let id = stage.connection_id("bob", "phone");
    alice.send(&conversation, 0, "hello").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    vanishes(&stage, bob).await;
    assert_eq!(stage.wire.count("DeleteItem", &id), 0);

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    assert_eq!(stage.wire.count("DeleteItem", &id), 1);
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    // The row is gone indeed: the next entry waits for nobody.
    alice.send(&conversation, 0, "hello?").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1), to_phone(2)]);
    stage.close().await;
}

#[tokio::test]
async fn everybody_who_did_not_write_it_is_delivered_to() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    crate::cast::register(&mut alice, "tablet", "token-of-alice").await;
    alice.send(&conversation, 0, "hello").await;
    bob.hear_event("entry").await;
    bob.send(&conversation, 0, "hello yourself").await;
    alice.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;

    stage.clock.advance(GRACE_MS);
    stage.clock.flow(stage.delivered()).await;

    assert_eq!(bob.hear_event("entry").await["seq"], 1);
    assert_eq!(alice.hear_event("entry").await["seq"], 2);
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    let tablet = ("tablet".to_owned(), 2);
    assert_eq!(pushed(&stage, "alice").await, [tablet]);
    stage.close().await;
}

#[tokio::test]
async fn an_entry_deleted_during_the_grace_comes_again_as_deleted() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "oops").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    let delete = json!({"kind": "delete", "of": 1});
    alice.send_body(&conversation, 1, delete).await;
    bob.hear_event("entry").await;

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    let again = bob.hear_event("entry").await;
    assert_eq!(again["seq"], 1);
    assert_eq!(again["body"], json!({"kind": "deleted"}));
    stage.close().await;
}
