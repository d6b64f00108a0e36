//! How most of these plays begin.

use serde_json::{Value, json};
use switchboard_local::apigw::Disconnects;
use switchboard_tests::{Actor, Stage};

/// How long a live connection has to confirm an entry.
pub(crate) const GRACE_MS: u64 = 3_000;

/// Registers a phone of Google's.
pub(crate) async fn register(actor: &mut Actor, device: &str, token: &str) {
    let frame = json!({"action": "device", "device": device, "platform": "fcm", "token": token});
    let answer = actor.ask(frame).await;
    assert_eq!(answer["registered"], true, "{answer}");
}

/// Alice and bob are there, have a conversation, and bob has a phone that can be pushed to.
pub(crate) async fn both_there(stage: &Stage) -> (Actor, Actor, String) {
    let mut bob = stage.provider("bob", "phone").await;
    register(&mut bob, "phone", "token-of-bob").await;
    let mut alice = stage.customer("alice", "web").await;
    let conversation = alice.open("bob").await;
    bob.hear_event("opened").await;
    (alice, bob, conversation)
}

/// The same, but bob has left.
pub(crate) async fn bob_away(stage: &Stage) -> (Actor, String) {
    let (alice, bob, conversation) = both_there(stage).await;
    stage.leaves("bob", bob).await;
    (alice, conversation)
}

/// Somebody's connection breaks and the platform never says so.
pub(crate) async fn vanishes(stage: &Stage, actor: Actor) {
    let open = stage.host().site().api.open_connections();
    stage
        .host()
        .site()
        .api
        .chaos()
        .set_disconnects(Disconnects::Lost);
    actor.leave().await;
    while stage.host().site().api.open_connections() == open {
        tokio::task::yield_now().await;
    }
}

/// The pushes of a user, each as device and seq, oldest first.
pub(crate) async fn pushed(stage: &Stage, user: &str) -> Vec<(String, u64)> {
    let mut pushes: Vec<_> = stage
        .pushes(user)
        .await
        .iter()
        .map(|it| {
            (
                it["device"].as_str().unwrap().to_owned(),
                it["seq"].as_u64().unwrap(),
            )
        })
        .collect();
    pushes.reverse();
    pushes
}

/// What one pushed message says on a platform.
pub(crate) fn on(message: &Value, platform: &str) -> Value {
    serde_json::from_str(message[platform].as_str().unwrap()).unwrap()
}

/// One push to bob's phone.
pub(crate) fn to_phone(seq: u64) -> (String, u64) {
    ("phone".to_owned(), seq)
}
