//! A batch of a table's stream, and which of its records failed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A batch of records, in the order of the stream.
#[derive(Clone, Debug, Deserialize)]
pub struct StreamEvent {
    /// The records.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// One change of one item.
#[derive(Clone, Debug, Deserialize)]
pub struct StreamRecord {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName")]
    pub event_name: String,
    dynamodb: Change,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    #[serde(default)]
    new_image: Map<String, Value>,
}

impl StreamRecord {
    /// The record's place in its shard.
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// The item as it was written, as DynamoDB JSON; empty where the item was removed.
    pub fn new_image(&self) -> &Map<String, Value> {
        &self.dynamodb.new_image
    }
}

/// The records that have to be delivered again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchFailures {
    batch_item_failures: Vec<BatchFailure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchFailure {
    item_identifier: String,
}

impl BatchFailures {
    /// Adds a record.
    pub fn add(&mut self, record: &StreamRecord) {
        let item_identifier = record.sequence_number().to_owned();
        self.batch_item_failures
            .push(BatchFailure { item_identifier });
    }
}
