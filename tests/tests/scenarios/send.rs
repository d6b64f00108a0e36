//! `send`: once, in order, for everybody.

use serde_json::json;
use switchboard_tests::{Stage, ulid};

#[tokio::test]
async fn an_entry_reaches_everybody_but_the_sending_connection() {
    let stage = Stage::open().await;
    let mut phone = stage.customer("alice", "phone").await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut bob = stage.provider("bob", "web").await;
    let conversation = phone.open("bob").await;
    bob.hear_event("opened").await;

    let sent = phone.send(&conversation, 0, "on my way").await;

    assert_eq!(sent["seq"], 1);
    assert_eq!(sent["duplicate"], false);
    for other in [&mut tablet, &mut bob] {
        let entry = other.hear_event("entry").await;
        assert_eq!(entry["seq"], 1);
        assert_eq!(entry["from"], "alice");
        assert_eq!(entry["body"], json!({"kind": "text", "text": "on my way"}));
        other.hears_nothing_more().await;
    }
    phone.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn the_same_id_is_answered_the_same_however_often() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let _bob = stage.provider("bob", "web").await;
    let conversation = alice.open("bob").await;
    let frame = json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 0,
        "body": {"kind": "text", "text": "once"}});

    let first = alice.ask(frame.clone()).await;
    let again = alice.ask(frame.clone()).await;

    assert_eq!(again["seq"], first["seq"]);
    assert_eq!(again["ts"], first["ts"]);
    assert_eq!(again["duplicate"], true);
    let mut other = frame;
    other["body"]["text"] = json!("twice");
    assert_eq!(alice.refused(other).await, "conflict");
    stage.close().await;
}
