//! The handshake: where a token may travel, what it opens, and which connection replaces which. The attacks on
//! tokens are a play of their own.

use serde_json::json;
use switchboard_tests::{Actor, Stage};

use crate::common::{meet, open_key, part};

async fn refused(stage: &Stage, query: &str, headers: &[(&str, &str)]) -> u16 {
    stage.handshake(query, headers).await.unwrap_err().status
}

async fn user_of(actor: &mut Actor) -> String {
    let welcome = actor.ask(json!({"action": "hello"})).await;
    welcome["user"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_travels_in_one_of_two_headers() {
    let stage = Stage::open().await;
    let token = stage.token("alice", "customer");

    let bearer = format!("Bearer {token}");
    let mut native = stage
        .handshake("device=a", &[("authorization", &bearer)])
        .await
        .unwrap();
    assert_eq!(native.protocol(), None);
    native.hears_nothing_more().await;
    assert_eq!(user_of(&mut native).await, "alice");

    let offer = format!("switchboard.v1, bearer.{token}");
    let headers = [("sec-websocket-protocol", offer.as_str())];
    let mut browser = stage.handshake("device=b", &headers).await.unwrap();
    assert_eq!(browser.protocol(), Some("switchboard.v1"));
    browser.hears_nothing_more().await;
    assert_eq!(user_of(&mut browser).await, "alice");
    stage.close().await;
}

#[tokio::test]
async fn a_token_in_the_url_is_no_token() {
    let stage = Stage::open().await;
    let token = stage.token("alice", "customer");
    for query in [
        format!("token={token}"),
        format!("access_token={token}"),
        format!("authorization=Bearer%20{token}"),
        format!("bearer.{token}"),
        String::new(),
    ] {
        assert_eq!(refused(&stage, &query, &[]).await, 401);
    }
    let none = [("sec-websocket-protocol", "switchboard.v1")];
    assert_eq!(refused(&stage, "", &none).await, 401);
    stage.close().await;
}

#[tokio::test]
async fn an_expired_token_is_no_token_and_a_user_without_a_side_is_refused() {
    let stage = Stage::open().await;
    let short = format!("Bearer {}", stage.token_for("alice", "customer", 60));
    let operator = format!("Bearer {}", stage.token("olga", "operator"));
    stage.wire.forget();

    assert_eq!(
        refused(&stage, "", &[("authorization", &operator)]).await,
        403
    );
    stage.clock.advance(120_000);
    assert_eq!(refused(&stage, "", &[("authorization", &short)]).await, 401);

    assert!(stage.wire.observed().is_empty(), "nobody was looked up");
    stage.close().await;
}

#[tokio::test]
async fn a_device_has_a_name_of_its_alphabet_or_none() {
    let stage = Stage::open().await;
    let bearer = format!("Bearer {}", stage.token("alice", "customer"));
    let headers = [("authorization", bearer.as_str())];
    stage.wire.forget();
    for name in ["", "a%20b", "a/b", "%C3%BC", "a%23b", &"d".repeat(65)] {
        let status = refused(&stage, &format!("device={name}"), &headers).await;
        assert!((400..500).contains(&status), "{name}: {status}");
    }
    assert!(stage.wire.observed().is_empty());
    let longest = "d".repeat(64);
    for name in ["a", "A.z_0-9", &longest] {
        let query = format!("device={name}");
        let mut actor = stage.handshake(&query, &headers).await.unwrap();
        assert_eq!(user_of(&mut actor).await, "alice");
    }
    stage.close().await;
}

#[tokio::test]
async fn a_connection_replaces_the_one_of_the_same_user_and_device() {
    let stage = Stage::open().await;
    let (mut phone, mut bob, conversation) = meet(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut namesake = stage.provider("carol", "phone").await;

    let mut again = stage.customer("alice", "phone").await;

    assert_ne!(phone.closed().await.0, 1006, "it is closed, not cut off");
    bob.send(&conversation, 0, "who is there?").await;
    for device in [&mut again, &mut tablet] {
        assert_eq!(device.hear_event("entry").await["seq"], 1);
        device.hears_nothing_more().await;
    }
    namesake.hears_nothing_more().await;
    let presence = bob
        .ask(json!({"action": "presence", "users": ["alice"]}))
        .await;
    assert_eq!(presence["users"]["alice"]["online"], true);
    // The end of the replaced one is not the end of its successor.
    part(&stage, tablet, "alice").await;
    bob.send(&conversation, 1, "and now?").await;
    assert_eq!(again.hear_event("entry").await["seq"], 2);
    stage.close().await;
}

#[tokio::test]
async fn connections_without_a_device_stand_beside_each_other() {
    let stage = Stage::open().await;
    let (_phone, mut bob, conversation) = meet(&stage).await;
    let bearer = format!("Bearer {}", stage.token("alice", "customer"));
    let headers = [("authorization", bearer.as_str())];
    let mut one = stage.handshake("", &headers).await.unwrap();
    let mut two = stage.handshake("other=1", &headers).await.unwrap();

    bob.send(&conversation, 0, "to everybody").await;

    for device in [&mut one, &mut two] {
        assert_eq!(device.hear_event("entry").await["seq"], 1);
    }
    // And each hears what the other sends.
    one.send(&conversation, 1, "mine").await;
    assert_eq!(two.hear_event("entry").await["body"]["text"], "mine");
    one.hears_nothing_more().await;
    open_key(&mut two, "bob", "still here").await;
    stage.close().await;
}
