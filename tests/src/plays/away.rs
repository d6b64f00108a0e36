//! Somebody is not there to hear, or does not say that they heard.

use serde_json::{Value, json};
use switchboard::protocol::Role;

use crate::actor::Actor;
use crate::plays::has_left;
use crate::venue::{Guest, Venue, connect};

/// How long a live connection has to confirm an entry.
const GRACE_MS: u64 = 3_000;

/// Somebody left: their phone is told.
pub async fn offline(venue: &dyn Venue) {
    let (mut alices, bobs, bob, conversation) = with_phone(venue).await;
    bobs.leave().await;
    has_left(&mut alices, &bob.id).await;
    let sent = alices.send(&conversation, 0, "are you there?").await;
    assert_eq!(sent["seq"], 1);
    tells_of(&venue.push(&conversation, 1).await, &conversation, "1");

    let mut bobs = connect(venue, &bob, "phone").await;
    let synced = bobs.ask(json!({"action": "sync", "cursors": {}})).await;
    assert_eq!(
        synced["entries"][0]["body"]["text"], "are you there?",
        "{synced}"
    );
    bobs.confirm(&conversation, 1).await;
    for actor in [alices, bobs] {
        actor.leave().await;
    }
}

/// Somebody is connected and does not confirm: after the grace they hear it again, and their phone is told.
pub async fn silent(venue: &dyn Venue) {
    let (mut alices, mut bobs, _, conversation) = with_phone(venue).await;
    let sent = alices.send(&conversation, 0, "do you hear?").await;
    let first = bobs.hear_event("entry").await;
    venue.passes(GRACE_MS).await;
    let again = bobs.hear_event("entry").await;
    assert_eq!(again, first);
    assert_eq!(again["ts"], sent["ts"]);
    tells_of(&venue.push(&conversation, 1).await, &conversation, "1");
    for actor in [alices, bobs] {
        actor.leave().await;
    }
}

/// Alice and bob are there, have a conversation, and bob's phone can be pushed to.
async fn with_phone(venue: &dyn Venue) -> (Actor, Actor, Guest, String) {
    let alice = venue.guest("alice", Role::Customer).await;
    let bob = venue.guest("bob", Role::Provider).await;
    let mut bobs = connect(venue, &bob, "phone").await;
    let token = format!("push-token-of-{}", bob.id);
    let device = json!({"action": "device", "device": "phone", "platform": "fcm", "token": token});
    let answer = bobs.ask(device).await;
    assert_eq!(answer["registered"], true, "{answer}");
    let mut alices = connect(venue, &alice, "phone").await;
    let conversation = alices.open(&bob.id).await;
    bobs.hear_event("opened").await;
    (alices, bobs, bob, conversation)
}

/// A push says which entry of which conversation, and nothing of what was said.
fn tells_of(message: &Value, conversation: &str, seq: &str) {
    let fcm: Value = serde_json::from_str(message["GCM"].as_str().unwrap()).unwrap();
    let fcm = &fcm["fcmV1Message"]["message"];
    assert_eq!(fcm["data"]["conversation"], conversation);
    assert_eq!(fcm["data"]["seq"], seq);
    assert_eq!(fcm["android"]["collapse_key"], conversation);
    assert_eq!(fcm["notification"]["body"], "New message");
    for said in ["are you there", "do you hear"] {
        assert!(!message.to_string().contains(said), "{message}");
    }
}
