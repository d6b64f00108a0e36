//! `typing`: told to the other member's connections, and kept nowhere.

use serde_json::json;

use crate::common::{NOWHERE, meet, nothing_written, orderly, view};

#[tokio::test]
async fn typing_is_told_to_the_other_member_alone_and_never_stored() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut web = stage.provider("bob", "tablet").await;
    stage.wire.forget();

    for on in [true, false] {
        alice
            .say(json!({"action": "typing", "conversation": conversation, "on": on}))
            .await;

        let told =
            json!({"event": "typing", "conversation": conversation, "user": "alice", "on": on});
        for other in [&mut bob, &mut web] {
            assert_eq!(other.hear_event("typing").await, told);
        }
    }

    assert_eq!(view(&mut alice, &conversation).await["last_seq"], 0);
    nothing_written(&stage);
    for actor in [&mut alice, &mut tablet, &mut bob, &mut web] {
        actor.hears_nothing_more().await;
    }
    stage.close().await;
}

#[tokio::test]
async fn typing_that_fails_is_answered() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let typing =
        |conversation: &str| json!({"action": "typing", "conversation": conversation, "on": true});

    let unknown = alice.ask(typing(NOWHERE)).await;

    assert_eq!(unknown["code"], "unknown_conversation");
    assert_eq!(unknown["conversation"], NOWHERE);
    let mut without = typing(&conversation);
    without["on"] = json!("yes");
    let bad = alice.ask(without).await;
    assert_eq!(bad["code"], "bad_request");
    assert!(bad["message"].as_str().unwrap().starts_with("on "), "{bad}");
    bob.hears_nothing_more().await;
    stage.close().await;
}
