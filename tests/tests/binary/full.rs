//! Goal: on a full disk a send is refused with `unavailable` and may be sent again, what was acknowledged stays, and
//! everything goes on once there is space.
//! Method: the process may not write beyond a size of its files (`RLIMIT_FSIZE`, with its signal ignored), which needs
//! no privileges; where the write that meets the bound stands in its frame is another one each time. Short of the
//! errno, which is `EFBIG` and not `ENOSPC`, that is what a file system without space does.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use switchboard_tests::{Actor, ulid};
use tokio::process::Command;

use crate::gateway::{Gateway, gone, serving};

/// What still fits: nothing, a part of a frame's header, a part of its page, a page, some pages and a part.
const SPACE_BYTES: [u64; 6] = [0, 1, 100, 2_048, 4_120, 40_000];

/// The executable in a shell that lets it survive a write beyond the bound; `ulimit` is the bound from the beginning,
/// and `log` may send standard error somewhere.
fn bounded(data: &Path, ulimit: &str, log: &str) -> Command {
    let plain = serving(data);
    let plain = plain.as_std();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!(
            r#"trap "" XFSZ; ulimit -S -f {ulimit}; exec "$0" "$@" {log}"#
        ))
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true);
    shell
}

/// The size beyond which no file of the process grows; none for no bound.
fn bound(gateway: &Gateway, bytes: Option<u64>) {
    let id = Pid::from_raw(i32::try_from(gateway.id()).unwrap());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(id, Resource::Fsize, limit).expect("a process of one's own");
}

/// Leaves the write-ahead log that much room.
fn fill(gateway: &Gateway, data: &Path, space: u64) {
    let log = fs::metadata(data.join("switchboard.db-wal")).unwrap();
    bound(gateway, Some(log.len() + space));
}

/// Alice, and what was acknowledged to her.
struct Alice {
    actor: Actor,
    conversation: String,
    sent: Vec<Value>,
    /// The frame that was refused.
    refused: Option<Value>,
}

impl Alice {
    async fn prepare(gateway: &Gateway) -> Self {
        gateway.connect("bob", "provider").await.leave().await;
        let mut actor = gateway.connect("alice", "customer").await;
        let conversation = actor.open("bob").await;
        Self {
            actor,
            conversation,
            sent: Vec::new(),
            refused: None,
        }
    }

    /// Sends what was refused, with the same id and `after`, or something new. False where it is refused.
    async fn send(&mut self, at: &str) -> bool {
        let new = json!({"action": "send", "conversation": self.conversation, "id": ulid(),
            "after": self.sent.len(), "body": {"kind": "text", "text": "x".repeat(1_000)}});
        let frame = self.refused.take().unwrap_or(new);
        let answer = self.actor.ask(frame.clone()).await;
        if answer["event"] == "sent" {
            assert_eq!(answer["seq"], self.sent.len() + 1, "{at}: {answer}");
            assert_eq!(answer["duplicate"], false, "{at}: {answer}");
            self.sent.push(answer);
            return true;
        }
        assert_eq!(answer["event"], "error", "{at}: {answer}");
        assert_eq!(answer["code"], "unavailable", "{at}: {answer}");
        assert_eq!(answer["retry"], true, "{at}: {answer}");
        self.refused = Some(frame);
        false
    }

    /// Asserts that history is what was acknowledged, neither less nor more.
    async fn judge(&mut self, at: &str) {
        let history = json!({"action": "history", "conversation": self.conversation, "after": 0,
            "limit": 100});
        let page = self.actor.ask(history).await;
        assert_eq!(page["event"], "page", "{at}: {page}");
        let log = page["entries"].as_array().unwrap();
        let places = |it: &Value| (it["seq"].clone(), it["id"].clone(), it["ts"].clone());
        let (log, sent): (Vec<_>, Vec<_>) = (
            log.iter().map(places).collect(),
            self.sent.iter().map(places).collect(),
        );
        assert_eq!(log, sent, "{at}");
    }

    /// Sends until the disk is full, and looks around.
    async fn meet_the_bound(&mut self, at: &str) {
        while self.send(at).await {}
        self.judge(at).await;
        assert!(!self.send(at).await, "{at}");
    }
}

async fn stop(gateway: Gateway, alice: Alice, at: &str) {
    let (ended, closed) = tokio::join!(gateway.stop("TERM"), gone(alice.actor));
    assert_eq!((ended.code, closed.0), (Some(0), 1001), "{at}: {ended:?}");
}

#[tokio::test]
async fn a_full_disk_refuses_sends_until_there_is_space() {
    // The second time with the log on it too: a line that cannot be written costs nothing but the line.
    for log in ["", "2>/dev/full"] {
        fill_and_free(log).await;
    }
}

async fn fill_and_free(log: &str) {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::of(bounded(data.path(), "unlimited", log)).await;
    let mut alice = Alice::prepare(&gateway).await;
    assert!(alice.send("space").await);
    for space in SPACE_BYTES {
        let at = format!("{space} bytes left");
        fill(&gateway, data.path(), space);
        alice.meet_the_bound(&at).await;
        bound(&gateway, None);
        assert!(alice.send(&at).await && alice.send(&at).await, "{at}");
        alice.judge(&at).await;
    }
    stop(gateway, alice, "at the end").await;
}

#[tokio::test]
async fn a_gateway_that_ends_on_a_full_disk_comes_back_with_everything() {
    for space in SPACE_BYTES {
        for signal in ["KILL", "TERM"] {
            let at = format!("{signal} with {space} bytes left");
            let data = tempfile::tempdir().unwrap();
            let gateway = Gateway::of(bounded(data.path(), "unlimited", "")).await;
            let mut alice = Alice::prepare(&gateway).await;
            assert!(alice.send(&at).await);
            fill(&gateway, data.path(), space);
            alice.meet_the_bound(&at).await;
            // Whoever is still connected is not waited for.
            let (ended, _) = tokio::join!(gateway.stop(signal), gone(alice.actor));
            let code = (signal == "TERM").then_some(0);
            assert_eq!(ended.code, code, "{at}: {ended:?}");
            assert!(!ended.err.contains("panicked"), "{at}: {ended:?}");

            let gateway = Gateway::on(data.path()).await;
            alice.actor = gateway.connect("alice", "customer").await;
            alice.judge(&at).await;
            assert!(alice.send(&at).await && alice.send(&at).await, "{at}");
            alice.judge(&at).await;
            stop(gateway, alice, &at).await;
        }
    }
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_so_and_costs_nothing() {
    let data = tempfile::tempdir().unwrap();
    let refuse = async |at: &str| {
        // In blocks of 512 bytes: the key fits, and the first frame of a log, and no table.
        let Err(ended) = Gateway::attempt(bounded(data.path(), "16", "")).await else {
            panic!("{at}: it starts");
        };
        assert_eq!(ended.code, Some(1), "{at}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{at}: {ended:?}");
        let database = data.path().join("switchboard.db");
        let is_named = ended.err.contains(database.to_str().unwrap());
        assert!(is_named, "{at}: {ended:?}");
    };
    refuse("the first time").await;
    let gateway = Gateway::on(data.path()).await;
    let mut alice = Alice::prepare(&gateway).await;
    assert!(alice.send("then").await);
    let (ended, _) = tokio::join!(gateway.stop("TERM"), gone(alice.actor));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    refuse("the next time").await;
    let gateway = Gateway::on(data.path()).await;
    alice.actor = gateway.connect("alice", "customer").await;
    alice.judge("afterwards").await;
    assert!(alice.send("afterwards").await);
    stop(gateway, alice, "afterwards").await;
}
