//! Goal: what the engine keeps in memory is never behind what is stored.
//! Method: writes of every kind and queries, some over the wire and some not, beside an engine that is asked so that it
//! keeps nothing; and many tasks that ask for what they have just written.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, Put, PutRequest, ReturnConsumedCapacity, TransactWriteItem,
    WriteRequest,
};
use fastrand::Rng;
use switchboard_handlers::aws::store::{Sdk, Transport};
use switchboard_local::engine::Engine;

use crate::common::{client, engine, text};

const SEEDS: u64 = 20;
const STEPS: usize = 150;
const TABLE: &str = "chat";

/// An engine, and both ways to it.
struct Both {
    client: Client,
    direct: Arc<dyn Transport>,
}

impl Both {
    fn of(engine: &Engine) -> Self {
        Self {
            client: client(engine.http_client()),
            direct: engine.transport(),
        }
    }

    /// A query of a whole partition.
    async fn query(&self, over: &dyn Transport, pk: &str, forward: bool, limit: i32) -> Page {
        let query = self.whole(pk, forward, limit);
        let query = query.key_condition_expression("pk = :pk");
        Page::of(&over.query(query).await.unwrap())
    }

    /// The same, said so that it is never kept nor answered from memory.
    async fn stored(&self, pk: &str, forward: bool, limit: i32) -> Page {
        let query = self.whole(pk, forward, limit);
        let query = query
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", "pk");
        Page::of(&query.send().await.unwrap())
    }

    fn whole(&self, pk: &str, forward: bool, limit: i32) -> QueryFluentBuilder {
        let query = self.client.query().table_name(TABLE);
        query
            .expression_attribute_values(":pk", text(pk))
            .scan_index_forward(forward)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .limit(limit)
    }
}

/// What a query found, in an order of its own.
#[derive(Clone, Debug, PartialEq)]
struct Page {
    rows: Vec<Vec<String>>,
    last: Vec<String>,
    /// What it cost, where that is said: on the wire.
    units: Option<f64>,
}

impl Page {
    fn of(output: &QueryOutput) -> Self {
        macro_rules! words {
            ($item:expr) => {{
                let words = $item.map(|(name, value)| format!("{name}: {value:?}"));
                let mut words: Vec<String> = words.collect();
                words.sort();
                words
            }};
        }
        Self {
            rows: output.items().iter().map(|it| words!(it.iter())).collect(),
            last: words!(output.last_evaluated_key().into_iter().flatten()),
            units: output.consumed_capacity().and_then(|it| it.capacity_units),
        }
    }
}

/// A write, the same wherever it is done.
#[derive(Debug)]
struct Write {
    kind: u8,
    pk: String,
    sk: String,
    value: AttributeValue,
    /// On condition that the item is new, or that it is there.
    conditional: bool,
}

impl Write {
    fn thrown(dice: &mut Rng) -> Self {
        let values = [
            AttributeValue::N(dice.u8(..).to_string()),
            AttributeValue::N("1.50".to_owned()),
            AttributeValue::N("+7".to_owned()),
            AttributeValue::Ss(vec!["b".to_owned(), "a".to_owned()]),
            AttributeValue::L(vec![AttributeValue::N("007".to_owned())]),
            text("a"),
        ];
        Self {
            kind: dice.u8(..7),
            pk: format!("p{}", dice.u8(..2)),
            sk: format!("s{}", dice.u8(..6)),
            value: values[dice.usize(..values.len())].clone(),
            conditional: dice.bool(),
        }
    }

