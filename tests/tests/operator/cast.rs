//! How these plays begin, and what they ask.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use switchboard_local::apigw::Disconnects;
use switchboard_tests::{Actor, Stage, web};

/// How long a live connection has to confirm an entry.
pub(crate) const GRACE_MS: u64 = 3_000;
/// A text that no answer may hold.
pub(crate) const TEXT: &str = "the-key-is-under-the-mat";
/// A push token that no answer may hold.
pub(crate) const PUSH_TOKEN: &str = "token-of-bob";

/// Alice and bob are there, have a conversation, and bob has a phone that can be pushed to.
pub(crate) async fn both_there(stage: &Stage) -> (Actor, Actor, String) {
    let mut bob = stage.provider("bob", "phone").await;
    register(&mut bob, "phone", PUSH_TOKEN).await;
    let mut alice = stage.customer("alice", "web").await;
    let conversation = alice.open("bob").await;
    bob.hear_event("opened").await;
    (alice, bob, conversation)
}

/// Registers a phone of Google's.
pub(crate) async fn register(actor: &mut Actor, device: &str, token: &str) {
    let frame = json!({"action": "device", "device": device, "platform": "fcm", "token": token});
    let answer = actor.ask(frame).await;
    assert_eq!(answer["registered"], true, "{answer}");
}

/// Somebody's connection breaks and the platform never says so.
pub(crate) async fn vanishes(stage: &Stage, actor: Actor) {
    let api = &stage.host().site().api;
    let open = api.open_connections();
    api.chaos().set_disconnects(Disconnects::Lost);
    actor.leave().await;
    while api.open_connections() == open {
        tokio::task::yield_now().await;
    }
}

/// A door of the stage's.
pub(crate) async fn get(stage: &Stage, path: &str) -> Response<Bytes> {
    web::get(&format!("http://{}{path}", stage.address())).await
}

pub(crate) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|_| panic!("no JSON: {response:?}"))
}

/// What is told of an entry, which holds nothing that is nobody's business.
pub(crate) async fn traced(stage: &Stage, conversation: &str, seq: u64) -> Value {
    let path = format!("/_local/trace?conversation={conversation}&seq={seq}");
    let response = get(stage, &path).await;
    assert_eq!(response.status(), 200, "{response:?}");
    let text = str::from_utf8(response.body()).unwrap();
    for secret in [TEXT, PUSH_TOKEN] {
        assert!(!text.contains(secret), "{text}");
    }
    json_of(&response)
}

/// A timeline's steps in short: `posted bob/phone 200`.
pub(crate) fn steps(timeline: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let step = |it: &Value| {
        let whom = match (text(&it["user"]), text(&it["device"])) {
            (user, device) if device.is_empty() => user,
            (user, device) => format!("{user}/{device}"),
        };
        let all = [text(&it["event"]), whom, text(&it["answer"])];
        let said: Vec<String> = all.into_iter().filter(|it| !it.is_empty()).collect();
        said.join(" ")
    };
    timeline["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(step)
        .collect()
}

/// Where a timeline says that the message is.
pub(crate) fn place(timeline: &Value) -> &str {
    timeline["where"].as_str().unwrap()
}
