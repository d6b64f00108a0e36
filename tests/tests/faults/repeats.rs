//! The same event twice, and frames of one connection at once: the log decides.

use std::sync::Arc;

use futures_util::future::join;
use serde_json::json;
use switchboard_local::apigw::Functions as _;
use switchboard_tests::events::frame;
use switchboard_tests::{Stage, ulid};

use crate::cast::{both_there, log, peer, text};

#[tokio::test]
async fn an_event_that_comes_twice_is_done_once() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let id = ulid();
    let sender = peer(&stage, "alice", "customer", "phone");
    let event = sender.message(&text(&conversation, &id, 0, "hello"));
    let functions = Arc::clone(&stage.host().site().functions);

    let first = frame(&functions.message(event.clone()).await.unwrap());
    let second = frame(&functions.message(event).await.unwrap());

    assert_eq!(first["duplicate"], false);
    assert_eq!(second["duplicate"], true);
    assert_eq!(
        (&first["seq"], &first["ts"]),
        (&second["seq"], &second["ts"])
    );
    // It may be told twice; by its place it is one.
    for _ in 0..2 {
        assert_eq!(bob.hear_event("entry").await["seq"], 1);
    }
    let expected = [(1, id, "hello".to_owned())];
    assert_eq!(log(&mut alice, &conversation).await, expected);
    stage.close().await;
}

#[tokio::test]
async fn an_event_that_comes_twice_at_once_is_done_once() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    let sender = peer(&stage, "alice", "customer", "phone");
    let functions = Arc::clone(&stage.host().site().functions);
    let bodies = [
        json!({"kind": "text", "text": "hello"}),
        json!({"kind": "reaction", "of": 1, "emoji": "+1", "on": true}),
        json!({"kind": "edit", "of": 1, "text": "hullo"}),
        json!({"kind": "delete", "of": 1}),
    ];
    for (body, seq) in bodies.iter().zip(1_u64..) {
        let id = ulid();
        let event = sender.message(&json!({"action": "send", "conversation": conversation,
            "id": id, "after": seq - 1, "body": body}));
        // Both have read the tail before either writes.
        let gates = ["PutItem", "TransactWriteItems"].map(|it| stage.wire.gate(Some(it), &id));
        let both = join(functions.message(event.clone()), functions.message(event));
        let let_through = async {
            tokio::select! {
                () = gates[0].reached(2) => {}
                () = gates[1].reached(2) => {}
            }
            for gate in &gates {
                gate.open();
            }
        };
        let (both, ()) = join(stage.clock.flow(both), let_through).await;
        let answers = [frame(&both.0.unwrap()), frame(&both.1.unwrap())];
        for answer in &answers {
            assert_eq!(answer["event"], "sent", "{answer}");
            assert_eq!(answer["seq"], seq);
        }
        assert_ne!(answers[0]["duplicate"], answers[1]["duplicate"]);
    }
    assert_eq!(log(&mut alice, &conversation).await.len(), bodies.len());
    stage.close().await;
}

#[tokio::test]
async fn two_frames_of_one_connection_stand_in_the_order_in_which_they_were_stored() {
    for overtaken in [false, true] {
        let stage = Stage::open().await;
        let (mut alice, mut bob, conversation) = both_there(&stage).await;
        let ids = [ulid(), ulid()];
        // The one that is not held back is stored first.
        let held = &ids[usize::from(!overtaken)];
        let gate = stage.wire.gate(Some("PutItem"), held);
        for id in &ids {
            alice.say(text(&conversation, id, 0, "hello")).await;
        }
        gate.reached(1).await;
        let first = alice.hear_event("sent").await;
        gate.open();
        let second = alice.hear_event("sent").await;

        assert_eq!((&first["seq"], &second["seq"]), (&json!(1), &json!(2)));
        assert_eq!(second["id"], held.as_str());
        let stored: Vec<_> = log(&mut bob, &conversation).await;
        let stored: Vec<_> = stored.into_iter().map(|(_, id, _)| id).collect();
        assert_eq!(stored[usize::from(!overtaken)], ids[1]);
        assert_eq!(stored[usize::from(overtaken)], ids[0]);
        stage.close().await;
    }
}

#[tokio::test]
async fn an_edit_and_a_deletion_at_once_leave_one_of_both_outcomes() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "first").await;
    let gate = stage.wire.gate(Some("TransactWriteItems"), "");
    for body in [
        json!({"kind": "edit", "of": 1, "text": "better"}),
        json!({"kind": "delete", "of": 1}),
    ] {
        alice
            .say(
                json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 1,
                "body": body}),
            )
            .await;
    }
    gate.reached(2).await;
    gate.open();
    // The loser looks again: an edit of what is deleted by now is refused, all else is accepted.
    let answers = stage
        .clock
        .flow(async { [alice.hear().await, alice.hear().await] })
        .await;
    let accepted = answers.iter().filter(|it| it["event"] == "sent").count();
    let log = log(&mut bob, &conversation).await;
    assert_eq!(log.len(), 1 + accepted, "{answers:?}");
    // Deleted is deleted, whichever came first.
    assert_eq!(log[0].2, "", "{answers:?}");
    stage.close().await;
}
