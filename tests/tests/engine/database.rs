//! Goal: the engine is DynamoDB to the SDK, and a directory is held and read as
//! promised. Method: the real client over the connector.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::common::{client, engine, put, tables, text};
use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{
        KeysAndAttributes, Put, PutRequest, ReturnConsumedCapacity,
        ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification, TransactWriteItem,
        WriteRequest,
    },
};
use switchboard_local::engine::{
    Answer, Call, Durability, Engine, Fault, Faults, OpenError, Place,
};

#[tokio::test]
async fn the_sdk_writes_and_reads_and_sees_the_item_that_won() {
    let client = client(engine().http_client());
    put(&client, "C#1", "E#1").await;

    let refused = client
        .put_item()
        .table_name("chat")
        .item("pk", text("C#1"))
        .item("sk", text("E#1"))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let PutItemError::ConditionalCheckFailedException(refused) = refused else {
        panic!("{refused:?}");
    };
    let won = refused.item().unwrap();
    assert_eq!(won.get("sk"), Some(&text("E#1")));

    let page = client
        .query()
        .table_name("chat")
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("C#1"))
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(page.count(), 1);
    let units = page.consumed_capacity().unwrap().capacity_units();
    assert_eq!(units, Some(1.0));
}

#[tokio::test]
async fn every_single_write_and_read_of_the_store_is_served() {
    let client = client(engine().http_client());
    put(&client, "U#a", "PROFILE").await;
    client
        .update_item()
        .table_name("chat")
        .set_key(Some(key("PROFILE").into()))
        .update_expression("SET seen = :seen")
        .expression_attribute_values(":seen", text("now"))
        .send()
        .await
        .unwrap();
    let get = client.get_item().table_name("chat");
    let got = get.set_key(Some(key("PROFILE").into())).send().await;
    assert_eq!(got.unwrap().item().unwrap()["seen"], text("now"));
    let delete = client.delete_item().table_name("chat");
    let deleted = delete.set_key(Some(key("PROFILE").into())).send().await;
    deleted.unwrap();
    let left = client.scan().table_name("chat").send().await.unwrap();
    assert_eq!(left.count(), 0);
    let unknown = client.list_tables().send().await.unwrap_err();
    assert_eq!(unknown.raw_response().unwrap().status().as_u16(), 400);
}

#[tokio::test]
async fn batches_are_served() {
    let client = client(engine().http_client());
    let put = PutRequest::builder().set_item(Some(key("DEVICE").into()));
    let write = WriteRequest::builder().put_request(put.build().unwrap());
    let batch = client.batch_write_item();
    let written = batch
        .request_items("chat", vec![write.build()])
        .send()
        .await;
    written.unwrap();
    let keys = KeysAndAttributes::builder()
        .keys(key("DEVICE").into())
        .keys(key("MISSING").into());
    let batch = client.batch_get_item();
    let got = batch
        .request_items("chat", keys.build().unwrap())
        .send()
        .await;
    assert_eq!(got.unwrap().responses().unwrap()["chat"].len(), 1);
}

#[tokio::test]
async fn tables_are_described_and_take_a_time_to_live() {
    let client = client(engine().http_client());
    let ttl = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expires");
    let update = client.update_time_to_live().table_name("connections");
    let updated = update
        .time_to_live_specification(ttl.build().unwrap())
        .send()
        .await;
    updated.unwrap();
    let described = client.describe_table().table_name("chat").send().await;
    assert!(described.unwrap().table().is_some());
}

fn key(sort: &str) -> [(String, aws_sdk_dynamodb::types::AttributeValue); 2] {
    [
        ("pk".to_owned(), text("U#a")),
        ("sk".to_owned(), text(sort)),
    ]
}

/// Spoils the first calls of an operation, and counts all of them.
#[derive(Debug)]
struct Script {
    before: Mutex<Vec<Fault>>,
    after: Mutex<Vec<Fault>>,
    calls: AtomicU32,
}

impl Script {
    fn new(before: &[Fault], after: &[Fault]) -> Arc<Self> {
        Arc::new(Self {
            before: Mutex::new(before.to_vec()),
            after: Mutex::new(after.to_vec()),
            calls: AtomicU32::new(0),
        })
    }
}

#[async_trait::async_trait]
impl Faults for Script {
    async fn before(&self, _call: &Call<'_>) -> Option<Fault> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.before.lock().unwrap().pop()
    }

    async fn after(&self, _call: &Call<'_>, answer: &Answer<'_>) -> Option<Fault> {
        assert!(!answer.body.is_empty());
        self.after.lock().unwrap().pop()
    }
}

#[tokio::test]
async fn a_refused_request_is_tried_again_by_the_sdk() {
    for fault in [
        Fault::Throttled,
        Fault::Broken,
        Fault::Lost,
        Fault::TimedOut,
    ] {
        let script = Script::new(&[fault], &[]);
        let client = client(engine().http_client_with(script.clone()));
        put(&client, "C#1", "E#1").await;
        assert_eq!(script.calls.load(Ordering::Relaxed), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_transaction_whose_response_was_lost_is_answered_again() {
    let script = Script::new(&[], &[Fault::TimedOut]);
    let client = client(engine().http_client_with(script.clone()));
    let put = Put::builder()
        .table_name("chat")
        .item("pk", text("C#1"))
        .item("sk", text("E#1"))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .send()
        .await
        .unwrap();
    assert_eq!(script.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Directory(directory.path().join("data"));
    for durability in [Durability::Process, Durability::Power] {
        let engine = Engine::open(&place, durability).unwrap();
        engine.ensure_tables(&tables()).unwrap();
        let client = client(engine.http_client());
        put(&client, "C#1", format!("E#{durability:?}")).await;
    }
    let engine = Engine::open(&place, Durability::Process).unwrap();
    let all = client(engine.http_client())
        .scan()
        .table_name("chat")
        .send()
        .await
        .unwrap();
    assert_eq!(all.count(), 2);
}

#[test]
fn a_directory_has_one_holder() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Directory(directory.path().to_owned());
    let first = Engine::open(&place, Durability::Process).unwrap();
    let http = first.http_client();
    drop(first);
    let second = Engine::open(&place, Durability::Process).unwrap_err();
    assert!(matches!(second, OpenError::Busy { .. }), "{second}");
    drop(http);
    Engine::open(&place, Durability::Process).unwrap();
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("format.json"), r#"{"version":3}"#).unwrap();
    let place = Place::Directory(directory.path().to_owned());
    let error = Engine::open(&place, Durability::Process).unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found: 3, .. }),
        "{error}"
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_place_that_cannot_be_written_is_named_in_one_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let place = Place::Directory(file.path().join("data"));
    let error = Engine::open(&place, Durability::Process).unwrap_err();
    assert!(matches!(error, OpenError::Unwritable { .. }), "{error}");
    assert!(!error.to_string().contains('\n'));
}
