//! All connections, on DynamoDB's `Scan`: the only one there is. The function that takes the census may, no other may.

#![expect(clippy::disallowed_types, reason = "the SDK's key type is a HashMap")]

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use switchboard::ports::roll::{Page, Place, Roll};
use switchboard::{Connection, Unavailable};

use super::store::{condition_failed, failed};
use crate::aws::item::{connection_from, key, text};

/// Rows of a page: far below DynamoDB's megabyte, so that on one machine nobody waits long behind a page.
const PAGE_ROWS: i32 = 1_000;
/// What of a row is needed. `#role` because the bare word is reserved.
const NEEDED: &str = "pk, sk, connection_id, #role, endpoint, connected_at, expires_at";

/// The table of connections, on a client with the store's settings.
#[derive(Clone, Debug)]
pub struct DynamoRoll {
    client: Client,
    table: String,
}

impl DynamoRoll {
    /// The table of that name.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

#[async_trait::async_trait]
impl Roll for DynamoRoll {
    async fn page(&self, after: Option<Place>) -> Result<Page, Unavailable> {
        let scan = self.client.scan().table_name(&self.table);
        let output = scan
            .set_exclusive_start_key(after.map(key_of))
            .limit(PAGE_ROWS)
            .projection_expression(NEEDED)
            .expression_attribute_names("#role", "role")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failed("read every connection", error))?;
        let mut page = Page::default();
        for item in output.items() {
            match connection_from(item) {
                Ok(connection) => page.connections.push(connection),
                Err(_) => page.unreadable += 1,
            }
        }
        page.next = output.last_evaluated_key.as_ref().and_then(place_of);
        Ok(page)
    }

    async fn strike(&self, connection: &Connection) -> Result<bool, Unavailable> {
        let sk = key::connection(connection.device.as_ref(), &connection.id);
        let result = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(key::user(&connection.user)))
            .key("sk", text(sk))
            .condition_expression("connection_id = :id")
            .expression_attribute_values(":id", text(connection.id.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            Err(error) => Err(failed("remove a dead connection", error)),
        }
    }
}

fn key_of(place: Place) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), text(place.pk)),
        ("sk".to_owned(), text(place.sk)),
    ])
}

fn place_of(key: &HashMap<String, AttributeValue>) -> Option<Place> {
    let part = |name| Some(key.get(name)?.as_s().ok()?.clone());
    Some(Place {
        pk: part("pk")?,
        sk: part("sk")?,
    })
}