    /// Does it, and says whether it was done.
    async fn to(&self, client: &Client, over: &dyn Transport) -> bool {
        let (pk, sk) = (text(&self.pk), text(&self.sk));
        match self.kind {
            0 | 1 => {
                let put = client.put_item().table_name(TABLE);
                let put = put.item("pk", pk).item("sk", sk);
                let put = put.item("v", self.value.clone());
                let condition = "attribute_not_exists(pk)".to_owned();
                let condition = self.conditional.then_some(condition);
                let put = put.set_condition_expression(condition);
                over.put_item(put).await.is_ok()
            }
            2 | 3 => {
                let update = client.update_item().table_name(TABLE);
                let update = update.key("pk", pk).key("sk", sk);
                let update = update
                    .update_expression("SET v = :v")
                    .expression_attribute_values(":v", self.value.clone());
                let condition = "attribute_exists(pk)".to_owned();
                let condition = self.conditional.then_some(condition);
                let update = update.set_condition_expression(condition);
                over.update_item(update).await.is_ok()
            }
            4 => {
                let delete = client.delete_item().table_name(TABLE);
                let delete = delete.key("pk", pk).key("sk", sk);
                over.delete_item(delete).await.is_ok()
            }
            5 => {
                let put = Put::builder().table_name(TABLE);
                let put = put.item("pk", pk).item("sk", sk);
                let put = put.item("v", self.value.clone()).build().unwrap();
                let action = TransactWriteItem::builder().put(put).build();
                let write = client.transact_write_items().transact_items(action);
                over.transact_write_items(write).await.is_ok()
            }
            _ => {
                let request = WriteRequest::builder();
                let request = if self.conditional {
                    let delete = DeleteRequest::builder().key("pk", pk).key("sk", sk);
                    request.delete_request(delete.build().unwrap())
                } else {
                    let put = PutRequest::builder().item("pk", pk).item("sk", sk);
                    request.put_request(put.build().unwrap())
                };
                let write = client.batch_write_item();
                let write = write.request_items(TABLE, vec![request.build()]);
                write.send().await.is_ok()
            }
        }
    }
}

#[tokio::test]
async fn a_query_finds_what_is_stored_whichever_way_it_was_written() {
    for seed in 0..SEEDS {
        let mut dice = Rng::with_seed(seed);
        let (kept, plain) = (Both::of(&engine()), Both::of(&engine()));
        for step in 0..STEPS {
            let write = Write::thrown(&mut dice);
            let over = if dice.bool() { &*kept.direct } else { &Sdk };
            let done = write.to(&kept.client, over).await;
            let expected = write.to(&plain.client, &Sdk).await;
            assert_eq!(done, expected, "seed {seed}, step {step}: {write:?}");
            let (forward, limit) = (dice.bool(), dice.i32(2..5));
            let stored = plain.stored(&write.pk, forward, limit).await;
            // By both ways, in either order: what was not in memory is, the second time.
            let ways: [&dyn Transport; 2] = if dice.bool() {
                [&Sdk, &*kept.direct]
            } else {
                [&*kept.direct, &Sdk]
            };
            for over in ways {
                let found = kept.query(over, &write.pk, forward, limit).await;
                let expected = Page {
                    units: found.units.and(stored.units),
                    ..stored.clone()
                };
                assert_eq!(found, expected, "seed {seed}, step {step}: {write:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_has_written_finds_it_whoever_else_writes() {
    const WRITERS: usize = 6;
    const WRITES: usize = 60;
    let engine = engine();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let both = Both::of(&engine);
        let shared = engine.transport();
        writers.spawn(async move {
            for number in 0..WRITES {
                let write = Write {
                    kind: if number % 3 == 0 { 5 } else { 0 },
                    pk: "p".to_owned(),
                    sk: format!("s{writer}"),
                    value: AttributeValue::N(number.to_string()),
                    conditional: false,
                };
                let over: &dyn Transport = if writer % 2 == 0 { &*shared } else { &Sdk };
                assert!(write.to(&both.client, over).await);
                let page = both.query(&*shared, "p", false, 50).await;
                let own = format!("v: N(\"{number}\")");
                let row = page.rows.iter().find(|row| row[1].contains(&write.sk));
                assert_eq!(row.map(|row| &row[2]), Some(&own), "writer {writer}");
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn a_query_that_asks_for_its_price_by_index_is_told() {
    let both = Both::of(&engine());
    let query = || {
        let query = both.whole("p", true, 2);
        query.key_condition_expression("pk = :pk")
    };
    // In memory from here on.
    query().send().await.unwrap();
    let detailed = query().return_consumed_capacity(ReturnConsumedCapacity::Indexes);
    let found = detailed.send().await.unwrap();
    assert!(found.consumed_capacity().unwrap().table().is_some());
}

#[tokio::test]
async fn a_query_that_asks_for_less_is_not_answered_with_whole_items() {
    let both = Both::of(&engine());
    let put = both.client.put_item().table_name(TABLE);
    let put = put.item("pk", text("p")).item("sk", text("s"));
    both.direct
        .put_item(put.item("v", text("a")))
        .await
        .unwrap();
    // In memory from here on.
    let whole = both.query(&*both.direct, "p", true, 2).await;
    assert_eq!(whole.rows[0].len(), 3);
    let query = both.client.query().table_name(TABLE);
    let query = query
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("p"))
        .projection_expression("sk")
        .limit(2);
    let found = both.direct.query(query).await.unwrap();
    assert_eq!(Page::of(&found).rows, [[r#"sk: S("s")"#]]);
}
