//! What the tests share: a client on an engine, two tables, a clock.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::AttributeValue,
};
use serde_json::{Value, json};
use switchboard::Clock;
use switchboard_local::engine::{Durability, Engine, Place};

pub(crate) fn engine() -> Engine {
    let engine = Engine::open(&Place::Memory, Durability::Process).unwrap();
    engine.ensure_tables(&tables()).unwrap();
    engine
}

pub(crate) fn tables() -> [Value; 2] {
    let keys = |stream: bool, name: &str| {
        json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "StreamSpecification":
                if stream { json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}) }
                else { json!({"StreamEnabled": false}) },
        })
    };
    [keys(true, "chat"), keys(false, "connections")]
}

pub(crate) fn client(http: aws_smithy_runtime_api::client::http::SharedHttpClient) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .endpoint_url("http://engine.local")
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::ZERO))
        .http_client(http)
        .build();
    Client::from_conf(config)
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Puts an entry of a conversation.
pub(crate) async fn put(client: &Client, conversation: &str, sort: impl Into<String>) {
    client
        .put_item()
        .table_name("chat")
        .item("pk", text(conversation))
        .item("sk", text(sort))
        .send()
        .await
        .unwrap();
}

/// How long an outbox waits for its batches once it is shut down.
pub(crate) const DRAIN_MS: u64 = 8_000;

/// A clock on which every wait is over at once, and noted. Only the patience of
/// a shutdown never ends, until it is told to.
#[derive(Debug, Default)]
pub(crate) struct HastyClock {
    pub(crate) slept_ms: Mutex<Vec<u64>>,
    pub(crate) impatient: AtomicBool,
}

#[async_trait::async_trait]
impl Clock for HastyClock {
    fn now_ms(&self) -> u64 {
        1_800_000_000_000
    }

    async fn sleep(&self, ms: u64) {
        if ms == DRAIN_MS && !self.impatient.load(Relaxed) {
            std::future::pending::<()>().await;
        }
        self.slept_ms.lock().unwrap().push(ms);
    }

    fn dice(&self) -> u128 {
        4
    }
}
