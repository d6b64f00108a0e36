//! Goal: the engine without a wire answers exactly as it does to the SDK.
//! Method: a store whose every request goes both ways, to an engine of its own each; what comes back has to be the same.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::get_item::{GetItemError, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use serde_json::{Value, json};
use switchboard::log::LogEntry;
use switchboard::ports::store::{Appended, Marked, Progress};
use switchboard::protocol::action::{Marks, Span};
use switchboard::protocol::{Role, UserId};
use switchboard::session::Ending;
use switchboard::{Clock as _, Session, Tally};
use switchboard_handlers::aws::store::{Answered, DynamoStore, Sdk, Tables, Transport};
use switchboard_local::engine::{Durability, Engine, Place};
use switchboard_local::template;
use switchboard_tests::{Bare, ulid};

use crate::common::client;

/// Both ways.
#[derive(Debug)]
struct Twice {
    direct: Arc<dyn Transport>,
    /// A client of the engine behind `direct`.
    client: aws_sdk_dynamodb::Client,
    /// The operations that were compared.
    compared: Mutex<Vec<&'static str>>,
}

impl Twice {
    #[expect(clippy::result_large_err, reason = "the SDK's own")]
    fn same<O: std::fmt::Debug, E: std::fmt::Debug>(
        &self,
        operation: &'static str,
        sdk: &Answered<O, E>,
        direct: Answered<O, E>,
        words: impl Fn(&Answered<O, E>) -> String,
    ) -> Answered<O, E> {
        assert_eq!(words(&direct), words(sdk), "{operation}: {sdk:?}");
        self.compared.lock().unwrap().push(operation);
        direct
    }
}

/// A refusal in words: its name, and the item that stood in the way.
macro_rules! words {
    ($output:ident, $error:ident) => {
        |answer: &Answered<$output, $error>| match answer {
            Ok(output) => format!("{:?}", sorted(output.attributes())),
            Err(error) => match error.as_service_error() {
                Some($error::ConditionalCheckFailedException(failed)) => {
                    format!("failed: {:?}", sorted(failed.item()))
                }
                other => format!("{:?}", other.map(|it| it.meta().code())),
            },
        }
    };
}

#[expect(
    clippy::disallowed_types,
    reason = "the SDK's own: sorted before anybody looks"
)]
type Item = std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

fn sorted(item: Option<&Item>) -> Vec<String> {
    let mut words: Vec<String> = item
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    words.sort();
    words
}

#[async_trait::async_trait]
impl Transport for Twice {
    async fn get_item(&self, it: GetItemFluentBuilder) -> Answered<GetItemOutput, GetItemError> {
        let sdk = Sdk.get_item(it.clone()).await;
        let direct = self.direct.get_item(it).await;
        self.same("get", &sdk, direct, |answer| {
            format!("{:?}", answer.as_ref().map(|it| sorted(it.item())).ok())
        })
    }

    async fn query(&self, it: QueryFluentBuilder) -> Answered<QueryOutput, QueryError> {
        let sdk = Sdk.query(it.clone()).await;
        let direct = self.direct.query(it).await;
        self.same("query", &sdk, direct, |answer| {
            let output = answer.as_ref().expect("no query of the store fails");
            let items: Vec<_> = output.items().iter().map(|it| sorted(Some(it))).collect();
            format!("{items:?}, {:?}", sorted(output.last_evaluated_key()))
        })
    }

    async fn put_item(&self, it: PutItemFluentBuilder) -> Answered<PutItemOutput, PutItemError> {
        let sdk = Sdk.put_item(it.clone()).await;
        let direct = self.direct.put_item(it).await;
        let words = words!(PutItemOutput, PutItemError);
        self.same("put", &sdk, direct, words)
    }

    async fn update_item(
        &self,
        it: UpdateItemFluentBuilder,
    ) -> Answered<UpdateItemOutput, UpdateItemError> {
        let sdk = Sdk.update_item(it.clone()).await;
        let direct = self.direct.update_item(it).await;
        let words = words!(UpdateItemOutput, UpdateItemError);
        self.same("update", &sdk, direct, words)
    }

    async fn delete_item(
        &self,
        it: DeleteItemFluentBuilder,
    ) -> Answered<DeleteItemOutput, DeleteItemError> {
        let sdk = Sdk.delete_item(it.clone()).await;
        let direct = self.direct.delete_item(it).await;
        let words = words!(DeleteItemOutput, DeleteItemError);
        self.same("delete", &sdk, direct, words)
    }

    async fn transact_write_items(
        &self,
        it: TransactWriteItemsFluentBuilder,
    ) -> Answered<TransactWriteItemsOutput, TransactWriteItemsError> {
        // It goes by the client that it was made with: the other engine needs its own.
        let other = self.client.transact_write_items();
        let other = other.set_transact_items(it.get_transact_items().clone());
        let sdk = Sdk.transact_write_items(it).await;
        let direct = self.direct.transact_write_items(other).await;
        self.same("transact", &sdk, direct, |answer| {
            answer.is_ok().to_string()
        })
    }
}

