//! What was stored arrives, whatever became of the function that stored it.

use std::sync::Arc;

use serde_json::json;
use switchboard::Clock as _;
use switchboard_local::apigw::Functions as _;
use switchboard_tests::events::Peer;
use switchboard_tests::{Stage, ulid};

use crate::cast::{GRACE_MS, bob_away, both_there, pushed, to_phone};

/// Sends as alice by a function that dies between the put and the posts.
async fn send_and_die(stage: &Stage, conversation: &str, id: &str) {
    let peer = Peer {
        user: "alice".to_owned(),
        role: "customer",
        device: "web".to_owned(),
        connection: stage.connection_id("alice", "web"),
        connected_at: stage.clock.now_ms(),
    };
    let frame = json!({"action": "send", "conversation": conversation, "id": id, "after": 0,
        "body": {"kind": "text", "text": "did you get this?"}});
    // The read of bob's connections is never answered, so nobody can be posted to.
    let gate = stage.wire.gate(Some("Query"), "\"connections\"");
    let functions = Arc::clone(&stage.host().site().functions);
    let send = functions.message(peer.message(&frame));
    tokio::select! {
        biased;
        () = stage.wire.saw(1, |it| it.is("PutItem", id)) => {}
        answer = async {
            // Alice's own connections may be read.
            let let_alice = async {
                gate.reached(1).await;
                gate.let_through();
                std::future::pending::<()>().await;
            };
            tokio::select! { answer = send => answer, () = let_alice => unreachable!() }
        } => panic!("the function lived: {answer:?}"),
    }
    gate.open();
}

#[tokio::test]
async fn an_entry_that_was_posted_to_nobody_reaches_a_live_connection_by_redelivery() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let id = ulid();
    send_and_die(&stage, &conversation, &id).await;
    stage.clock.sleeper(GRACE_MS).await;
    bob.hears_nothing_more().await;

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    let entry = bob.hear_event("entry").await;
    assert_eq!(entry["id"], id.as_str());
    assert_eq!(entry["seq"], 1);
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    // The device that heard nothing asks again, and gets the same answer.
    let again = json!({"action": "send", "conversation": conversation, "id": id, "after": 0,
        "body": {"kind": "text", "text": "did you get this?"}});
    let again = alice.ask(again).await;
    assert_eq!(again["seq"], 1);
    assert_eq!(again["duplicate"], true);
    stage.close().await;
}

#[tokio::test]
async fn an_entry_that_was_posted_to_nobody_is_pushed_at_once_to_who_is_away() {
    let stage = Stage::open().await;
    let (_alice, conversation) = bob_away(&stage).await;
    send_and_die(&stage, &conversation, &ulid()).await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    stage.close().await;
}

#[tokio::test]
async fn all_silent_connections_of_a_member_get_it_again_and_the_authors_none() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let mut tablet = stage.provider("bob", "tablet").await;
    let mut other_web = stage.customer("alice", "other-web").await;
    alice.send(&conversation, 0, "hello").await;
    for actor in [&mut bob, &mut tablet, &mut other_web] {
        actor.hear_event("entry").await;
    }
    stage.clock.sleeper(GRACE_MS).await;

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    for actor in [&mut bob, &mut tablet] {
        assert_eq!(actor.hear_event("entry").await["seq"], 1);
        actor.hears_nothing_more().await;
    }
    for actor in [&mut alice, &mut other_web] {
        actor.hears_nothing_more().await;
    }
    stage.close().await;
}

#[tokio::test]
async fn one_device_that_confirms_speaks_for_all() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let mut tablet = stage.provider("bob", "tablet").await;
    alice.send(&conversation, 0, "hello").await;
    stage.clock.sleeper(GRACE_MS).await;
    tablet.hear_event("entry").await;
    tablet.confirm(&conversation, 1).await;

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    assert_eq!(bob.hear_event("entry").await["seq"], 1);
    bob.hear_event("receipt").await;
    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, []);
    stage.close().await;
}
