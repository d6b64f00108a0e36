//! Goal: the TypeScript client keeps the protocol's rules, and the contract's documents are what their own tools take.
//! Method: the package's own tests, against the local host and the conformance kit as programs, and AsyncAPI's parser.
//! `tests/typescript/setup` installs what they run with; a test without it fails.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use switchboard_tests::program;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// A bound on real time: nothing waits for it, and a program that hangs ends. The kit's plays take half a minute.
const PATIENCE: Duration = Duration::from_mins(4);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a program to its end.
async fn run(command: &mut Command) -> Output {
    let running = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let ended = timeout(PATIENCE, running).await;
    ended.expect("it did not end").expect("failed to run it")
}

/// What it said, where it was content.
fn content(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {out}{err}", output.status);
    out.into_owned()
}

fn is_installed(package: &Path) {
    assert!(
        package.join("node_modules").exists(),
        "the packages are not installed: run tests/typescript/setup"
    );
}

#[tokio::test]
async fn the_typescript_client_passes_its_tests() {
    let package = repository().join("protocol/typescript");
    is_installed(&package);
    let built = program::build(env!("CARGO_TARGET_TMPDIR"), &["switchboard"]);
    let mut npm = Command::new("npm");
    npm.args(["test", "--silent"])
        .current_dir(&package)
        .env("SWITCHBOARD", &built["switchboard"]);
    let out = content(&run(&mut npm).await);
    let size = out.lines().find(|it| it.contains("gzipped"));
    println!("the client's bundle: {}", size.expect("the size is told"));
    for play in ["hello", "lost-ack", "reconnect-by", "changes"] {
        assert!(out.contains(play), "{play} was not played: {out}");
    }
}

#[tokio::test]
async fn the_asyncapi_document_is_valid_by_asyncapis_parser() {
    let package = repository().join("tests/typescript/asyncapi");
    is_installed(&package);
    let contract = repository().join("protocol/contract/asyncapi.yaml");
    let check = |document: &Path| {
        let mut node = Command::new("node");
        node.arg("check.js").arg(document).current_dir(&package);
        node
    };
    let out = content(&run(&mut check(&contract)).await);
    assert_eq!(out, "27 operations, 31 messages\n");

    // The check can fail: a document with a reference to nowhere, and one with a key that AsyncAPI does not know.
    let text = std::fs::read_to_string(&contract).unwrap();
    let folder = TempDir::new().unwrap();
    for (right, wrong) in [
        (
            "\"#/channels/socket/messages/SendFrame\"",
            "\"#/channels/socket/messages/Nothing\"",
        ),
        ("defaultContentType:", "defaultContentKind:"),
    ] {
        let path = folder.path().join("asyncapi.yaml");
        assert!(text.contains(right), "{right}");
        std::fs::write(&path, text.replacen(right, wrong, 1)).unwrap();
        let output = run(&mut check(&path)).await;
        assert_eq!(output.status.code(), Some(1), "{wrong}");
    }
}
