//! What a push says.

use serde_json::json;
use switchboard::PushText;
use switchboard_tests::{Setting, Stage};

use crate::cast::{GRACE_MS, bob_away, both_there, on, pushed, to_phone};

#[tokio::test]
async fn each_service_gets_its_own_form_with_conversation_seq_and_collapse_key() {
    let stage = Stage::open().await;
    let (mut alice, id) = bob_away(&stage).await;
    alice.send(&id, 0, "secret").await;
    stage.delivered().await;

    let [push] = stage.pushes("bob").await.try_into().unwrap();
    let message = &push["message"];
    assert_eq!(message["default"], "New message");
    let apns = on(message, "APNS");
    assert_eq!(apns, on(message, "APNS_SANDBOX"));
    assert_eq!(apns["aps"]["alert"]["loc-key"], "SWITCHBOARD_NEW_MESSAGE");
    assert_eq!(apns["aps"]["badge"], 1);
    assert_eq!(apns["aps"]["thread-id"], id.as_str());
    assert_eq!(apns["conversation"], id.as_str());
    assert_eq!(apns["seq"], 1);
    let fcm = &on(message, "GCM")["fcmV1Message"]["message"];
    assert_eq!(fcm["android"]["collapse_key"], id.as_str());
    assert_eq!(fcm["android"]["notification"]["tag"], id.as_str());
    assert_eq!(
        fcm["android"]["notification"]["body_loc_key"],
        "SWITCHBOARD_NEW_MESSAGE"
    );
    let data = json!({"conversation": id, "seq": "1", "badge": "1"});
    assert_eq!(fcm["data"], data);
    assert!(!message.to_string().contains("secret"), "{message}");
    // What the inbox shows is what SNS was given.
    let [call] = stage.host().sns().published().try_into().unwrap();
    let given: serde_json::Value = serde_json::from_str(&call.message).unwrap();
    assert_eq!(given, *message);
    assert!(call.message.len() < 4_096);
    assert_eq!(call.token, "token-of-bob");
    stage.close().await;
}

#[tokio::test]
async fn apple_collapses_by_conversation_too() {
    let stage = Stage::open().await;
    let mut bob = stage.provider("bob", "phone").await;
    let frame = json!({"action": "device", "device": "phone", "platform": "apns", "token": "t1"});
    bob.ask(frame).await;
    let mut alice = stage.customer("alice", "web").await;
    let conversation = alice.open("bob").await;
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    let [call] = stage.host().sns().published().try_into().unwrap();
    assert_eq!(
        call.attributes.get("AWS.SNS.MOBILE.APNS.COLLAPSE_ID"),
        Some(&conversation),
        "{:?}",
        call.attributes
    );
    stage.close().await;
}

#[tokio::test]
async fn the_badge_counts_what_is_unread_in_all_conversations() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, one) = both_there(&stage).await;
    let mut carol = stage.customer("carol", "web").await;
    let other = carol.open("bob").await;
    bob.hear_event("opened").await;
    // Two of alice's were read, one was not.
    for text in ["one", "two", "three"] {
        alice.send(&one, 0, text).await;
    }
    bob.ask(
        json!({"action": "send", "conversation": one, "id": switchboard_tests::ulid(),
        "after": 3, "body": {"kind": "text", "text": "yes"}}),
    )
    .await;
    let receipts = json!([{"conversation": one, "recv": 3, "read": 2}]);
    bob.say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    alice.hear_event("receipt").await;
    stage.clock.flow(stage.delivered()).await;
    assert_eq!(pushed(&stage, "bob").await, []);
    stage.leaves("bob", bob).await;

    carol.send(&other, 0, "and me").await;
    carol.send(&other, 0, "and me too").await;
    stage.delivered().await;

    let newest = &stage.pushes("bob").await[0];
    assert_eq!(newest["conversation"], other.as_str());
    assert_eq!(on(&newest["message"], "APNS")["aps"]["badge"], 3);
    stage.close().await;
}

#[tokio::test]
async fn a_burst_in_one_conversation_is_one_push() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "one").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    // These come while the first is waited for, so they are the next batch.
    for text in ["two", "three", "four"] {
        alice.send(&conversation, 0, text).await;
        bob.hear_event("entry").await;
    }
    while stage.host().delivery().counters().held() < 4 {
        tokio::task::yield_now().await;
    }

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    for seq in 1..=4 {
        assert_eq!(bob.hear_event("entry").await["seq"], seq);
    }
    bob.hears_nothing_more().await;
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1), to_phone(4)]);
    stage.close().await;
}

async fn previewing() -> Stage {
    let push_text = PushText::Preview;
    Stage::set(Setting {
        push_text,
        ..Setting::default()
    })
    .await
}

#[tokio::test]
async fn a_preview_shows_the_beginning_of_the_text() {
    let stage = previewing().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    let text = "ä".repeat(8_000);
    alice.send(&conversation, 0, &text).await;
    stage.delivered().await;

    let [push] = stage.pushes("bob").await.try_into().unwrap();
    let body = on(&push["message"], "APNS")["aps"]["alert"]["body"].clone();
    let body = body.as_str().unwrap();
    assert!(!body.is_empty() && text.starts_with(body), "{body}");
    let [call] = stage.host().sns().published().try_into().unwrap();
    for platform in ["APNS", "GCM"] {
        assert!(push["message"][platform].as_str().unwrap().len() < 4_096);
    }
    assert!(call.message.contains("ä"));
    stage.close().await;
}

#[tokio::test]
async fn a_preview_of_what_was_deleted_meanwhile_does_not_show_it() {
    let stage = previewing().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "regrettable").await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    alice
        .send_body(&conversation, 1, json!({"kind": "delete", "of": 1}))
        .await;

    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    let pushes = stage.pushes("bob").await;
    assert!(!pushes.is_empty());
    assert!(!format!("{pushes:?}").contains("regrettable"), "{pushes:?}");
    stage.close().await;
}
