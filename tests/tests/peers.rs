//! Goal: clients that others wrote, on libraries that others wrote, are served as the protocol says.
//! Method: each peer is a program of its own with its own idea of WebSocket, against the whole gateway.
//! `tests/peers/setup` installs the libraries; a test without them fails.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use switchboard_tests::Stage;
use tokio::process::Command;
use tokio::time::timeout;

/// A bound on real time: nothing waits for it, and a peer that hangs ends.
const PATIENCE: Duration = Duration::from_secs(45);

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Runs a peer to its end.
async fn plays(stage: &Stage, program: &Path, script: &str, needed: &Path) -> Output {
    assert!(
        needed.exists(),
        "a peer's library is not installed: run tests/peers/setup"
    );
    let peer = Command::new(program)
        .arg(peers().join(script))
        .env("PEER_URL", format!("ws://{}/local", stage.address()))
        .env("PEER_CUSTOMER", stage.token("alice", "customer"))
        .env("PEER_PROVIDER", stage.token("bob", "provider"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(PATIENCE, peer).await;
    ended
        .expect("the peer did not end")
        .expect("failed to run the peer")
}

/// Asserts that a peer was content, after the steps that it has.
fn is_content(output: &Output, steps: usize) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {out}{err}", output.status);
    assert_eq!(out.lines().count(), steps, "{out}{err}");
}

#[tokio::test]
async fn a_python_client_on_websockets_is_served() {
    let stage = Stage::open().await;
    let installed = peers().join("../../.tools/peers/python");
    let python = installed.join("bin/python");
    let output = plays(&stage, &python, "python/peer.py", &python).await;
    is_content(&output, 10);
    stage.close().await;
}

#[tokio::test]
async fn a_node_client_on_ws_is_served() {
    let stage = Stage::open().await;
    let library = peers().join("node/node_modules/ws");
    let output = plays(&stage, Path::new("node"), "node/peer.js", &library).await;
    is_content(&output, 10);
    stage.close().await;
}
