//! How most of these plays begin, and how they look at the log in the end.

use serde_json::{Value, json};
use switchboard::Clock as _;
use switchboard_local::engine::Fault;
use switchboard_tests::events::Peer;
use switchboard_tests::{Actor, Stage, Trouble};

/// The SDK's attempts at one operation: a trouble of so many times is one that lasts.
pub(crate) const ATTEMPTS: usize = 3;

/// Alice and bob are there and have a conversation.
pub(crate) async fn both_there(stage: &Stage) -> (Actor, Actor, String) {
    let mut bob = stage.provider("bob", "web").await;
    let mut alice = stage.customer("alice", "phone").await;
    let conversation = alice.open("bob").await;
    bob.hear_event("opened").await;
    (alice, bob, conversation)
}

/// A `send` of a text.
pub(crate) fn text(conversation: &str, id: &str, after: u64, text: &str) -> Value {
    json!({"action": "send", "conversation": conversation, "id": id, "after": after,
        "body": {"kind": "text", "text": text}})
}

/// The whole log, each entry as seq, id and text.
pub(crate) async fn log(actor: &mut Actor, conversation: &str) -> Vec<(u64, String, String)> {
    let frame =
        json!({"action": "history", "conversation": conversation, "after": 0, "limit": 100});
    let page = actor.ask(frame).await;
    assert_eq!(page["more"], false, "{page}");
    let entries = page["entries"].as_array().unwrap();
    let told = |it: &Value| {
        let text = it["body"]["text"].as_str().unwrap_or_default();
        let id = it["id"].as_str().unwrap();
        (it["seq"].as_u64().unwrap(), id.to_owned(), text.to_owned())
    };
    entries.iter().map(told).collect()
}

/// A request that fails before it is applied.
pub(crate) fn refused(operation: &'static str, fault: Fault, times: usize) -> Trouble {
    Trouble {
        operation,
        containing: "\"chat\"".to_owned(),
        times,
        applied: false,
        fault,
    }
}

/// A request that is applied and whose answer does not arrive.
pub(crate) fn lost(operation: &'static str, fault: Fault, times: usize) -> Trouble {
    Trouble {
        applied: true,
        ..refused(operation, fault, times)
    }
}

/// A connected device, for events made by hand.
pub(crate) fn peer(stage: &Stage, user: &str, role: &'static str, device: &str) -> Peer {
    Peer {
        user: user.to_owned(),
        role,
        device: device.to_owned(),
        connection: stage.connection_id(user, device),
        connected_at: stage.clock.now_ms(),
    }
}
