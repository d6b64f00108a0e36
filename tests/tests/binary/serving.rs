//! What a gateway that serves says and answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use switchboard_tests::{Actor, web};

use crate::gateway::{Gateway, contents};

const MEMORY: [&str; 4] = ["--listen", "127.0.0.1:0", "--data", ":memory:"];

#[tokio::test]
async fn the_greeting_is_all_that_a_first_message_needs() {
    // Without a subcommand, it serves.
    let gateway = Gateway::start(&MEMORY, &[]).await;
    let greeting = gateway.greeting.join("\n");
    assert!(greeting.contains(&gateway.url("/")), "{greeting}");
    let socket = format!("ws://{}/local?device=", gateway.address);
    assert!(greeting.contains(&socket), "{greeting}");
    assert!(greeting.contains(env!("CARGO_PKG_VERSION")), "{greeting}");

    let mut alice = gateway
        .connect_with(gateway.greeted("alice"), "phone-1")
        .await;
    let mut bob = gateway
        .connect_with(gateway.greeted("bob"), "phone-1")
        .await;
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, "first").await;

    let entry = bob.hear_event("entry").await;
    assert_eq!(entry["body"]["text"], "first");
    drop((alice, bob));
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn memory_keeps_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&MEMORY, &[("TMPDIR", temporary.path().to_str().unwrap())]).await;
    assert!(
        !contents(temporary.path()).is_empty(),
        "its files are somewhere else"
    );
    gateway.stop("TERM").await;
    let left: Vec<_> = std::fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The samples of a Prometheus text that are whole numbers; each is of a declared metric, and dollars are numbers, too.
fn samples(text: &str) -> BTreeMap<String, u64> {
    let mut declared = Vec::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(declaration) = line.strip_prefix("# TYPE ") {
            let (name, kind) = declaration.split_once(' ').unwrap();
            assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            if kind == "histogram" {
                declared.extend(["bucket", "count", "sum"].map(|it| format!("{name}_{it}")));
            } else {
                declared.push(name.to_owned());
            }
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            assert!(declared.iter().any(|it| it == name), "{line}");
            let number: f64 = value.parse().unwrap();
            assert!(number.is_finite() && number >= 0.0, "{line}");
            if let Ok(whole) = value.parse() {
                samples.insert(sample.to_owned(), whole);
            }
        }
    }
    samples
}

#[tokio::test]
async fn health_and_metrics_tell_what_happens() {
    let gateway = Gateway::start(&MEMORY, &[]).await;
    assert_eq!(
        gateway.get_json("/_local/health").await,
        json!({"status": "ok", "connections": 0})
    );

    let bob = gateway.connect("bob", "provider").await;
    let mut alice = gateway.connect("alice", "customer").await;
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, "confidential").await;
    assert_eq!(
        alice.refused(json!({"action": "dance"})).await,
        "unknown_action"
    );
    let refused = Actor::connect(gateway.address, "", &[]).await.unwrap_err();
    assert_eq!(refused.status, 401);

    assert_eq!(gateway.get_json("/_local/health").await["connections"], 2);
    let response = gateway.get("/_local/metrics").await;
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/plain"), "{kind}");
    let text = str::from_utf8(response.body()).unwrap();
    let samples = samples(text);
    let expected = [
        ("switchboard_connects_total", 2),
        ("switchboard_sends_total", 1),
        ("switchboard_refusals_total", 1),
        ("switchboard_unavailables_total", 0),
        ("switchboard_open_connections", 2),
        ("switchboard_handshakes_accepted_total", 2),
        ("switchboard_handshakes_refused_total{status=\"401\"}", 1),
    ];
    for (name, value) in expected {
        assert_eq!(samples.get(name), Some(&value), "{name} in {text}");
    }
    for secret in ["confidential", "alice", &conversation] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    drop((alice, bob));
    gateway.stop("TERM").await;
}

#[tokio::test]
async fn keys_page_and_pushes_are_served() {
    let gateway = Gateway::start(&MEMORY, &[]).await;
    let jwks = gateway.get_json("/.well-known/jwks.json").await;
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("RSA"), &json!("RS256"), &json!("sig"))
    );
    let members: Vec<&str> = key
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        ["alg", "e", "kid", "kty", "n", "use"],
        "and nothing private"
    );
    let page = gateway.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(
        gateway.get_json("/_local/pushes?user=alice").await,
        json!([])
    );
    assert_eq!(gateway.get("/nowhere").await.status(), 404);
    gateway.stop("TERM").await;
}

#[tokio::test]
async fn tokens_are_issued_to_whoever_asks_well() {
    let gateway = Gateway::start(&MEMORY, &[]).await;
    let url = gateway.url("/_local/token");
    for expires_s in [None, Some(1), Some(86_400)] {
        let mut asked = json!({"user": "carol", "role": "provider"});
        if let Some(expires_s) = expires_s {
            asked["expires_s"] = json!(expires_s);
        }
        let response = web::post_json(&url, &asked).await;
        assert_eq!(response.status(), 200, "{asked}");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let mut carol = gateway
            .connect_with(answer["token"].as_str().unwrap(), "d")
            .await;
        if expires_s != Some(1) {
            let welcome = carol.ask(json!({"action": "hello"})).await;
            assert_eq!(welcome["user"], "carol");
            assert_eq!(welcome["expires_at"], answer["expires_at"]);
        }
    }
    let bad = [
        json!({"user": "a#b", "role": "customer"}),
        json!({"user": "", "role": "customer"}),
        json!({"user": "alice", "role": "admin"}),
        json!({"user": "alice", "role": "customer", "expires_s": 0}),
        json!({"user": "alice", "role": "customer", "expires_s": 86_401}),
        json!({"user": "alice", "role": "customer", "expires_s": -1}),
        json!({"user": "alice"}),
        json!({"role": "customer"}),
        json!([]),
    ];
    for asked in bad {
        let response = web::post_json(&url, &asked).await;
        assert!(response.status().is_client_error(), "{asked}: {response:?}");
        assert!(
            !response.body().windows(3).any(|it| it == b"eyJ"),
            "{asked}: {response:?}"
        );
    }
    // A page of another origin can send a form without asking first, and JSON as JSON not.
    let form = Request::post(&url).header("content-type", "text/plain");
    let body = Bytes::from(r#"{"user":"alice","role":"customer"}"#);
    let response = web::fetch(form.body(body).unwrap()).await;
    assert_eq!(response.status(), 415);
    assert_eq!(gateway.get("/_local/token").await.status(), 405);
    gateway.stop("TERM").await;
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_does_not_reach_the_local_routes() {
    let gateway = Gateway::start(&MEMORY, &[]).await;
    let ask = |host: String| {
        let request = Request::get(gateway.url("/_local/health")).header("host", host);
        web::fetch(request.body(Bytes::new()).unwrap())
    };
    let port = gateway.address.port();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        assert_eq!(ask(format!("{host}:{port}")).await.status(), 200, "{host}");
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
    ] {
        assert_eq!(ask(format!("{host}:{port}")).await.status(), 404, "{host}");
    }
    gateway.stop("TERM").await;
}
