//! Private: to a user who is no member, a conversation looks exactly like one that does not exist.

use serde_json::{Value, json};
use switchboard_tests::{Stage, ulid};

use crate::common::{NOWHERE, log, meet, nothing_written, orderly, part};

/// Everything that names a conversation.
fn frames(conversation: &str) -> Vec<Value> {
    let id = ulid();
    let send = |after: u64, body: Value| json!({"action": "send", "conversation": conversation, "id": id, "after": after, "body": body});
    vec![
        send(0, json!({"kind": "text", "text": "let me in"})),
        send(99, json!({"kind": "text", "text": "let me in"})),
        send(1, json!({"kind": "edit", "of": 1, "text": "mine now"})),
        send(1, json!({"kind": "delete", "of": 1})),
        send(
            1,
            json!({"kind": "reaction", "of": 7, "emoji": "👍", "on": true}),
        ),
        json!({"action": "receipt", "receipts": [{"conversation": conversation, "recv": 1}]}),
        json!({"action": "receipt", "receipts": [{"conversation": conversation, "recv": 99}]}),
        json!({"action": "typing", "conversation": conversation, "on": true}),
        json!({"action": "history", "conversation": conversation, "after": 0}),
        json!({"action": "history", "conversation": conversation, "before": 5}),
        json!({"action": "settings", "conversation": conversation, "muted_until": 5}),
    ]
}

#[tokio::test]
async fn a_stranger_learns_nothing_of_a_conversation() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    alice.send(&conversation, 0, "between us").await;
    bob.hear_event("entry").await;
    let before = log(&mut bob, &conversation).await;
    for role in ["customer", "provider"] {
        let mut mallory = stage
            .connect(&format!("mallory-{role}"), role, "phone")
            .await;
        stage.wire.forget();
        for (theirs, nowhere) in frames(&conversation).into_iter().zip(frames(NOWHERE)) {
            let of_theirs = mallory.ask(theirs.clone()).await;
            let of_nowhere = mallory.ask(nowhere).await;

            assert_eq!(
                of_theirs["code"], "unknown_conversation",
                "{theirs}: {of_theirs}"
            );
            // But for what the stranger said, word for word the same.
            let told = of_theirs.to_string().replace(&conversation, NOWHERE);
            let mut told: Value = serde_json::from_str(&told).unwrap();
            if told.get("id").is_some() {
                told["id"] = of_nowhere["id"].clone();
            }
            assert_eq!(told, of_nowhere, "{theirs}");
        }
        let sync = |it: &str| json!({"action": "sync", "cursors": {it: 0}});
        let nothing = json!({"event": "synced", "entries": [], "more": false});
        assert_eq!(mallory.ask(sync(&conversation)).await, nothing);
        assert_eq!(mallory.ask(sync(NOWHERE)).await, nothing);
        nothing_written(&stage);
    }
    alice.hears_nothing_more().await;
    bob.hears_nothing_more().await;
    assert_eq!(log(&mut bob, &conversation).await, before);
    stage.close().await;
}

#[tokio::test]
async fn a_stranger_hears_nothing_of_what_is_said() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let mut carla = stage.customer("carla", "phone").await;
    let mut carol = stage.provider("carol", "web").await;

    alice.send(&conversation, 0, "between us").await;
    alice
        .say(json!({"action": "typing", "conversation": conversation, "on": true}))
        .await;
    bob.hear_event("typing").await;
    bob.hear_event("entry").await;
    bob.confirm(&conversation, 1).await;
    alice.hear_event("receipt").await;
    part(&stage, bob, "bob").await;

    for stranger in [&mut carla, &mut carol] {
        stranger.hears_nothing_more().await;
        let welcome = stranger.ask(json!({"action": "hello"})).await;
        assert_eq!(welcome["conversations"], json!([]));
    }
    stage.close().await;
}
