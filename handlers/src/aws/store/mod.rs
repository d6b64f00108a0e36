//! The tables, on aws-sdk-dynamodb: the one store there is, in AWS, on one machine, in tests.
//!
//! Every request asks for its consumed capacity, so that whoever carries the requests can count what an action costs.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use switchboard::Unavailable;
use switchboard::ports::store::Devices;

use crate::aws::item::{Item, Unreadable, text};

mod connections;
mod devices;
mod directory;
mod log;
mod transport;

use self::transport::Request as _;
pub use self::transport::{Answered, Sdk, Transport};

/// How long one operation may take with all its retries: a throttled table answers `unavailable` within the patience of a sender.
const OPERATION_MS: u64 = 2_000;
/// How long one attempt may take: a lost response leaves time for two more.
const ATTEMPT_MS: u64 = 600;
/// Attempts of one operation.
const ATTEMPTS: u32 = 3;
/// What the index of lists is called.
const LISTS: &str = "lists";

/// The names of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Log, members, profiles, devices.
    pub chat: String,
    /// Live connections of this Region.
    pub connections: String,
}

/// The tables, on DynamoDB.
#[derive(Clone, Debug)]
pub struct DynamoStore {
    client: Client,
    tables: Tables,
    transport: Arc<dyn Transport>,
}

impl DynamoStore {
    /// A store on a client with [`settings`].
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables,
            transport: Arc::new(Sdk),
        }
    }

    /// The same, with its requests taken by another than the SDK.
    #[must_use]
    pub fn over(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport, ..self }
    }

    /// A store for who is told of the table `chat` alone, and needs no other.
    pub fn of_chat(client: Client, chat: String) -> impl Devices {
        let connections = String::new();
        Self::new(client, Tables { chat, connections })
    }

    fn query(&self, pk: String) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.chat)
            .expression_attribute_values(":pk", text(pk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// One item of the table `chat`.
    async fn chat_item(
        &self,
        doing: &'static str,
        pk: String,
        sk: String,
        read: Read,
    ) -> Result<Option<Item>, Unavailable> {
        let get = self.client.get_item().table_name(&self.tables.chat);
        let output = get
            .key("pk", text(pk))
            .key("sk", text(sk))
            .consistent_read(read == Read::Consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await
            .map_err(|error| failed(doing, error))?;
        Ok(output.item)
    }

    /// Puts an item of the table `chat`, whatever was there.
    async fn put_chat(&self, doing: &'static str, item: Item) -> Result<(), Unavailable> {
        let put = self.client.put_item().table_name(&self.tables.chat);
        let put = put
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        put.over(&*self.transport)
            .await
            .map(|_| ())
            .map_err(|error| failed(doing, error))
    }
}

/// Whether a read may lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Consistent,
    Eventual,
}

/// The client's settings that the store relies on: bounded attempts, bounded time.
pub fn settings(builder: aws_sdk_dynamodb::config::Builder) -> aws_sdk_dynamodb::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(OPERATION_MS))
        .operation_attempt_timeout(Duration::from_millis(ATTEMPT_MS))
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_millis(500));
    builder.timeout_config(timeouts).retry_config(retries)
}

/// A dependency's failure. What DynamoDB says names no item, so it may be logged.
pub(super) fn failed<E, R>(doing: &'static str, error: SdkError<E, R>) -> Unavailable
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    Unavailable::new(doing, error)
}

/// Whether a write was refused because its condition did not hold.
pub(super) fn condition_failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(|it| it.code()) == Some("ConditionalCheckFailedException")
}

/// Reads an item, or says that it is not what it has to be.
fn read<T>(
    doing: &'static str,
    item: &Item,
    from: impl Fn(&Item) -> Result<T, Unreadable>,
) -> Result<T, Unavailable> {
    from(item).map_err(|error| Unavailable::new(doing, error))
}

/// Reads items.
fn read_all<T>(
    doing: &'static str,
    items: &[Item],
    from: impl Fn(&Item) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unavailable> {
    items.iter().map(|item| read(doing, item, &from)).collect()
}

/// The text of an item's `sk`.
fn sk_of(item: &Item) -> &str {
    item.get("sk")
        .and_then(|value: &AttributeValue| value.as_s().ok())
        .map_or("", String::as_str)
}
