//! Who has no phone: told over a connection, or by nobody until the next visit, and that is counted.

use switchboard::Metric;
use switchboard_tests::{Actor, Stage};

use crate::cast::GRACE_MS;

/// Alice and bob are there, and nobody has a phone.
async fn without_phones(stage: &Stage) -> (Actor, Actor, String) {
    let mut bob = stage.provider("bob", "web").await;
    let mut alice = stage.customer("alice", "web").await;
    let conversation = alice.open("bob").await;
    bob.hear_event("opened").await;
    (alice, bob, conversation)
}

fn undelivered(stage: &Stage) -> u64 {
    let functions = &stage.host().site().functions;
    functions.counted().of(Metric::Undelivered)
}

#[tokio::test]
async fn an_entry_for_who_is_away_without_a_phone_is_undelivered() {
    let stage = Stage::open().await;
    let (mut alice, bob, conversation) = without_phones(&stage).await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "anybody there?").await;
    stage.delivered().await;
    assert_eq!(undelivered(&stage), 1);
    stage.close().await;
}

#[tokio::test]
async fn an_entry_that_a_connection_took_twice_is_not() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = without_phones(&stage).await;
    alice.send(&conversation, 0, "are you reading this?").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;
    bob.hear_event("entry").await;
    assert_eq!(undelivered(&stage), 0);
    stage.close().await;
}
