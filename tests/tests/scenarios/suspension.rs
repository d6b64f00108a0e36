//! A user whom the operator has suspended may not connect, and an attempt leaves no trace.
//!
//! The operator's tool is the database: before the host opens the directory the play writes the profile there with
//! the SDK, as it stands once an operator has set the attribute.

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use switchboard_local::engine::{Durability, Engine, Place};
use switchboard_local::template;
use switchboard_tests::Stage;

use crate::common::nothing_written;

/// Bob, a provider who was last seen long ago and has been suspended since.
async fn suspend_bob(directory: &Path) {
    let place = Place::Directory(directory.to_owned());
    let engine = Engine::open(&place, Durability::Process).unwrap();
    engine
        .ensure_tables(&[template::tables().unwrap().chat])
        .unwrap();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .endpoint_url("http://engine.local")
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .http_client(engine.http_client())
        .build();
    let put = Client::from_conf(config)
        .put_item()
        .table_name(template::CHAT);
    put.item("pk", AttributeValue::S("U#bob".to_owned()))
        .item("sk", AttributeValue::S("PROFILE".to_owned()))
        .item("role", AttributeValue::S("provider".to_owned()))
        .item("last_seen", AttributeValue::N("7000".to_owned()))
        .item("suspended", AttributeValue::Bool(true))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_suspended_user_is_refused_and_nothing_is_changed() {
    let directory = tempfile::tempdir().unwrap();
    suspend_bob(directory.path()).await;
    let stage = Stage::on(directory.path()).await;
    let mut alice = stage.customer("alice", "phone").await;
    let conversation = alice.open("bob").await;
    stage.wire.forget();

    let bearer = format!("Bearer {}", stage.token("bob", "provider"));
    let headers = [("authorization", bearer.as_str())];
    let refused = stage.handshake("device=web", &headers).await;

    assert_eq!(refused.unwrap_err().status, 403);
    nothing_written(&stage);
    let frame = json!({"action": "presence", "users": ["bob"]});
    let seen = alice.ask(frame).await;
    let away = json!({"bob": {"online": false, "last_seen": 7_000}});
    assert_eq!(seen["users"], away);
    // Others still write to him, and the log keeps it.
    alice.send(&conversation, 0, "for later").await;
    stage.close().await;
}
