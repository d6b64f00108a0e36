//! Members who want no pushes.

use serde_json::json;
use switchboard::Clock as _;
use switchboard_tests::Stage;

use crate::cast::{GRACE_MS, both_there, pushed, to_phone};

#[tokio::test]
async fn a_muted_conversation_is_not_pushed_until_the_mute_has_passed() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let until = stage.clock.now_ms() + 60_000;
    bob.ask(json!({"action": "settings", "conversation": conversation, "muted_until": until}))
        .await;
    stage.leaves("bob", bob).await;

    alice.send(&conversation, 0, "hush").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, []);

    stage.clock.advance(59_999);
    alice.send(&conversation, 0, "still hush").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, []);

    stage.clock.advance(1);
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(3)]);
    stage.close().await;
}

#[tokio::test]
async fn a_mute_is_of_one_conversation_alone_and_can_be_taken_back() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, muted) = both_there(&stage).await;
    let other = alice
        .ask(json!({"action": "open", "with": "bob", "key": "other"}))
        .await;
    let other = other["conversation"].as_str().unwrap().to_owned();
    let mute =
        |until: u64| json!({"action": "settings", "conversation": muted, "muted_until": until});
    let far = stage.clock.now_ms() + 86_400_000;
    bob.ask(mute(far)).await;
    stage.leaves("bob", bob).await;
    alice.send(&other, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(stage.pushes("bob").await.len(), 1);

    let mut bob = stage.provider("bob", "phone").await;
    bob.ask(mute(0)).await;
    stage.leaves("bob", bob).await;
    alice.send(&muted, 0, "hey").await;
    stage.delivered().await;
    assert_eq!(stage.pushes("bob").await.len(), 2);
    stage.close().await;
}

#[tokio::test]
async fn a_member_who_blocks_the_sender_meanwhile_gets_no_push() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "let us talk").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;

    bob.ask(json!({"action": "settings", "user": "alice", "blocked": true}))
        .await;
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    assert_eq!(pushed(&stage, "bob").await, []);
    stage.close().await;
}

#[tokio::test]
async fn who_is_no_longer_blocked_is_pushed_again() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    for blocked in [true, false] {
        bob.ask(json!({"action": "settings", "user": "alice", "blocked": blocked}))
            .await;
    }
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "friends again?").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    stage.close().await;
}

#[tokio::test]
async fn a_member_who_blocks_can_still_write_and_the_other_is_pushed_to() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    crate::cast::register(&mut alice, "phone", "token-of-alice").await;
    stage.leaves("alice", alice).await;
    bob.ask(json!({"action": "settings", "user": "alice", "blocked": true}))
        .await;
    bob.send(&conversation, 0, "do not answer").await;
    stage.delivered().await;
    assert_eq!(pushed(&stage, "alice").await, [to_phone(1)]);
    stage.close().await;
}
