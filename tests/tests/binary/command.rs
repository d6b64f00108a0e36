//! What the command says: help, version, a token, and one line for what it does not understand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::gateway::{Gateway, run};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn help_and_version_are_answers() {
    let version = run(&["--version"], &[]).await;
    assert_eq!(version.code, Some(0));
    assert_eq!(
        version.out,
        concat!("switchboard ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--help"], &["serve", "token", "--listen", "--data"]),
        (&["help"], &["serve", "token", "trace"]),
        (
            &["trace", "--help"],
            &["--url", "--operator-token", "--logs", "--json"],
        ),
        (
            &["serve", "--help"],
            &[
                "--listen",
                "--data",
                "--durable",
                "--public",
                "--push-text",
                "--log",
                "--operator-token",
                "SWITCHBOARD_LISTEN",
            ],
        ),
        (
            &["token", "--help"],
            &["--user", "--role", "--expires", "--data"],
        ),
    ];
    for (args, words) in cases {
        let help = run(args, &[]).await;
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""), "{args:?}");
        for word in words {
            assert!(
                help.out.contains(word),
                "{args:?} without {word}: {}",
                help.out
            );
        }
    }
}

#[tokio::test]
async fn a_printed_token_is_one_that_a_gateway_on_the_directory_takes() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let print = async |user: &str, role: &str, expires: &str| {
        let args = [
            "token",
            "--user",
            user,
            "--role",
            role,
            "--expires",
            expires,
            "--data",
            path,
        ];
        let ended = run(&args, &[]).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{args:?}");
        let token = ended.out.strip_suffix('\n').unwrap().to_owned();
        assert!(
            !token.contains(char::is_whitespace),
            "a token and nothing else: {token}"
        );
        token
    };
    // Before the gateway's first start, and while it runs.
    let early = print("alice", "customer", "45s").await;
    let gateway = Gateway::on(data.path()).await;
    let late = print("bob", "provider", "2h").await;

    for (token, user, role, life_s) in [
        (&early, "alice", "customer", 45),
        (&late, "bob", "provider", 7_200),
    ] {
        let claims = claims(token);
        let (exp, iat) = (
            claims["exp"].as_u64().unwrap(),
            claims["iat"].as_u64().unwrap(),
        );
        assert_eq!(exp - iat, life_s);
        let mut actor = gateway.connect_with(token, "phone").await;
        let welcome = actor.ask(json!({"action": "hello"})).await;
        assert_eq!(
            (&welcome["user"], &welcome["role"]),
            (&json!(user), &json!(role))
        );
        assert_eq!(welcome["expires_at"], exp * 1_000);
    }
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn what_it_does_not_understand_is_one_line_and_2() {
    let cases: [(&[&str], &str); 14] = [
        (&["--frobnicate"], "--frobnicate"),
        (&["frobnicate"], "frobnicate"),
        (&["serve", "--listen", "nonsense"], "--listen"),
        (&["serve", "--listen", "127.0.0.1"], "--listen"),
        (&["serve", "--listen", "127.0.0.1:65536"], "--listen"),
        (&["serve", "--listen"], "--listen"),
        (&["serve", "--push-text", "loud"], "--push-text"),
        (&["serve", "extra"], "extra"),
        (&["token", "--role", "customer"], "--user"),
        (&["token", "--user", "alice"], "--role"),
        (&["token", "--user", "a#b", "--role", "customer"], "--user"),
        (&["token", "--user", "alice", "--role", "admin"], "--role"),
        (
            &[
                "token",
                "--user",
                "alice",
                "--role",
                "customer",
                "--expires",
                "2days",
            ],
            "--expires",
        ),
        (
            &[
                "token",
                "--user",
                "alice",
                "--role",
                "customer",
                "--expires",
                "0",
            ],
            "--expires",
        ),
    ];
    for (args, named) in cases {
        let ended = run(args, &[]).await;
        assert_eq!(ended.code, Some(2), "{args:?}: {ended:?}");
        assert_eq!(ended.out, "", "{args:?}");
        assert!(
            ended.err.starts_with("switchboard: "),
            "{args:?}: {ended:?}"
        );
        assert!(ended.err.contains(named), "{args:?}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{args:?}: {ended:?}");
    }
}
