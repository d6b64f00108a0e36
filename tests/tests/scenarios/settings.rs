//! `settings`: a muted conversation, which is nobody else's business.

use serde_json::{Value, json};
use switchboard_tests::Stage;

use crate::common::{NOWHERE, meet, member, nothing_written, open_key, view};

fn mute(conversation: &str, until: u64) -> Value {
    json!({"action": "settings", "conversation": conversation, "muted_until": until})
}

#[tokio::test]
async fn what_is_muted_is_told_to_oneself_alone() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let other = open_key(&mut alice, "bob", "other").await;
    bob.hear_event("opened").await;
    let until = stage.host().site().clock.now_ms() + 3_600_000;

    let answer = alice.ask(mute(&conversation, until)).await;

    let expected = json!({"event": "settings", "conversation": conversation, "muted_until": until});
    assert_eq!(answer, expected);
    assert_eq!(
        member(&view(&mut alice, &conversation).await, "alice")["muted_until"],
        until
    );
    let his = view(&mut bob, &conversation).await;
    assert!(member(&his, "alice").get("muted_until").is_none(), "{his}");
    assert_eq!(member(&his, "bob")["muted_until"], 0);
    assert_eq!(
        member(&view(&mut alice, &other).await, "alice")["muted_until"],
        0
    );
    bob.hears_nothing_more().await;
    // Whoever does not say until when, asks.
    let asked = json!({"action": "settings", "conversation": conversation});
    assert_eq!(alice.ask(asked.clone()).await, expected);
    assert_eq!(bob.ask(asked).await["muted_until"], 0);
    // Muted is not deaf: entries still arrive on what is connected.
    bob.send(&conversation, 0, "hello").await;
    alice.hear_event("entry").await;
    alice.ask(mute(&conversation, 0)).await;
    assert_eq!(
        member(&view(&mut alice, &conversation).await, "alice")["muted_until"],
        0
    );
    stage.close().await;
}

#[tokio::test]
async fn settings_are_checked() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = meet(&stage).await;
    stage.wire.forget();
    let rows = [
        (mute(NOWHERE, 0), "unknown_conversation"),
        (
            json!({"action": "settings", "conversation": NOWHERE}),
            "unknown_conversation",
        ),
        (json!({"action": "settings"}), "bad_request"),
        (
            json!({"action": "settings", "conversation": conversation, "muted_until": -1}),
            "bad_request",
        ),
        (json!({"action": "settings", "user": "bob"}), "bad_request"),
        (
            json!({"action": "settings", "user": "bob", "blocked": 1}),
            "bad_request",
        ),
        (
            json!({"action": "settings", "conversation": conversation, "muted_until": 0, "user": "bob",
            "blocked": true}),
            "bad_request",
        ),
        (
            json!({"action": "settings", "user": "nobody", "blocked": true}),
            "unknown_user",
        ),
    ];
    for (frame, code) in rows {
        let answer = alice.ask(frame.clone()).await;
        assert_eq!(answer["code"], code, "{frame}: {answer}");
        if frame["user"].is_null() {
            assert_eq!(answer["conversation"], frame["conversation"], "{answer}");
        }
    }
    nothing_written(&stage);
    stage.close().await;
}
