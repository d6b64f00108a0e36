//! What the plays share: how they begin, and how their frames are read.

use serde_json::{Value, json};
use switchboard_local::apigw::{Invocations, Limits};
use switchboard_tests::{Actor, Observed, Setting, Stage};

/// An id of the right form that is nobody's.
pub(crate) const NOWHERE: &str = "01JD8Z3KQ5W9T0000000000001";

/// Alice, a customer, Bob, a provider, and their conversation.
pub(crate) async fn meet(stage: &Stage) -> (Actor, Actor, String) {
    let mut alice = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;
    let conversation = alice.open("bob").await;
    bob.hear_event("opened").await;
    (alice, bob, conversation)
}

/// Alice, and a conversation with Bob, who has left: nothing has to be confirmed.
pub(crate) async fn alone(stage: &Stage) -> (Actor, String) {
    let (alice, bob, conversation) = meet(stage).await;
    part(stage, bob, "bob").await;
    (alice, conversation)
}

/// A stage on which the frames of one connection are dealt with one after the other: whoever asks
/// something after a frame that has no reply knows that it has been dealt with.
pub(crate) async fn orderly() -> Stage {
    let limits = Limits {
        invocations: Invocations::Serial,
        ..Limits::default()
    };
    Stage::set(Setting {
        limits,
        ..Setting::default()
    })
    .await
}

/// Leaves, and returns when the gateway has noticed.
pub(crate) async fn part(stage: &Stage, actor: Actor, user: &str) {
    let departure = |it: &Observed| {
        it.operation == "UpdateItem"
            && it.request["Key"]["pk"]["S"] == format!("U#{user}")
            && it.request["UpdateExpression"] == "SET last_seen = :at"
    };
    let observed = stage.wire.observed();
    let before = observed.iter().filter(|it| departure(it)).count();
    actor.leave().await;
    stage.wire.saw(before + 1, departure).await;
}

/// Opens the pair's conversation of a key and returns its id.
pub(crate) async fn open_key(actor: &mut Actor, with: &str, key: &str) -> String {
    let opened = actor
        .ask(json!({"action": "open", "with": with, "key": key}))
        .await;
    assert_eq!(opened["event"], "opened", "{opened}");
    opened["conversation"].as_str().unwrap().to_owned()
}

/// Sends so many texts, numbered, as fast as the rate allows: one in half a second.
pub(crate) async fn talk(stage: &Stage, actor: &mut Actor, conversation: &str, after: u64, n: u64) {
    for number in 1..=n {
        stage.clock.advance(500);
        let sent = actor
            .send(conversation, after, &format!("text {number}"))
            .await;
        assert_eq!(sent["duplicate"], false);
    }
}

/// A `send` of a text under an id.
pub(crate) fn text_frame(conversation: &str, id: &str, after: u64, text: &str) -> Value {
    json!({"action": "send", "conversation": conversation, "id": id, "after": after,
        "body": {"kind": "text", "text": text}})
}

/// A conversation as the actor's inbox has it.
pub(crate) async fn view(actor: &mut Actor, conversation: &str) -> Value {
    let inbox = actor.ask(json!({"action": "inbox", "limit": 50})).await;
    list(&inbox["conversations"])
        .into_iter()
        .find(|it| it["conversation"] == conversation)
        .unwrap()
}

/// A member of a conversation.
pub(crate) fn member<'a>(conversation: &'a Value, user: &str) -> &'a Value {
    let members = conversation["members"].as_array().unwrap();
    members.iter().find(|it| it["user"] == user).unwrap()
}

/// The whole log.
pub(crate) async fn log(actor: &mut Actor, conversation: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    loop {
        let after = entries.len();
        let page = actor
            .ask(json!({"action": "history", "conversation": conversation, "after": after}))
            .await;
        assert_eq!(page["event"], "page", "{page}");
        entries.extend(list(&page["entries"]));
        if page["more"] == false {
            return entries;
        }
    }
}

/// The elements of an array.
pub(crate) fn list(array: &Value) -> Vec<Value> {
    array.as_array().unwrap().clone()
}

/// The places of entries.
pub(crate) fn seqs(entries: &Value) -> Vec<u64> {
    let entries = entries.as_array().unwrap();
    entries
        .iter()
        .map(|it| it["seq"].as_u64().unwrap())
        .collect()
}

/// The ids of conversations.
pub(crate) fn ids(conversations: &Value) -> Vec<String> {
    let conversations = conversations.as_array().unwrap();
    let id = |it: &Value| it["conversation"].as_str().unwrap().to_owned();
    conversations.iter().map(id).collect()
}

/// Asserts that no write has succeeded since the wire was told to forget.
pub(crate) fn nothing_written(stage: &Stage) {
    let observed = stage.wire.observed();
    let written = observed.iter().find(|it| it.writes() && it.status == 200);
    assert!(written.is_none(), "{written:?}");
}
