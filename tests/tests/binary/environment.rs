//! Every flag has its environment variable, and a flag that is given wins.

use futures_util::future::join_all;
use serde_json::json;
use switchboard_tests::Actor;

use crate::gateway::{Gateway, PATIENCE, run};

#[tokio::test]
async fn address_and_directory_come_from_the_environment() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("from-environment");
    let variables = [
        ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
        ("SWITCHBOARD_DATA", data.to_str().unwrap()),
        ("SWITCHBOARD_DURABLE", "true"),
    ];
    let gateway = Gateway::start(&["serve"], &variables).await;
    assert_ne!(gateway.address.port(), 8080);
    assert!(data.join("format.json").exists());
    assert!(gateway.greeting.join("\n").contains(variables[1].1));
    gateway.stop("TERM").await;

    let other = temporary.path().join("from-flag");
    let args = ["serve", "--data", other.to_str().unwrap()];
    let gateway = Gateway::start(&args, &variables).await;
    assert!(other.join("format.json").exists());
    gateway.stop("TERM").await;
}

#[tokio::test]
async fn what_no_flag_may_say_no_variable_may() {
    let cases = [
        ("SWITCHBOARD_LISTEN", "nonsense", "--listen", 2),
        ("SWITCHBOARD_DURABLE", "perhaps", "--durable", 2),
        ("SWITCHBOARD_PUBLIC", "perhaps", "--public", 2),
        ("SWITCHBOARD_PUSH_TEXT", "loud", "--push-text", 2),
        (
            "SWITCHBOARD_CONNECTS_PER_SECOND",
            "0",
            "--connects-per-second",
            2,
        ),
        ("SWITCHBOARD_LOG", "a=b=c=loud", "--log", 1),
        ("SWITCHBOARD_LISTEN", "0.0.0.0:0", "--public", 1),
    ];
    for (name, value, flag, code) in cases {
        let ended = run(&["serve", "--data", ":memory:"], &[(name, value)]).await;
        assert_eq!(ended.code, Some(code), "{name}={value}: {ended:?}");
        assert!(ended.err.contains(flag), "{name}={value}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{name}={value}: {ended:?}");
    }
}

#[tokio::test]
async fn public_switches_off_what_trusts_its_caller() {
    let listen = ["--listen", "127.0.0.1:0", "--data", ":memory:"];
    let by_flag = [&["serve", "--public"], &listen[..]].concat();
    let by_variable = [&["serve"], &listen[..]].concat();
    for (args, variables) in [
        (&by_flag, &[][..]),
        (&by_variable, &[("SWITCHBOARD_PUBLIC", "true")][..]),
    ] {
        let gateway = Gateway::start(args, variables).await;
        for path in [
            "health", "metrics", "operator", "pushes", "token", "trace", "anything",
        ] {
            let response = gateway.get(&format!("/_local/{path}")).await;
            assert_eq!(response.status(), 404, "{path}");
        }
        for path in [
            "/local/@connections/x",
            "/local/%40connections/x",
            "/@connections/x",
        ] {
            assert_eq!(gateway.get(path).await.status(), 404, "{path}");
        }
        assert_eq!(gateway.get("/").await.status(), 200);
        assert_eq!(gateway.get("/.well-known/jwks.json").await.status(), 200);
        // The gateway's own posts do not go that way.
        let mut alice = gateway.connect_with(gateway.greeted("alice"), "d").await;
        let mut bob = gateway.connect_with(gateway.greeted("bob"), "d").await;
        alice.open("bob").await;
        bob.hear_event("opened").await;
        drop((alice, bob));
        gateway.stop("TERM").await;
    }
}

