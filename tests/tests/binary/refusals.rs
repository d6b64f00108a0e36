//! When it cannot serve: exit code 1, one line that says why, and nothing changed.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::json;

use crate::gateway::{Gateway, contents, run};

/// Serves with these arguments, which fails with one line that says all of this.
async fn fails(args: &[&str], words: &[&str]) {
    command_fails(&[&["serve"], args].concat(), words).await;
}

async fn command_fails(args: &[&str], words: &[&str]) {
    let ended = run(args, &[]).await;
    assert_eq!(ended.code, Some(1), "{args:?}: {ended:?}");
    assert_eq!(ended.out, "", "{args:?}");
    assert!(
        ended.err.starts_with("switchboard: "),
        "{args:?}: {ended:?}"
    );
    assert_eq!(ended.err.lines().count(), 1, "{args:?}: {ended:?}");
    for word in words {
        assert!(
            ended.err.contains(word),
            "{args:?} without {word}: {ended:?}"
        );
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A data directory in which something was stored.
async fn used(data: &Path) {
    let gateway = Gateway::on(data).await;
    let bob = gateway.connect("bob", "provider").await;
    let mut alice = gateway.connect("alice", "customer").await;
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, "hello").await;
    drop((alice, bob));
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_port_in_use_leaves_the_directory_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (missing, old) = (
        temporary.path().join("missing"),
        temporary.path().join("old"),
    );
    used(&old).await;
    let before = contents(&old);

    fails(
        &["--listen", &address, "--data", text(&missing)],
        &[&address],
    )
    .await;
    fails(&["--listen", &address, "--data", text(&old)], &[&address]).await;

    assert!(!missing.exists());
    assert!(contents(&old) == before, "it was changed");
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_or_is_none_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    fs::write(&file, "precious").unwrap();

    for data in [file.join("directory"), file.clone()] {
        fails(
            &["--listen", "127.0.0.1:0", "--data", text(&data)],
            &[text(&data)],
        )
        .await;
    }

    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[tokio::test]
async fn a_directory_of_a_newer_version_stays_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    used(data.path()).await;
    fs::write(data.path().join("format.json"), r#"{"version":3}"#).unwrap();
    let before = contents(data.path());

    fails(
        &["--listen", "127.0.0.1:0", "--data", text(data.path())],
        &[text(data.path()), "format 3"],
    )
    .await;

    let token = ["token", "--user", "alice", "--role", "customer"];
    command_fails(
        &[&token[..], &["--data", text(data.path())]].concat(),
        &[text(data.path()), "format 3"],
    )
    .await;

    assert!(contents(data.path()) == before, "it was changed");
}

#[tokio::test]
async fn a_directory_whose_marker_makes_no_sense_stays_as_it_is() {
    for marker in ["", "{", "[]", r#"{"version":"1"}"#, "{}"] {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("format.json"), marker).unwrap();
        let before = contents(data.path());
        fails(
            &["--listen", "127.0.0.1:0", "--data", text(data.path())],
            &["format.json"],
        )
        .await;
        assert!(contents(data.path()) == before, "{marker}: it was changed");
    }
}

#[tokio::test]
async fn a_second_process_leaves_the_directory_to_the_first() {
    let data = tempfile::tempdir().unwrap();
    let first = Gateway::on(data.path()).await;
    let mut alice = first.connect("alice", "customer").await;

    fails(
        &["--listen", "127.0.0.1:0", "--data", text(data.path())],
        &[text(data.path()), "another process"],
    )
    .await;

    // Had the second one come further, the first one's connections would have been forgotten.
    let bob = first.connect("bob", "provider").await;
    let conversation = alice.open("bob").await;
    let shown = alice
        .ask(json!({"action": "presence", "users": ["alice", "bob"]}))
        .await;
    assert_eq!(shown["users"]["bob"]["online"], true);
    alice.send(&conversation, 0, "still here").await;
    drop((alice, bob));
    let ended = first.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let second = Gateway::on(data.path()).await;
    second.stop("TERM").await;
}

#[tokio::test]
async fn an_address_that_others_reach_needs_public() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        fails(
            &["--listen", address, "--data", text(&data)],
            &[address, "--public"],
        )
        .await;
    }
    assert!(!data.exists());
}

#[tokio::test]
async fn an_address_of_another_machine_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    let address = "192.0.2.1:8080";
    fails(
        &["--public", "--listen", address, "--data", text(&data)],
        &[address],
    )
    .await;
    assert!(!data.exists());
}

#[tokio::test]
async fn a_log_filter_that_is_none_is_named() {
    fails(
        &["--log", "a=b=c=loud", "--data", ":memory:"],
        &["--log", "a=b=c=loud"],
    )
    .await;
}

#[tokio::test]
async fn a_token_of_a_gateway_that_keeps_nothing_cannot_be_printed() {
    let args = [
        "token", "--user", "alice", "--role", "customer", "--data", ":memory:",
    ];
    let ended = run(&args, &[]).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
    assert!(ended.err.contains("/_local/token"), "{ended:?}");
}
