//! Goal: every stored entry reaches the function, in its conversation's order,
//! through failures and restarts, and the stream does not grow. Method: writes
//! by the real client, a scripted function, a clock without waiting.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use aws_sdk_dynamodb::types::{Put, PutRequest, TransactWriteItem, WriteRequest};
use switchboard_local::engine::{Durability, Engine, Place};

use crate::{
    common::{DRAIN_MS, client, engine, put, tables, text},
    stage::{Stage, stuck},
};

async fn stored(engine: &Engine) -> usize {
    let stream = engine.stream("chat").unwrap();
    stream.page(0, 1_000_000).await.unwrap().len()
}

#[tokio::test]
async fn entries_arrive_in_the_order_of_their_conversation_and_nothing_else_does() {
    let engine = engine();
    let client = client(engine.http_client());
    let stage = Stage::open(&engine).await;
    for number in 0..120 {
        put(
            &client,
            &format!("C#{}", number % 3),
            format!("E#{number:03}"),
        )
        .await;
    }
    put(&client, "C#0", "META").await;
    put(&client, "C#0", "E#000").await;
    stage.progress.drained().await.unwrap();
    let seen = stage.function.seen();
    assert_eq!(seen.len(), 120);
    for lane in ["C#0", "C#1", "C#2"] {
        let sorts: Vec<_> = seen.iter().filter(|(pk, _)| pk == lane).collect();
        assert_eq!(sorts.len(), 40);
        assert!(sorts.is_sorted());
    }
    stage.close().await;
}

#[tokio::test]
async fn writes_of_every_kind_ring() {
    let engine = engine();
    let client = client(engine.http_client());
    let stage = Stage::open(&engine).await;
    stage.progress.drained().await.unwrap();
    let put = Put::builder()
        .table_name("chat")
        .item("pk", text("C#1"))
        .item("sk", text("E#1"))
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .send()
        .await
        .unwrap();
    stage.progress.drained().await.unwrap();
    let put = PutRequest::builder()
        .item("pk", text("C#1"))
        .item("sk", text("E#2"))
        .build()
        .unwrap();
    client
        .batch_write_item()
        .request_items(
            "chat",
            vec![WriteRequest::builder().put_request(put).build()],
        )
        .send()
        .await
        .unwrap();
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#1", "E#2"]);
    stage.close().await;
}

#[tokio::test]
async fn a_failed_record_is_tried_again_from_there_on_with_a_growing_pause() {
    let engine = engine();
    let client = client(engine.http_client());
    for sort in ["E#1", "E#2", "E#3"] {
        put(&client, "C#1", sort).await;
    }
    let stage = Stage::open(&engine).await;
    stage
        .function
        .failing
        .lock()
        .unwrap()
        .insert("E#2".into(), 3);
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#1", "E#2", "E#3"]);
    assert_eq!(*stage.function.batches.lock().unwrap(), [3, 2, 2, 2]);
    assert_eq!(*stage.clock.slept_ms.lock().unwrap(), [100, 200, 400]);
    assert_eq!(stage.progress.counters().retries_total(), 3);
    stage.close().await;
}

#[tokio::test]
async fn poison_is_given_up_alone_and_the_lane_goes_on() {
    let engine = engine();
    let client = client(engine.http_client());
    for number in 0..100 {
        put(&client, "C#1", format!("E#{number:02}")).await;
    }
    let stage = Stage::open(&engine).await;
    stage.function.poison.lock().unwrap().push("E#57".into());
    stage.progress.drained().await.unwrap();
    let counters = stage.progress.counters();
    assert_eq!(counters.dead_letters_total(), 1);
    assert_eq!(counters.delivered_total(), 99);
    assert_eq!(counters.held(), 0);
    let sorts = stage.function.sorts();
    assert_eq!(sorts.len(), 99);
    assert!(sorts.is_sorted());
    assert!(!sorts.contains(&"E#57".into()));
    stage.close().await;
}

#[tokio::test]
async fn a_function_that_panics_costs_the_record_and_not_the_lane() {
    let engine = engine();
    let client = client(engine.http_client());
    put(&client, "C#1", "E#1").await;
    let stage = Stage::open(&engine).await;
    stage.function.poison.lock().unwrap().push("panic".into());
    stage.progress.drained().await.unwrap();
    stage.function.poison.lock().unwrap().clear();
    put(&client, "C#1", "E#2").await;
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#2"]);
    stage.close().await;
}

#[tokio::test]
async fn what_a_run_left_is_handed_over_by_the_next_and_what_it_did_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Directory(directory.path().to_owned());
    {
        let engine = Engine::open(&place, Durability::Process).unwrap();
        engine.ensure_tables(&tables()).unwrap();
        let client = client(engine.http_client());
        let stage = Stage::open(&engine).await;
        put(&client, "C#1", "E#1").await;
        stage.progress.drained().await.unwrap();
        stage.close().await;
        put(&client, "C#1", "E#2").await;
    }
    let engine = Engine::open(&place, Durability::Process).unwrap();
    let stage = Stage::open(&engine).await;
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#2"]);
    stage.close().await;
}