#[tokio::test]
async fn the_text_of_a_push_is_the_operator_s_choice() {
    let cases: [(&[(&str, &str)], &str); 2] = [
        (&[], "New message"),
        (&[("SWITCHBOARD_PUSH_TEXT", "preview")], "on my way"),
    ];
    for (variables, expected) in cases {
        let args = ["serve", "--listen", "127.0.0.1:0", "--data", ":memory:"];
        let gateway = Gateway::start(&args, variables).await;
        let mut bob = gateway.connect("bob", "provider").await;
        let registered = bob
            .ask(json!({"action": "device", "platform": "fcm", "token": "bobs", "device": "bob-phone"}))
            .await;
        assert_eq!(registered["event"], "device", "{registered}");
        bob.leave().await;
        let mut alice = gateway.connect("alice", "customer").await;
        let conversation = alice.open("bob").await;
        alice.send(&conversation, 0, "on my way").await;

        let push = first_push(&gateway, "bob").await;

        assert_eq!(push["device"], "bob-phone");
        assert_eq!(push["message"]["default"], expected);
        drop(alice);
        gateway.stop("TERM").await;
    }
}

/// The newest push of a user, asked for until there is one: a process outside has no other way to tell.
pub(crate) async fn first_push(gateway: &Gateway, user: &str) -> serde_json::Value {
    let asking = async {
        loop {
            let pushes = gateway
                .get_json(&format!("/_local/pushes?user={user}"))
                .await;
            if let Some(push) = pushes.as_array().unwrap().first() {
                return push.clone();
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("no push came")
}

#[tokio::test]
async fn the_log_is_json_on_standard_error_as_loud_as_it_is_told() {
    let args = ["serve", "--listen", "127.0.0.1:0", "--data", ":memory:"];
    let mut loudness = Vec::new();
    for variables in [&[][..], &[("SWITCHBOARD_LOG", "trace")]] {
        let gateway = Gateway::start(&args, variables).await;
        let alice = gateway.connect("alice", "customer").await;
        alice.leave().await;
        let ended = gateway.stop("TERM").await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        for line in ended.err.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["level"].is_string(), "{line}");
        }
        loudness.push(ended.err.lines().count());
    }
    assert_eq!(loudness[0], 0, "nothing is wrong");
    assert!(loudness[1] > 0);
}

#[tokio::test]
async fn a_token_s_flags_too() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let variables = [
        ("SWITCHBOARD_USER", "erin"),
        ("SWITCHBOARD_ROLE", "provider"),
        ("SWITCHBOARD_EXPIRES", "10m"),
        ("SWITCHBOARD_DATA", path),
    ];
    let printed = run(&["token"], &variables).await;
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let gateway = Gateway::on(data.path()).await;
    let mut erin = gateway.connect_with(printed.out.trim(), "d").await;
    let welcome = erin.ask(json!({"action": "hello"})).await;
    assert_eq!(
        (&welcome["user"], &welcome["role"]),
        (&json!("erin"), &json!("provider"))
    );
    let life = welcome["expires_at"].as_u64().unwrap() - welcome["now"].as_u64().unwrap();
    assert!((500_000..=600_000).contains(&life), "{life}");
    drop(erin);
    gateway.stop("TERM").await;
}

#[tokio::test]
async fn the_quota_of_new_connections_can_be_changed() {
    const CROWD: usize = 30;
    let args = ["serve", "--listen", "127.0.0.1:0", "--data", ":memory:"];
    let refused = async |quota: &str| {
        let variables = [("SWITCHBOARD_CONNECTS_PER_SECOND", quota)];
        let gateway = Gateway::start(&args, &variables).await;
        let bearer = format!("Bearer {}", gateway.greeted("alice"));
        let headers = [("authorization", &*bearer)];
        let (address, headers) = (gateway.address, &headers);
        let arrivals = (0..CROWD).map(async |number| {
            let arrival = Actor::connect(address, &format!("device=d{number}"), headers).await;
            arrival.err().map(|it| it.status)
        });
        let refused: Vec<u16> = join_all(arrivals).await.into_iter().flatten().collect();
        gateway.stop("TERM").await;
        refused
    };
    // All of them arrive sooner than in the half minute that one a second would take.
    let by_one = refused("1").await;
    assert!(!by_one.is_empty() && by_one.iter().all(|status| *status == 429));
    assert_eq!(refused("1000").await, Vec::<u16>::new());
}
