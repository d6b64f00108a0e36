//! `open`: one conversation for each pair and key, whoever opens it, however often, also at the same moment.

use serde_json::json;
use switchboard_tests::Stage;
use tokio::join;

use crate::common::{meet, member, open_key, part};

#[tokio::test]
async fn a_new_conversation_is_told_to_the_other_member_alone() {
    let stage = Stage::open().await;
    let mut phone = stage.customer("alice", "phone").await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut bob = stage.provider("bob", "web").await;
    let mut carol = stage.provider("carol", "web").await;
    let frame = json!({"action": "open", "with": "bob", "key": "b-1", "subject": "Saturday"});

    let opened = phone.ask(frame).await;

    assert_eq!(opened["event"], "opened", "{opened}");
    assert_eq!(opened["created"], true);
    assert_eq!(opened["key"], "b-1");
    assert_eq!(opened["subject"], "Saturday");
    assert_eq!(opened["last_seq"], 0);
    assert_eq!(opened["last"], json!(null));
    assert_eq!(opened["unread"], 0);
    assert_eq!(opened["last_at"], stage.host().site().clock.now_ms());
    let told = bob.hear_event("opened").await;
    assert!(told.get("ref").is_none(), "{told}");
    for field in ["conversation", "key", "subject", "created", "last_seq"] {
        assert_eq!(told[field], opened[field], "{field}");
    }
    // Each reads it as a member does: what is muted is told to oneself alone.
    assert!(member(&told, "bob").get("muted_until").is_some());
    assert!(member(&told, "alice").get("muted_until").is_none());
    for actor in [&mut phone, &mut tablet, &mut bob, &mut carol] {
        actor.hears_nothing_more().await;
    }
    stage.close().await;
}

#[tokio::test]
async fn the_same_pair_and_key_give_the_same_conversation() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, plain) = meet(&stage).await;
    let keyed = open_key(&mut alice, "bob", "b-1").await;
    let other = open_key(&mut alice, "bob", "b-2").await;
    assert_ne!(plain, keyed);
    assert_ne!(keyed, other);

    let subject = json!({"action": "open", "with": "alice", "key": "b-1", "subject": "too late"});
    let again = bob.ask(subject).await;

    assert_eq!(again["conversation"], keyed.as_str());
    assert_eq!(again["created"], false);
    assert_eq!(again["subject"], "", "the subject is that of the opening");
    assert_eq!(open_key(&mut bob, "alice", "").await, plain);
    assert_eq!(open_key(&mut alice, "bob", "b-2").await, other);
    // Nobody is told of what was there before.
    alice.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn an_opened_conversation_says_what_has_happened_in_it() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    bob.send(&conversation, 0, "hello").await;

    let again = alice.ask(json!({"action": "open", "with": "bob"})).await;

    assert_eq!(again["last_seq"], 1);
    assert_eq!(again["last"]["body"]["text"], "hello");
    assert_eq!(again["unread"], 1);
    stage.close().await;
}

#[tokio::test]
async fn both_may_open_at_the_same_moment() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;
    for key in ["", "1", "2", "3", "4", "5", "6", "7", "8", "9"] {
        let (hers, his) = join!(
            alice.ask(json!({"action": "open", "with": "bob", "key": key})),
            bob.ask(json!({"action": "open", "with": "alice", "key": key})),
        );

        assert_eq!(hers["event"], "opened", "{hers}");
        assert_eq!(his["event"], "opened", "{his}");
        assert_eq!(hers["conversation"], his["conversation"]);
        assert_ne!(hers["created"], his["created"], "one of them created it");
        let told = if hers["created"] == true {
            &mut bob
        } else {
            &mut alice
        };
        let event = told.hear_event("opened").await;
        assert_eq!(event["conversation"], hers["conversation"]);
        alice.hears_nothing_more().await;
        bob.hears_nothing_more().await;
    }
    stage.close().await;
}

#[tokio::test]
async fn one_opens_with_somebody_on_the_other_side_who_has_connected() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let mut carla = stage.customer("carla", "phone").await;
    stage.wire.forget();
    for unknown in ["nobody", "carla", "alice"] {
        let frame = json!({"action": "open", "with": unknown});
        assert_eq!(alice.refused(frame).await, "unknown_user", "{unknown}");
    }
    crate::common::nothing_written(&stage);
    carla.hears_nothing_more().await;

    let bob = stage.provider("bob", "web").await;
    part(&stage, bob, "bob").await;

    alice.open("bob").await;
    stage.close().await;
}

#[tokio::test]
async fn keys_and_subjects_are_taken_as_they_are() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let _bob = stage.provider("bob", "web").await;
    let longest = "k".repeat(64);
    let mut seen = Vec::new();
    for key in ["a", "A", "a#b", " ", "größe", "#", longest.as_str()] {
        let subject = "s".repeat(256);
        let frame = json!({"action": "open", "with": "bob", "key": key, "subject": subject});
        let opened = alice.ask(frame).await;
        assert_eq!(opened["key"], key, "{opened}");
        assert_eq!(opened["subject"], subject);
        assert!(
            !seen.contains(&opened["conversation"]),
            "{key} is a key of its own"
        );
        seen.push(opened["conversation"].clone());
    }
    let long = json!({"action": "open", "with": "bob", "key": "k".repeat(65)});
    assert_eq!(alice.refused(long).await, "bad_request");
    let long = json!({"action": "open", "with": "bob", "subject": "s".repeat(257)});
    assert_eq!(alice.refused(long).await, "bad_request");
    stage.close().await;
}
