//! A data directory with something to lose, and what a gateway on a copy of it has to say.

use std::fs;

use serde_json::{Value, json};
use switchboard_tests::Actor;
use tempfile::TempDir;

use crate::gateway::{Gateway, contents, gone};
use crate::harm::LOG;

const CONVERSATIONS: usize = 8;
/// Sends to each conversation before the clean stop, and after it until the kill.
pub(crate) const SENDS: u64 = 6;
/// The texts are long, so that most pages of the database are theirs.
const TEXT_BYTES: usize = 2_000;

/// What was acknowledged: conversations and their pages of history.
#[derive(Debug)]
pub(crate) struct Before {
    /// As a kill left it: a database and a log.
    pub(crate) killed: TempDir,
    /// As a stop left it: a database alone.
    pub(crate) stopped: TempDir,
    pages: Vec<(String, Value)>,
}

async fn page(actor: &mut Actor, conversation: &str) -> Value {
    let history = json!({"action": "history", "conversation": conversation, "after": 0,
        "limit": 100});
    actor.ask(history).await
}

async fn send_to_all(actor: &mut Actor, conversations: &[String], after: u64) {
    for seq in after..after + SENDS {
        for conversation in conversations {
            actor.send(conversation, seq, &"x".repeat(TEXT_BYTES)).await;
        }
    }
}

/// A directory in which half of what was said stands in the database and the other half in its write-ahead log.
pub(crate) async fn before() -> Before {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::on(data.path()).await;
    gateway.connect("bob", "provider").await.leave().await;
    let mut alice = gateway.connect("alice", "customer").await;
    let mut conversations = Vec::new();
    for key in 0..CONVERSATIONS {
        let open = json!({"action": "open", "with": "bob", "key": key.to_string()});
        let opened = alice.ask(open).await;
        conversations.push(opened["conversation"].as_str().unwrap().to_owned());
    }
    send_to_all(&mut alice, &conversations, 0).await;
    let (ended, _) = tokio::join!(gateway.stop("TERM"), gone(alice));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut gateway = Gateway::on(data.path()).await;
    let mut alice = gateway.connect("alice", "customer").await;
    send_to_all(&mut alice, &conversations, SENDS).await;
    let mut pages = Vec::new();
    for conversation in conversations {
        let page = page(&mut alice, &conversation).await;
        assert_eq!(page["more"], false);
        pages.push((conversation, page));
    }
    gateway.kill().await;
    let stopped = copy(&data);
    let ended = Gateway::on(stopped.path()).await.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!stopped.path().join(LOG).exists());
    Before {
        killed: data,
        stopped,
        pages,
    }
}

/// A directory to be damaged.
pub(crate) fn copy(data: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for path in contents(data.path()).keys() {
        fs::copy(path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// Asserts what it has to say of each conversation, and to the next send to it. False where nobody can connect.
pub(crate) async fn says(
    before: &Before,
    gateway: Gateway,
    at: &str,
    judge: impl Fn(&Value, &Value, &Value),
) -> bool {
    let bearer = format!("Bearer {}", gateway.token("alice", "customer").await);
    let connected = Actor::connect(gateway.address, "", &[("authorization", &bearer)]).await;
    let mut alice = match connected {
        Ok(alice) => alice,
        Err(refused) => {
            assert_eq!(refused.status, 503, "{at}: {refused:?}");
            let ended = gateway.stop("TERM").await;
            assert_eq!(ended.code, Some(0), "{at}: {ended:?}");
            return false;
        }
    };
    for (conversation, known) in &before.pages {
        let found = page(&mut alice, conversation).await;
        let after = found["entries"].as_array().map_or(0, |it| it.len() as u64);
        let text = json!({"kind": "text", "text": "and now"});
        let sent = alice.send_body(conversation, after, text).await;
        judge(known, &found, &sent);
    }
    let (ended, _) = tokio::join!(gateway.stop("TERM"), gone(alice));
    assert_eq!(ended.code, Some(0), "{at}: {ended:?}");
    assert!(!ended.err.contains("panicked"), "{at}: {ended:?}");
    true
}
