//! One record of the stream: whether it is handed on, and how an event source
//! mapping would write it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::engine::{Stored, public_sequence};

/// The sort keys that are handed on begin so: the filter of the mapping.
const ENTRY_PREFIX: &str = "E#";

/// An inserted entry on its way to the function.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) sequence: i64,
    /// The partition key's value, whose records stay in order.
    pub(super) partition: String,
    event_id: String,
    created_at: i64,
    keys: Box<RawValue>,
    new_image: Box<RawValue>,
}

/// The key attributes of the table.
#[derive(Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

/// A string attribute.
#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    value: String,
}

impl Record {
    /// The record to hand on, or `None` for what the filter holds back.
    pub(super) fn read(stored: Stored) -> Option<Self> {
        let keys: Keys = serde_json::from_str(&stored.keys).ok()?;
        if !keys.sk.value.starts_with(ENTRY_PREFIX) {
            return None;
        }
        Some(Self {
            sequence: stored.sequence,
            partition: keys.pk.value,
            event_id: stored.event_id,
            created_at: stored.created_at,
            keys: RawValue::from_string(stored.keys).ok()?,
            new_image: RawValue::from_string(stored.new_image?).ok()?,
        })
    }

    /// What the record holds, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.keys.get().len() + self.new_image.get().len()
    }
}

/// The event that AWS Lambda would be invoked with.
pub(super) fn event(table: &str, records: &[&Record]) -> Result<String, serde_json::Error> {
    let arn = format!("arn:aws:dynamodb:local:000000000000:table/{table}/stream/local");
    let records = records.iter().map(|record| wire(record, &arn)).collect();
    serde_json::to_string(&Event { records })
}

fn wire<'a>(record: &'a Record, arn: &'a str) -> WireRecord<'a> {
    WireRecord {
        event_id: &record.event_id,
        event_name: "INSERT",
        event_version: "1.1",
        event_source: "aws:dynamodb",
        aws_region: "local",
        event_source_arn: arn,
        change: Change {
            created_at: record.created_at,
            keys: &record.keys,
            new_image: &record.new_image,
            sequence: public_sequence(record.sequence),
            size_bytes: record.bytes(),
            view: "NEW_IMAGE",
        },
    }
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<WireRecord<'a>>,
}

#[derive(Serialize)]
struct WireRecord<'a> {
    #[serde(rename = "eventID")]
    event_id: &'a str,
    #[serde(rename = "eventName")]
    event_name: &'static str,
    #[serde(rename = "eventVersion")]
    event_version: &'static str,
    #[serde(rename = "eventSource")]
    event_source: &'static str,
    #[serde(rename = "awsRegion")]
    aws_region: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    #[serde(rename = "dynamodb")]
    change: Change<'a>,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(rename = "ApproximateCreationDateTime")]
    created_at: i64,
    #[serde(rename = "Keys")]
    keys: &'a RawValue,
    #[serde(rename = "NewImage")]
    new_image: &'a RawValue,
    #[serde(rename = "SequenceNumber")]
    sequence: String,
    #[serde(rename = "SizeBytes")]
    size_bytes: usize,
    #[serde(rename = "StreamViewType")]
    view: &'static str,
}
