//! `presence`: who is there, of those with whom one shares a conversation.

use serde_json::json;
use switchboard_tests::{Actor, Stage};

use crate::common::{meet, part};

async fn presence(actor: &mut Actor, users: &[&str]) -> serde_json::Value {
    let mut answer = actor
        .ask(json!({"action": "presence", "users": users}))
        .await;
    assert_eq!(answer["event"], "presence", "{answer}");
    answer["users"].take()
}

#[tokio::test]
async fn strangers_are_left_out() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, _) = meet(&stage).await;
    let mut carol = stage.provider("carol", "web").await;
    let _carla = stage.customer("carla", "phone").await;

    let seen = presence(&mut alice, &["bob", "carol", "carla", "nobody", "alice"]).await;

    let names: Vec<_> = seen.as_object().unwrap().keys().collect();
    assert_eq!(names, ["bob"]);
    assert_eq!(seen["bob"]["online"], true);
    assert!(seen["bob"]["last_seen"].is_u64(), "{seen}");
    assert_eq!(
        presence(&mut bob, &["alice"]).await["alice"]["online"],
        true
    );
    assert_eq!(presence(&mut carol, &["alice", "bob"]).await, json!({}));
    // Who shares a conversation is no stranger, whoever opened it.
    carol.open("alice").await;
    assert_eq!(
        presence(&mut alice, &["carol"]).await["carol"]["online"],
        true
    );
    assert_eq!(
        presence(&mut carol, &["alice"]).await["alice"]["online"],
        true
    );
    stage.close().await;
}

#[tokio::test]
async fn whoever_has_left_was_last_seen_then() {
    let stage = Stage::open().await;
    let (mut alice, web, _) = meet(&stage).await;
    let phone = stage.provider("bob", "phone").await;
    stage.clock.advance(5_000);
    part(&stage, web, "bob").await;
    let seen = presence(&mut alice, &["bob"]).await;
    assert_eq!(seen["bob"]["online"], true, "one device is left");

    stage.clock.advance(7_000);
    let left_at = stage.host().site().clock.now_ms();
    part(&stage, phone, "bob").await;
    stage.clock.advance(60_000);

    let seen = presence(&mut alice, &["bob"]).await;
    assert_eq!(
        seen,
        json!({"bob": {"online": false, "last_seen": left_at}})
    );
    let _back = stage.provider("bob", "phone").await;
    assert_eq!(presence(&mut alice, &["bob"]).await["bob"]["online"], true);
    stage.close().await;
}

#[tokio::test]
async fn users_are_checked() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let many: Vec<_> = (0..21).map(|number| format!("user-{number}")).collect();
    for users in [
        json!([]),
        json!(null),
        json!("bob"),
        json!([7]),
        json!(["a#b"]),
        json!(many),
    ] {
        let frame = json!({"action": "presence", "users": users});
        assert_eq!(alice.refused(frame).await, "bad_request", "{users}");
    }
    assert_eq!(
        presence(
            &mut alice,
            &many.iter().skip(1).map(String::as_str).collect::<Vec<_>>()
        )
        .await,
        json!({})
    );
    stage.close().await;
}
