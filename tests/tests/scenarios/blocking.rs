//! `settings` with `blocked`: who is blocked reaches the other in no conversation, old or new, until that is over.

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage, ulid};

use crate::common::{log, meet, open_key, text_frame};

fn open(with: &str, key: &str) -> Value {
    json!({"action": "open", "with": with, "key": key})
}

async fn block(actor: &mut Actor, user: &str, blocked: bool) {
    let answer = actor
        .ask(json!({"action": "settings", "user": user, "blocked": blocked}))
        .await;
    assert_eq!(
        answer,
        json!({"event": "settings", "user": user, "blocked": blocked})
    );
}

/// What a blocked user tries in a conversation.
fn attempts(conversation: &str) -> [Value; 2] {
    [
        text_frame(conversation, &ulid(), 0, "hello?"),
        json!({"action": "typing", "conversation": conversation, "on": true}),
    ]
}

#[tokio::test]
async fn who_is_blocked_reaches_the_other_in_no_conversation() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, first) = meet(&stage).await;
    let second = open_key(&mut alice, "bob", "second").await;
    bob.hear_event("opened").await;

    block(&mut bob, "alice", true).await;

    for conversation in [&first, &second] {
        for attempt in attempts(conversation) {
            let answer = alice.ask(attempt).await;
            assert_eq!(answer["code"], "blocked", "{answer}");
            assert_eq!(answer["conversation"], conversation.as_str());
        }
        assert_eq!(log(&mut bob, conversation).await, Vec::<Value>::new());
    }
    assert_eq!(alice.refused(open("bob", "third")).await, "blocked");
    bob.hears_nothing_more().await;
    // What they have said to each other stays.
    assert_eq!(
        alice.ask(open("bob", "second")).await["conversation"],
        second.as_str()
    );
    stage.close().await;
}

#[tokio::test]
async fn a_block_goes_one_way_and_concerns_one_user() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let mut carla = stage.customer("carla", "phone").await;
    let hers = carla.open("bob").await;
    bob.hear_event("opened").await;

    block(&mut bob, "alice", true).await;

    bob.send(&conversation, 0, "I may still write").await;
    assert_eq!(
        alice.hear_event("entry").await["body"]["text"],
        "I may still write"
    );
    carla.send(&hers, 0, "so may I").await;
    assert_eq!(bob.hear_event("entry").await["from"], "carla");
    stage.close().await;
}

#[tokio::test]
async fn a_block_holds_in_what_the_blocker_opens_later() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, _) = meet(&stage).await;
    block(&mut bob, "alice", true).await;

    let later = open_key(&mut bob, "alice", "later").await;

    assert_eq!(
        alice.hear_event("opened").await["conversation"],
        later.as_str()
    );
    for attempt in attempts(&later) {
        assert_eq!(alice.refused(attempt).await, "blocked");
    }
    block(&mut bob, "alice", false).await;
    alice.send(&later, 0, "at last").await;
    stage.close().await;
}

#[tokio::test]
async fn a_block_may_come_before_any_conversation() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;

    block(&mut bob, "alice", true).await;

    assert_eq!(alice.refused(open("bob", "")).await, "blocked");
    bob.hears_nothing_more().await;
    block(&mut bob, "alice", false).await;
    assert_eq!(alice.ask(open("bob", "")).await["created"], true);
    stage.close().await;
}

#[tokio::test]
async fn unblocking_restores_everything() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, first) = meet(&stage).await;
    let second = open_key(&mut alice, "bob", "second").await;
    // Said twice, it is said once.
    for blocked in [true, true, false, false] {
        block(&mut bob, "alice", blocked).await;
    }

    for conversation in [&first, &second] {
        let [send, typing] = attempts(conversation);
        assert_eq!(alice.ask(send).await["seq"], 1);
        alice.say(typing).await;
        bob.hear_event("typing").await;
    }
    assert_eq!(alice.ask(open("bob", "third")).await["created"], true);
    stage.close().await;
}

#[tokio::test]
async fn a_retry_is_answered_although_its_sender_was_blocked_meanwhile() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let frame = text_frame(&conversation, &ulid(), 0, "just in time");
    let first = alice.ask(frame.clone()).await;
    block(&mut bob, "alice", true).await;

    let retry = alice.ask(frame).await;

    assert_eq!(retry["event"], "sent", "{retry}");
    assert_eq!((&retry["seq"], &retry["ts"]), (&first["seq"], &first["ts"]));
    assert_eq!(log(&mut bob, &conversation).await.len(), 1);
    stage.close().await;
}
