//! `switchboard trace`, by a gateway and by logs; and the operator's doors where the gateway is open to other machines.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use switchboard_tests::{Actor, ulid, web};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

use crate::gateway::{Gateway, command, run};

const MEMORY: [&str; 4] = ["--listen", "127.0.0.1:0", "--data", ":memory:"];
const TOKEN: &str = "f0a1b2c3d4e5f60718293a4b5c6d7e8f";
const TEXT: &str = "the-key-is-under-the-mat";

/// Alice writes to bob, who is there and confirms.
async fn talk(alice: &mut Actor, bob: &mut Actor) -> String {
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, TEXT).await;
    bob.hear_event("entry").await;
    bob.confirm(&conversation, 1).await;
    conversation
}

fn is_told(text: &str) {
    let steps = [
        "accepted from alice's alice-phone (",
        "stored",
        "posted to bob's bob-phone (",
        "confirmed by bob's bob-phone (",
    ];
    for step in steps {
        assert!(text.contains(step), "no {step} in {text}");
    }
    let last = text.trim_end().lines().last().unwrap();
    let begins = "confirmed by bob's bob-phone ";
    assert!(
        last.starts_with(begins) && last.ends_with(" ms after it was stored"),
        "{text}"
    );
    assert!(!text.contains(TEXT), "{text}");
}

fn token_file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test]
async fn a_gateway_and_its_log_tell_the_same() {
    let gateway =
        Gateway::start(&[&["serve"], &MEMORY[..], &["--log", "info"]].concat(), &[]).await;
    let mut bob = gateway.connect("bob", "provider").await;
    let mut alice = gateway.connect("alice", "customer").await;
    let conversation = talk(&mut alice, &mut bob).await;
    let url = gateway.url("");

    let told = run(&["trace", &conversation, "1", "--url", &url], &[]).await;
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    is_told(&told.out);
    let variables = [("SWITCHBOARD_URL", url.as_str())];
    let told = run(&["trace", &conversation, "1", "--json"], &variables).await;
    let asked: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&asked["seq"], &asked["entry"]["from"]),
        (&json!(1), &json!("alice"))
    );
    for (place, code) in [(conversation.clone(), 2), (ulid(), 1)] {
        let seq = code.to_string();
        let unknown = run(&["trace", &place, &seq, "--url", &url], &[]).await;
        let expected = "switchboard: there is no such entry\n";
        assert_eq!(
            (unknown.code, unknown.err.as_str()),
            (Some(1), expected),
            "{unknown:?}"
        );
    }
    drop((alice, bob));
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    // What it wrote to its log is what a function writes to its own.
    assert!(!ended.err.contains(TEXT), "{ended:?}");
    let log = token_file(&ended.err);
    let path = log.path().to_str().unwrap();
    let by_file = run(&["trace", "--logs", path, &conversation, "1"], &[]).await;
    assert_eq!(
        (by_file.code, by_file.err.as_str()),
        (Some(0), ""),
        "{by_file:?}"
    );
    is_told(&by_file.out);
    let by_pipe = piped(
        &["trace", "--logs", "-", &conversation, "1", "--json"],
        &ended.err,
    )
    .await;
    let mut logged: Value = serde_json::from_str(&by_pipe).unwrap();
    // Only what came before the question can be the same.
    let asked = asked["steps"].as_array().unwrap();
    let logged = logged["steps"].as_array_mut().unwrap();
    assert!(
        asked.iter().all(|it| logged.contains(it)),
        "{asked:?} {logged:?}"
    );
    let other = run(&["trace", "--logs", path, &conversation, "2"], &[]).await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert_eq!(other.err, "switchboard: these logs name no such entry\n");
}

