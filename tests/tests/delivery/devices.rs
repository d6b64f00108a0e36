//! Which phones are pushed to.

use serde_json::json;
use switchboard_tests::{Actor, Stage};

use crate::cast::{bob_away, both_there, pushed, register, to_phone};

/// Bob's phones, each registered a moment after the one before; then bob leaves, and alice sends.
async fn with_phones(stage: &Stage, phones: &[&str]) -> (Actor, String) {
    let mut bob = stage.provider("bob", "web").await;
    for phone in phones {
        stage.clock.advance(1);
        register(&mut bob, phone, &format!("token-{phone}")).await;
    }
    let mut alice = stage.customer("alice", "web").await;
    let conversation = alice.open("bob").await;
    stage.leaves("bob", bob).await;
    (alice, conversation)
}

/// The endpoint that a token is reachable at, from what was published to it.
fn endpoint(stage: &Stage, token: &str) -> String {
    let published = stage.host().sns().published();
    let call = published.into_iter().rev().find(|it| it.token == token);
    call.expect("nothing was published to that token")
        .target_arn
}

/// What bob's phones have been told of, in the order of their names.
async fn sorted(stage: &Stage) -> Vec<(String, u64)> {
    let mut pushes = pushed(stage, "bob").await;
    pushes.sort();
    pushes
}

fn told(phones: &[&str], seq: u64) -> Vec<(String, u64)> {
    phones.iter().map(|it| ((*it).to_owned(), seq)).collect()
}

#[tokio::test]
async fn every_phone_is_pushed_to_once() {
    let stage = Stage::open().await;
    let phones = ["a", "b", "c"];
    let (mut alice, conversation) = with_phones(&stage, &phones).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(sorted(&stage).await, told(&phones, 1));
    stage.close().await;
}

#[tokio::test]
async fn beyond_ten_phones_the_longest_registered_gives_way() {
    let stage = Stage::open().await;
    let phones = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let (mut alice, conversation) = with_phones(&stage, &phones).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(sorted(&stage).await, told(&phones[1..], 1));
    stage.close().await;
}

#[tokio::test]
async fn a_phone_that_no_longer_takes_pushes_is_forgotten_and_the_others_are_told() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = with_phones(&stage, &["a", "b"]).await;
    alice.send(&conversation, 0, "one").await;
    stage.delivered().await;
    assert!(stage.host().sns().disable(&endpoint(&stage, "token-a")));

    alice.send(&conversation, 0, "two").await;
    stage.delivered().await;
    assert_eq!(stage.wire.count("DeleteItem", "\"D#a\""), 1);
    alice.send(&conversation, 0, "three").await;
    stage.delivered().await;

    let mut expected = told(&["a", "b"], 1);
    expected.extend([("b".to_owned(), 2), ("b".to_owned(), 3)]);
    assert_eq!(sorted(&stage).await, expected);
    // Forgotten once is forgotten: nothing is tried again, and nothing was given up.
    assert_eq!(stage.wire.count("DeleteItem", "\"D#a\""), 1);
    assert_eq!(stage.host().delivery().counters().retries_total(), 0);
    stage.close().await;
}

#[tokio::test]
async fn registering_again_repairs_an_endpoint_that_was_disabled() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = with_phones(&stage, &["phone"]).await;
    alice.send(&conversation, 0, "one").await;
    stage.delivered().await;
    assert!(stage.host().sns().disable(&endpoint(&stage, "token-phone")));

    let mut bob = stage.provider("bob", "web").await;
    register(&mut bob, "phone", "token-phone").await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "two").await;
    stage.delivered().await;

    assert_eq!(pushed(&stage, "bob").await, [to_phone(1), to_phone(2)]);
    stage.close().await;
}

#[tokio::test]
async fn a_phone_whose_token_changed_is_told_under_the_new_one_alone() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = with_phones(&stage, &["phone"]).await;
    let mut bob = stage.provider("bob", "web").await;
    register(&mut bob, "phone", "token-new").await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    let tokens = stage.host().sns().published();
    let tokens: Vec<_> = tokens.iter().map(|it| it.token.as_str()).collect();
    assert_eq!(tokens, ["token-new"]);
    stage.close().await;
}

#[tokio::test]
async fn a_phone_that_changed_hands_no_longer_tells_its_former_user() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    let mut carol = stage.provider("carol", "phone").await;
    register(&mut carol, "phone", "token-of-bob").await;
    let with_carol = alice.open("carol").await;
    stage.leaves("carol", carol).await;

    alice.send(&conversation, 0, "for bob's eyes").await;
    alice.send(&with_carol, 0, "for carol's").await;
    stage.delivered().await;

    assert_eq!(pushed(&stage, "bob").await, []);
    assert_eq!(pushed(&stage, "carol").await, [to_phone(1)]);
    assert_eq!(stage.host().sns().published().len(), 1);
    stage.close().await;
}

#[tokio::test]
async fn a_phone_under_two_names_is_told_once() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    let mut bob = stage.provider("bob", "web").await;
    // The app was installed anew: another device for us, the same phone for the push service.
    register(&mut bob, "reinstalled", "token-of-bob").await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    let expected = [("reinstalled".to_owned(), 1)];
    assert_eq!(pushed(&stage, "bob").await, expected);
    stage.close().await;
}

#[tokio::test]
async fn a_removed_phone_is_not_told() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let answer = bob
        .ask(json!({"action": "device", "device": "phone", "remove": true}))
        .await;
    assert_eq!(
        answer,
        json!({"event": "device", "device": "phone", "registered": false})
    );
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, []);
    // It may come back.
    let mut bob = stage.provider("bob", "phone").await;
    register(&mut bob, "phone", "token-of-bob").await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "hey again").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(2)]);
    stage.close().await;
}