#[tokio::test]
async fn the_stream_is_trimmed_to_its_newest_record() {
    let engine = engine();
    let client = client(engine.http_client());
    let stage = Stage::open(&engine).await;
    for number in 0..600 {
        put(&client, &format!("C#{}", number % 7), format!("E#{number}")).await;
    }
    stage.progress.drained().await.unwrap();
    stage.close().await;
    assert_eq!(stored(&engine).await, 1);
    let newest = engine.stream("chat").unwrap().newest().await.unwrap();
    put(&client, "C#0", "E#next").await;
    assert!(engine.stream("chat").unwrap().newest().await.unwrap() > newest);
}

#[tokio::test]
async fn a_write_looks_at_as_many_stream_records_however_many_there_are() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Directory(directory.path().to_owned());
    let engine = Engine::open(&place, Durability::Process).unwrap();
    engine.ensure_tables(&tables()).unwrap();
    let client = client(engine.http_client());
    let connection = rusqlite::Connection::open(directory.path().join("switchboard.db")).unwrap();
    // The engine's own query before each write.
    let sql = "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1
        FROM _stream_records WHERE table_name = 'chat'";
    let mut steps = Vec::new();
    for number in 0..600 {
        put(&client, "C#1", format!("E#{number}")).await;
        if number == 9 || number == 599 {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_row([], |row| row.get::<_, i64>(0)).unwrap();
            steps.push(statement.get_status(rusqlite::StatementStatus::VmStep));
        }
    }
    assert_eq!(stored(&engine).await, 600);
    assert_eq!(steps[0], steps[1], "steps of the virtual machine");
}

/// As format 1 left it: the records in the engine's own table, the last of them of a change, and all before it done.
const FORMAT_1: &str = "
    DROP TRIGGER _switchboard_records;
    DROP TABLE _switchboard_outbox;
    CREATE INDEX _switchboard_stream ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    INSERT INTO _switchboard_checkpoints VALUES ('chat', 1700000000000000);
    INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at)
    VALUES
        ('chat', 'INSERT', '{\"pk\":{\"S\":\"C#1\"},\"sk\":{\"S\":\"E#1\"}}', '{\"sk\":{\"S\":\"E#1\"}}', '1700000000000001', 's', 1),
        ('chat', 'MODIFY', '{\"pk\":{\"S\":\"C#1\"},\"sk\":{\"S\":\"E#0\"}}', '{}', '1700000000000002', 's', 1);";

#[tokio::test]
async fn what_an_earlier_version_left_is_handed_over_and_numbers_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let (marker, place) = (
        directory.path().join("format.json"),
        Place::Directory(directory.path().to_owned()),
    );
    let engine = Engine::open(&place, Durability::Process).unwrap();
    engine.ensure_tables(&tables()).unwrap();
    drop(engine);
    rusqlite::Connection::open(directory.path().join("switchboard.db"))
        .unwrap()
        .execute_batch(FORMAT_1)
        .unwrap();
    std::fs::write(&marker, r#"{"version":1}"#).unwrap();

    let engine = Engine::open(&place, Durability::Process).unwrap();
    let written = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(written, r#"{"version":2}"#);
    let stage = Stage::open(&engine).await;
    put(&client(engine.http_client()), "C#1", "E#2").await;
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#1", "E#2"]);
    let newest = engine.stream("chat").unwrap().newest().await.unwrap();
    assert_eq!(newest, 1_700_000_000_000_003);
    stage.close().await;
}

#[tokio::test]
async fn a_batch_that_never_ends_delays_the_shutdown_and_is_handed_over_again() {
    let engine = engine();
    let client = client(engine.http_client());
    let (stuck, function) = stuck();
    let stage = Stage::with(&engine, function).await;
    put(&client, "C#1", "E#1").await;
    stuck.notified().await;
    stage.clock.impatient.store(true, Relaxed);
    let clock = Arc::clone(&stage.clock);
    stage.close().await;
    assert_eq!(*clock.slept_ms.lock().unwrap(), [DRAIN_MS]);
    let stage = Stage::open(&engine).await;
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#1"]);
    stage.close().await;
}

#[tokio::test]
async fn a_crash_between_a_write_and_its_delivery_loses_nothing() {
    let engine = engine();
    let client = client(engine.http_client());
    let (stuck, function) = stuck();
    let mut stage = Stage::with(&engine, function).await;
    put(&client, "C#1", "E#1").await;
    stuck.notified().await;
    stage.tasks.shutdown().await;
    assert!(stage.progress.drained().await.is_err());
    let stage = Stage::open(&engine).await;
    stage.progress.drained().await.unwrap();
    assert_eq!(stage.function.sorts(), ["E#1"]);
    stage.close().await;
}
