//! The other doors: who is connected, what there is of a user, the end of a connection; and who may not come in.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage, web};

use crate::cast::{PUSH_TOKEN, TEXT, both_there, get, json_of};

/// Asks to close a connection, with headers of the caller's.
async fn close(stage: &Stage, connection: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let url = format!("http://{}/_local/operator/close", stage.address());
    let mut request = Request::post(url).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "connection": connection }).to_string();
    web::fetch(request.body(Bytes::from(body)).unwrap()).await
}

const OURS: (&str, &str) = ("x-switchboard-operator", "1");

#[tokio::test]
async fn a_user_is_looked_up_and_no_text_with_it() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, TEXT).await;
    bob.hear_event("entry").await;
    bob.confirm(&conversation, 1).await;

    let response = get(&stage, "/_local/operator/user?user=bob").await;

    let text = str::from_utf8(response.body()).unwrap();
    for secret in [TEXT, PUSH_TOKEN, "arn:"] {
        assert!(!text.contains(secret), "{text}");
    }
    let bob_seen = json_of(&response);
    assert_eq!(
        (&bob_seen["user"], &bob_seen["role"]),
        (&json!("bob"), &json!("provider"))
    );
    let connection = &bob_seen["connections"][0];
    assert_eq!(
        connection["connection"],
        stage.connection_id("bob", "phone")
    );
    assert_eq!(connection["device"], "phone");
    let device = &bob_seen["devices"][0];
    assert_eq!(
        (&device["device"], &device["platform"]),
        (&json!("phone"), &json!("fcm"))
    );
    let state = &bob_seen["conversations"][0];
    assert_eq!(
        (&state["conversation"], &state["last_seq"]),
        (&json!(conversation), &json!(1))
    );
    let marks: Vec<(&Value, &Value)> = state["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["user"], &it["recv"]))
        .collect();
    assert_eq!(
        marks,
        [(&json!("alice"), &json!(0)), (&json!("bob"), &json!(1))]
    );

    for (query, status, named) in [
        ("user=nobody", 404, "nobody"),
        ("user=a%23b", 400, "user"),
        ("", 400, "user"),
    ] {
        let response = get(&stage, &format!("/_local/operator/user?{query}")).await;
        assert_eq!(response.status(), status, "{query}");
        assert!(
            json_of(&response)["message"]
                .as_str()
                .unwrap()
                .contains(named),
            "{query}"
        );
    }
    stage.close().await;
}

#[tokio::test]
async fn who_is_connected_is_told_by_role_and_device() {
    let stage = Stage::open().await;
    let empty = stage.get_json("/_local/operator/live").await;
    assert_eq!((&empty["open"], &empty["roles"]), (&json!(0), &json!({})));
    let (alice, bob, _) = both_there(&stage).await;
    let tablet = stage.provider("bob", "tablet").await;

    let live = stage.get_json("/_local/operator/live").await;

    assert_eq!(live["open"], 3);
    assert_eq!(live["roles"], json!({"customer": 1, "provider": 2}));
    let devices = json!([["phone", 1], ["tablet", 1], ["web", 1]]);
    assert_eq!(live["devices"], devices);
    let listed = live["connections"].as_array().unwrap();
    let mut names: Vec<String> = listed
        .iter()
        .map(|it| {
            format!(
                "{} {}",
                it["user"].as_str().unwrap(),
                it["connection"].as_str().unwrap()
            )
        })
        .collect();
    names.sort();
    let mut expected = [("alice", "web"), ("bob", "phone"), ("bob", "tablet")]
        .map(|(user, device)| format!("{user} {}", stage.connection_id(user, device)));
    expected.sort();
    assert_eq!(names, expected);
    drop((alice, bob, tablet));
    stage.close().await;
}

#[tokio::test]
async fn a_connection_is_closed_and_another_page_cannot_do_that() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let id = stage.connection_id("bob", "phone");

    // What a page of another origin can send, or would have to be let.
    assert_eq!(close(&stage, &id, &[]).await.status(), 403);
    let url = format!("http://{}/_local/operator/close", stage.address());
    let form = Request::post(&url)
        .header("content-type", "text/plain")
        .header(OURS.0, OURS.1);
    let body = Bytes::from(json!({ "connection": id }).to_string());
    assert_eq!(web::fetch(form.body(body).unwrap()).await.status(), 415);
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri(&url)
        .header("origin", "http://evil.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", OURS.0);
    let preflight = web::fetch(preflight.body(Bytes::new()).unwrap()).await;
    assert!(!preflight.status().is_success(), "{preflight:?}");
    let allowed = preflight
        .headers()
        .keys()
        .any(|it| it.as_str().starts_with("access-control-"));
    assert!(!allowed, "{preflight:?}");
    let led_here = [OURS, ("host", "evil.example")];
    assert_eq!(close(&stage, &id, &led_here).await.status(), 404);
    bob.hears_nothing_more().await;

    assert_eq!(close(&stage, &id, &[OURS]).await.status(), 204);
    assert_eq!(bob.closed().await.0, 1000);
    for unknown in ["nobody", &id] {
        let again = close(&stage, unknown, &[OURS]).await;
        assert_eq!(again.status(), 404, "{again:?}");
    }
    alice.send(&conversation, 0, TEXT).await;
    stage.close().await;
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_finds_no_door() {
    let stage = Stage::open().await;
    for path in ["", "/live", "/user?user=bob", "/assets/x"] {
        let url = format!("http://{}/_local/operator{path}", stage.address());
        let request = Request::get(url).header("host", "evil.example");
        let response = web::fetch(request.body(Bytes::new()).unwrap()).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    let page = get(&stage, "/_local/operator").await;
    assert_eq!(page.status(), 200);
    let kind = page.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/html"), "{kind}");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    // The page's files are nowhere else.
    assert_eq!(get(&stage, "/operator/index.html").await.status(), 404);
    stage.close().await;
}

#[tokio::test]
async fn tables_that_fail_are_told_apart_from_what_is_not_there() {
    use switchboard_local::engine::Fault;
    use switchboard_tests::Trouble;
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation): (Actor, Actor, String) = both_there(&stage).await;
    alice.send(&conversation, 0, TEXT).await;
    for operation in ["Query", "GetItem"] {
        stage.wire.trouble(Trouble {
            operation,
            containing: String::new(),
            times: 50,
            applied: false,
            fault: Fault::Broken,
        });
        for path in [
            "/_local/operator/user?user=bob".to_owned(),
            format!("/_local/trace?conversation={conversation}&seq=1"),
        ] {
            let response = stage.clock.flow(get(&stage, &path)).await;
            assert_eq!(response.status(), 503, "{operation} {path}");
            assert!(json_of(&response)["message"].is_string());
        }
        stage.wire.calm();
    }
    stage.close().await;
}
