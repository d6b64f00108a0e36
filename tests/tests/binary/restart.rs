//! How it ends, and what is there when it comes back.

use std::path::Path;

use serde_json::{Value, json};
use switchboard_tests::Actor;

use crate::cast::{Cast, Readers};
use crate::environment::first_push;
use crate::gateway::{Gateway, gone};
use crate::writer::Acks;

#[tokio::test]
async fn a_signal_says_goodbye_and_ends_with_0() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().unwrap();
        let gateway = Gateway::on(data.path()).await;
        let mut alice = gateway.connect("alice", "customer").await;
        let bob = gateway.connect("bob", "provider").await;
        let conversation = alice.open("bob").await;
        // What `deliver` still waits with is no reason to stay.
        alice.send(&conversation, 0, "hello").await;

        let (ended, alice, bob) = tokio::join!(gateway.stop(signal), gone(alice), gone(bob));

        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{signal}");
        assert_eq!(alice, (1001, "Going away".to_owned()), "{signal}");
        assert_eq!(bob, (1001, "Going away".to_owned()), "{signal}");
    }
}

#[tokio::test]
async fn a_signal_under_load_loses_nothing_that_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::on(data.path()).await;
    let mut cast = Cast::prepare(&gateway).await;
    for (acks, readers) in [
        (1, Readers::Hear),
        (40, Readers::Away),
        (60, Readers::Hear),
        (80, Readers::Hear),
    ] {
        let at = format!("stopped after {acks} acknowledgements, the readers {readers:?}");
        let reached = Acks::until(acks);
        let load = cast.load(gateway.address, &reached, readers, &at);
        let stopping = async {
            reached.reached().await;
            gateway.stop("TERM").await
        };
        let (codes, ended) = tokio::join!(load, stopping);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{at}");
        assert!(codes.iter().all(|it| *it == Some(1001)), "{at}: {codes:?}");
        (gateway, _) = cast.check(data.path(), &at).await;
    }
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let acknowledged = cast.acknowledged();
    assert!(acknowledged >= 181, "{acknowledged}: nobody wrote");
}

/// What alice and bob do before the end.
struct Before {
    conversation: String,
    token: String,
    page: Value,
}

async fn history(actor: &mut Actor, conversation: &str) -> Value {
    actor
        .ask(json!({"action": "history", "conversation": conversation, "after": 0}))
        .await
}

/// A conversation of two entries, which bob has stored and of which he has seen one; his phone is registered.
async fn play(gateway: &Gateway) -> (Before, [Actor; 2]) {
    let token = gateway.token("alice", "customer").await;
    let mut alice = gateway.connect_with(&token, "alice-phone").await;
    let mut bob = gateway.connect("bob", "provider").await;
    let device =
        json!({"action": "device", "platform": "apns", "token": "bobs", "device": "bob-phone"});
    assert_eq!(bob.ask(device).await["event"], "device");
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, "one").await;
    alice.send(&conversation, 1, "two").await;
    bob.say(json!({"action": "receipt", "receipts": [{"conversation": conversation, "recv": 2, "read": 1}]}))
        .await;
    alice.hear_event("receipt").await;
    let page = history(&mut alice, &conversation).await;
    let before = Before {
        conversation,
        token,
        page,
    };
    (before, [alice, bob])
}

/// What a gateway on the same directory has to know.
async fn remembers(data: &Path, before: &Before) {
    let gateway = Gateway::on(data).await;
    let Before {
        conversation,
        token,
        page,
    } = before;
    let mut alice = gateway.connect_with(token, "alice-phone").await;

    let welcome = alice.ask(json!({"action": "hello"})).await;
    let known = &welcome["conversations"][0];
    assert_eq!(known["conversation"], conversation.as_str());
    assert_eq!(known["last_seq"], 2);
    let members = known["members"].as_array().unwrap();
    let bob = members.iter().find(|it| it["user"] == "bob").unwrap();
    assert_eq!((&bob["recv"], &bob["read"]), (&json!(2), &json!(1)));
    assert_eq!(&history(&mut alice, conversation).await, page);
    // Bob was connected when the process ended, and has not come back.
    let presence = alice
        .ask(json!({"action": "presence", "users": ["bob"]}))
        .await;
    assert_eq!(presence["users"]["bob"]["online"], false);
    // So he is pushed to, on the phone that was registered; the entries that he had confirmed are not told again.
    let sent = alice.send(conversation, 2, "three").await;
    assert_eq!(sent["seq"], 3);
    let push = first_push(&gateway, "bob").await;
    assert_eq!(
        (&push["device"], &push["seq"]),
        (&json!("bob-phone"), &json!(3))
    );
    let (ended, _) = tokio::join!(gateway.stop("TERM"), gone(alice));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_stopped_gateway_comes_back_with_everything_but_connections() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::on(data.path()).await;
    let (before, [alice, bob]) = play(&gateway).await;
    let (ended, _, _) = tokio::join!(gateway.stop("TERM"), gone(alice), gone(bob));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    remembers(data.path(), &before).await;
}

#[tokio::test]
async fn a_killed_gateway_comes_back_with_everything_but_connections() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::on(data.path()).await;
    let (before, _actors) = play(&gateway).await;
    gateway.kill().await;
    remembers(data.path(), &before).await;
}

#[tokio::test]
async fn every_commit_may_be_asked_to_survive_a_power_loss() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let args = [
        "serve",
        "--durable",
        "--listen",
        "127.0.0.1:0",
        "--data",
        path,
    ];
    let mut gateway = Gateway::start(&args, &[]).await;
    let (before, _actors) = play(&gateway).await;
    gateway.kill().await;
    remembers(data.path(), &before).await;
}