fn engine() -> Engine {
    let tables = template::tables().unwrap();
    let engine = Engine::open(&Place::Memory, Durability::Process).unwrap();
    engine
        .ensure_tables(&[tables.chat, tables.connections])
        .unwrap();
    engine
}

fn twice() -> Arc<Twice> {
    let without = engine();
    Arc::new(Twice {
        direct: without.transport(),
        client: client(without.http_client()),
        compared: Mutex::default(),
    })
}

/// A store on both.
fn store(twice: &Arc<Twice>) -> DynamoStore {
    let names = Tables {
        chat: template::CHAT.to_owned(),
        connections: template::CONNECTIONS.to_owned(),
    };
    let over_http = client(engine().http_client());
    DynamoStore::new(over_http, names).over(Arc::clone(twice) as _)
}

/// Says something, and returns its place.
async fn says(bare: &Bare, by: &Session, conversation: &Value, after: u64, body: Value) -> Value {
    let frame = json!({
        "action": "send", "conversation": conversation, "id": ulid(), "after": after, "body": body,
    });
    let sent = bare.ask(by, frame.clone()).await;
    assert_eq!(sent["event"], "sent", "{sent}");
    let again = bare.ask(by, frame).await;
    assert_eq!(again["duplicate"], true, "{again}");
    sent["seq"].clone()
}

/// What a store is asked for that no frame can bring about at will: a place that is taken, marks that stand elsewhere.
async fn loses_races(bare: &Bare, user: &UserId, entry: &LogEntry) {
    let store = &bare.gateway.store;
    let taken = store.append(entry).await.unwrap();
    assert!(matches!(taken, Appended::Taken(_)), "{taken:?}");
    let from = Marks { recv: 3, read: 3 };
    let to = Progress {
        marks: from,
        others_written: 0,
        deletions: 0,
    };
    let moved = store.mark(&entry.conversation, user, from, &to).await;
    assert!(matches!(moved, Ok(Marked::Moved(_))), "{moved:?}");
}

/// Every action that reads, and those that set something.
async fn asks_for_everything(bare: &Bare, bob: &Session, conversation: &Value) {
    let receipts = json!([{"conversation": conversation, "recv": 4, "read": 4}]);
    let until = bare.clock.now_ms() + 1;
    for frame in [
        json!({"action": "receipt", "receipts": receipts}),
        json!({"action": "history", "conversation": conversation, "after": 0, "limit": 2}),
        json!({"action": "sync", "cursors": {conversation.as_str().unwrap(): 1}}),
        json!({"action": "inbox"}),
        json!({"action": "presence", "users": ["alice", "bob", "nobody"]}),
        json!({"action": "settings", "conversation": conversation, "muted_until": until}),
        json!({"action": "settings", "user": "alice", "blocked": true}),
        json!({"action": "settings", "user": "alice", "blocked": false}),
        json!({"action": "hello"}),
    ] {
        let answer = bare.ask(bob, frame).await;
        assert_ne!(answer["event"], "error", "{answer}");
    }
}

#[tokio::test]
async fn the_engine_answers_the_same_with_and_without_a_wire() {
    let (mut bare, twice) = (Bare::open(), twice());
    bare.gateway.store = Arc::new(store(&twice));
    let alice = bare.session("alice", Role::Customer, "phone");
    let bob = bare.session("bob", Role::Provider, "web");
    for session in [&alice, &bob, &bob] {
        bare.connect(session).await;
    }
    let device = json!({"action": "device", "platform": "fcm", "token": "t", "device": "web"});
    assert_eq!(bare.ask(&bob, device).await["event"], "device");
    let open = json!({"action": "open", "with": "bob"});
    let conversation = bare.ask(&alice, open).await["conversation"].clone();
    let text = json!({"kind": "text", "text": "hello"});
    let edit = json!({"kind": "edit", "of": 1, "text": "hello!"});
    says(&bare, &alice, &conversation, 0, text.clone()).await;
    says(&bare, &alice, &conversation, 1, edit).await;
    says(&bare, &bob, &conversation, 2, text.clone()).await;
    says(&bare, &alice, &conversation, 2, text).await;

    let id = conversation.as_str().unwrap().parse().unwrap();
    let entries = bare.gateway.store.entries(&id, Span::After(0), 10).await;
    let entries = entries.unwrap();
    assert_eq!(entries.len(), 4);
    loses_races(&bare, &bob.user, &entries[2]).await;
    let mut tally = Tally::default();
    for _ in 0..2 {
        let gone = bare.gateway.disconnect(&bob, Ending::Client, &mut tally);
        gone.await.unwrap();
    }
    let delivered = bare.gateway.deliver(entries, &mut tally);
    assert!(bare.clock.flow(delivered).await.is_empty());
    asks_for_everything(&bare, &bob, &conversation).await;

    let compared = twice.compared.lock().unwrap();
    for operation in ["get", "query", "put", "update", "delete", "transact"] {
        assert!(compared.contains(&operation), "{operation}");
    }
}
