//! `receipt`: marks rise, are told to every other connection of the members, and never go back.
//!
//! A receipt has no reply. These plays run on a stage that deals with a connection's frames in order, so that the
//! answer to a later frame says that a receipt was dealt with.

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage};

use crate::common::{NOWHERE, meet, member, nothing_written, open_key, orderly, talk, view};

async fn receive(actor: &mut Actor, receipts: Value) {
    actor
        .say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    // Whatever it led to came before the answer.
    actor.ask(json!({"action": "inbox"})).await;
}

async fn marks(actor: &mut Actor, conversation: &str, user: &str) -> (u64, u64) {
    let conversation = view(actor, conversation).await;
    let member = member(&conversation, user);
    (
        member["recv"].as_u64().unwrap(),
        member["read"].as_u64().unwrap(),
    )
}

/// A conversation of five entries by Alice, of which Bob has heard.
async fn five(stage: &Stage) -> (Actor, Actor, String) {
    let (mut alice, mut bob, conversation) = meet(stage).await;
    talk(stage, &mut alice, &conversation, 0, 5).await;
    for _ in 0..5 {
        bob.hear_event("entry").await;
    }
    (alice, bob, conversation)
}

#[tokio::test]
async fn a_receipt_is_told_to_every_other_connection_of_the_members() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;
    let mut tablet = stage.provider("bob", "tablet").await;

    receive(
        &mut bob,
        json!([{"conversation": conversation, "recv": 4, "read": 2}]),
    )
    .await;

    let told = json!({"event": "receipt", "conversation": conversation, "user": "bob",
        "recv": 4, "read": 2});
    for other in [&mut alice, &mut tablet] {
        assert_eq!(other.hear_event("receipt").await, told);
        other.hears_nothing_more().await;
    }
    bob.hears_nothing_more().await;
    for actor in [&mut alice, &mut bob] {
        assert_eq!(marks(actor, &conversation, "bob").await, (4, 2));
        assert_eq!(marks(actor, &conversation, "alice").await, (0, 0));
    }
    stage.close().await;
}

#[tokio::test]
async fn marks_never_go_back() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;
    receive(
        &mut bob,
        json!([{"conversation": conversation, "recv": 4, "read": 3}]),
    )
    .await;
    alice.hear_event("receipt").await;
    stage.wire.forget();

    for (recv, read) in [(4, 3), (3, 3), (4, 1), (0, 0), (1, 2)] {
        receive(
            &mut bob,
            json!([{"conversation": conversation, "recv": recv, "read": read}]),
        )
        .await;
    }

    nothing_written(&stage);
    alice.hears_nothing_more().await;
    assert_eq!(marks(&mut alice, &conversation, "bob").await, (4, 3));
    // One that is higher in one mark only raises that one.
    receive(
        &mut bob,
        json!([{"conversation": conversation, "recv": 1, "read": 4}]),
    )
    .await;
    let told = alice.hear_event("receipt").await;
    assert_eq!((&told["recv"], &told["read"]), (&json!(4), &json!(4)));
    stage.close().await;
}

#[tokio::test]
async fn what_was_read_has_been_received() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;

    receive(&mut bob, json!([{"conversation": conversation, "read": 3}])).await;

    let told = alice.hear_event("receipt").await;
    assert_eq!((&told["recv"], &told["read"]), (&json!(3), &json!(3)));
    assert_eq!(marks(&mut bob, &conversation, "bob").await, (3, 3));
    stage.close().await;
}

#[tokio::test]
async fn what_was_received_rises_with_the_after_of_a_send() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;

    bob.send(&conversation, 4, "I have read four").await;

    assert_eq!(marks(&mut alice, &conversation, "bob").await, (4, 0));
    // Neither a later send with a lower `after` nor a lower receipt takes it back.
    bob.send(&conversation, 1, "late").await;
    receive(
        &mut bob,
        json!([{"conversation": conversation, "recv": 2, "read": 1}]),
    )
    .await;
    assert_eq!(marks(&mut alice, &conversation, "bob").await, (4, 1));
    assert_eq!(alice.hear_event("receipt").await["recv"], 4);
    stage.close().await;
}

#[tokio::test]
async fn a_frame_with_one_bad_element_changes_nothing() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;
    let empty = open_key(&mut alice, "bob", "empty").await;
    bob.hear_event("opened").await;
    stage.wire.forget();
    let rows = [
        (
            json!({"conversation": NOWHERE, "recv": 0}),
            "unknown_conversation",
        ),
        (json!({"conversation": empty, "recv": 1}), "bad_request"),
        (
            json!({"conversation": conversation, "recv": 6}),
            "bad_request",
        ),
        (
            json!({"conversation": conversation, "read": 6}),
            "bad_request",
        ),
        (
            json!({"conversation": conversation, "read": u64::MAX}),
            "bad_request",
        ),
        (
            json!({"conversation": conversation, "recv": -1}),
            "bad_request",
        ),
        (json!({"conversation": conversation}), "bad_request"),
        (json!({"recv": 1}), "bad_request"),
        (json!("nothing"), "bad_request"),
    ];
    for (bad, code) in rows {
        let good = json!({"conversation": conversation, "recv": 5, "read": 5});
        for receipts in [json!([good, bad]), json!([bad, good])] {
            let frame = json!({"action": "receipt", "receipts": receipts});
            assert_eq!(bob.refused(frame).await, code, "{receipts}");
        }
    }

    nothing_written(&stage);
    alice.hears_nothing_more().await;
    assert_eq!(marks(&mut alice, &conversation, "bob").await, (0, 0));
    stage.close().await;
}

#[tokio::test]
async fn one_frame_may_speak_of_several_conversations() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = five(&stage).await;
    let other = open_key(&mut alice, "bob", "other").await;
    talk(&stage, &mut alice, &other, 0, 2).await;

    let receipts = json!([
        {"conversation": conversation, "recv": 5},
        {"conversation": other, "read": 2},
        {"conversation": conversation, "read": 1},
    ]);
    receive(&mut bob, receipts).await;

    assert_eq!(marks(&mut alice, &conversation, "bob").await, (5, 1));
    assert_eq!(marks(&mut alice, &other, "bob").await, (2, 2));
    stage.close().await;
}