async fn piped(args: &[&str], input: &str) -> String {
    let mut child = command(args, &[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_cannot_be_asked_is_one_line() {
    let conversation = ulid();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let cases: [(&[&str], i32, &str); 10] = [
        (&["trace"], 2, "<CONVERSATION>"),
        (&["trace", &conversation], 2, "<SEQ>"),
        (&["trace", "nonsense", "1"], 2, "ULID"),
        (&["trace", &conversation, "0"], 2, "0"),
        (&["trace", &conversation, "one"], 2, "one"),
        (&["trace", &conversation, "1", "--url", &url], 1, &url),
        (
            &["trace", &conversation, "1", "--url", "https://example.com"],
            1,
            "http://",
        ),
        (
            &["trace", &conversation, "1", "--url", "/nowhere"],
            1,
            "--url",
        ),
        (
            &["trace", &conversation, "1", "--logs", "/nowhere/at/all"],
            1,
            "/nowhere/at/all",
        ),
        (
            &[
                "trace",
                &conversation,
                "1",
                "--operator-token",
                "/nowhere/at/all",
            ],
            1,
            "/nowhere/at/all",
        ),
    ];
    for (args, code, named) in cases {
        let ended = run(args, &[]).await;
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (Some(code), ""),
            "{args:?}: {ended:?}"
        );
        assert!(ended.err.contains(named), "{args:?}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{args:?}: {ended:?}");
    }
}

/// A door, with or without a token.
async fn door(gateway: &Gateway, path: &str, authorization: Option<&str>) -> Response<Bytes> {
    let mut request = Request::get(gateway.url(path));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    web::fetch(request.body(Bytes::new()).unwrap()).await
}

const DOORS: [&str; 5] = [
    "/_local/operator",
    "/_local/operator/live",
    "/_local/operator/user?user=alice",
    "/_local/trace?conversation=x&seq=1",
    "/_local/metrics",
];

#[tokio::test]
async fn a_public_gateway_opens_its_doors_to_the_operator_s_token_alone() {
    let file = token_file(&format!("{TOKEN}\n"));
    let path = file.path().to_str().unwrap();
    let public = [&["serve", "--public"], &MEMORY[..]].concat();
    let closed = Gateway::start(&public, &[]).await;
    for path in DOORS {
        let bearer = format!("Bearer {TOKEN}");
        assert_eq!(
            door(&closed, path, Some(&bearer)).await.status(),
            404,
            "{path}"
        );
    }
    closed.stop("TERM").await;

    let open = [&public[..], &["--operator-token", path]].concat();
    let gateway = Gateway::start(&open, &[]).await;
    let mut bob = gateway
        .connect_with(gateway.greeted("bob"), "bob-phone")
        .await;
    let mut alice = gateway
        .connect_with(gateway.greeted("alice"), "alice-phone")
        .await;
    let conversation = talk(&mut alice, &mut bob).await;
    for path in DOORS {
        for wrong in [None, Some("Bearer nonsense"), Some("Basic bm9uc2Vuc2U=")] {
            let response = door(&gateway, path, wrong).await;
            assert_eq!(response.status(), 401, "{path} {wrong:?}");
            assert!(
                response.headers()["www-authenticate"]
                    .to_str()
                    .unwrap()
                    .starts_with("Basic ")
            );
            assert!(response.body().is_empty(), "{path} {wrong:?}");
        }
        let response = door(&gateway, path, Some(&format!("Bearer {TOKEN}"))).await;
        let expected = if path.contains("conversation=x") {
            400
        } else {
            200
        };
        assert_eq!(response.status(), expected, "{path}");
    }
    // A user's token opens none of them, and the operator's no other.
    let users = format!("Bearer {}", gateway.greeted("alice"));
    assert_eq!(door(&gateway, DOORS[1], Some(&users)).await.status(), 401);
    for path in ["/_local/pushes", "/_local/health", "/_local/token"] {
        let response = door(&gateway, path, Some(&format!("Bearer {TOKEN}"))).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    let close = Request::post(gateway.url("/_local/operator/close"))
        .header("content-type", "application/json")
        .header("x-switchboard-operator", "1");
    let body = Bytes::from_static(br#"{"connection":"x"}"#);
    assert_eq!(web::fetch(close.body(body).unwrap()).await.status(), 401);

    let url = gateway.url("");
    let args = ["trace", &conversation, "1", "--url", &url];
    let without = run(&args, &[]).await;
    assert_eq!(without.code, Some(1), "{without:?}");
    assert!(without.err.contains("--operator-token"), "{without:?}");
    let with = run(&args, &[("SWITCHBOARD_OPERATOR_TOKEN", path)]).await;
    assert_eq!((with.code, with.err.as_str()), (Some(0), ""), "{with:?}");
    is_told(&with.out);
    drop((alice, bob));
    let ended = gateway.stop("TERM").await;
    assert!(!ended.err.contains(TOKEN), "{ended:?}");
}

#[tokio::test]
async fn a_token_that_is_none_is_named_by_its_file_and_not_by_what_is_in_it() {
    let weak = "too-short-to-be-safe";
    let file = token_file(weak);
    let missing = Path::new("/nowhere/at/all");
    for path in [file.path(), missing] {
        let path = path.to_str().unwrap();
        let ended = run(
            &[&["serve"], &MEMORY[..], &["--operator-token", path]].concat(),
            &[],
        )
        .await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.err.contains(path), "{ended:?}");
        assert!(!ended.err.contains(weak), "{ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
    }
}
