//! An entry, in the table and in the table's stream.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};
use switchboard::log::{LogEntry, Sides, Standing, Standings};
use switchboard::protocol::{Body, TimestampMs};

use super::{Build, Item, Unreadable, key, key_part, number_if_there, number_of, parsed, text_of};

pub(crate) fn entry_item(entry: &LogEntry) -> Item {
    Build::keyed(
        key::conversation(&entry.conversation),
        key::entry(entry.seq),
    )
    .text("id", entry.id.as_str())
    .text("from", entry.from.as_str())
    .number("ts", entry.ts)
    .text("body", entry.body.to_json())
    .number_if_there("reply_to", entry.reply_to)
    .number_if_there("edited_at", entry.edited_at)
    .number_if_there("first_said", entry.first_said)
    .text("standings", standings_json(&entry.standings, entry.ts))
    .done()
}

pub(crate) fn entry_from(item: &Item) -> Result<LogEntry, Unreadable> {
    let ts = number_of(item, "ts")?;
    let standings = text_of(item, "standings")?;
    Ok(LogEntry {
        conversation: key_part(item, "pk", "C#")?,
        seq: key_part(item, "sk", key::ENTRY)?,
        id: parsed(item, "id")?,
        from: parsed(item, "from")?,
        ts,
        body: Body::from_stored(text_of(item, "body")?).ok_or(Unreadable("body"))?,
        reply_to: number_if_there(item, "reply_to"),
        edited_at: number_if_there(item, "edited_at"),
        first_said: number_if_there(item, "first_said"),
        standings: standings_from(standings, ts).ok_or(Unreadable("standings"))?,
    })
}

/// The entry that a stream record's image holds; `None` where the item is something else.
pub fn entry_of_stream(image: &Map<String, Value>) -> Result<Option<LogEntry>, Unreadable> {
    let item: Item = image
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), scalar(value)?)))
        .collect();
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok());
    if !sk.is_some_and(|sk| sk.starts_with(key::ENTRY)) {
        return Ok(None);
    }
    entry_from(&item).map(Some)
}

/// A scalar of DynamoDB JSON; entries hold no others.
fn scalar(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => Some(AttributeValue::S(text.clone())),
        ("N", Value::String(digits)) => Some(AttributeValue::N(digits.clone())),
        ("BOOL", Value::Bool(flag)) => Some(AttributeValue::Bool(*flag)),
        _ => None,
    }
}

/// `[[written, recv, [ms before ts, …]] of the customer, … of the provider, deletions]`: an item is paid for by its bytes.
fn standings_json(standings: &Standings, ts: TimestampMs) -> String {
    let side = |side: &Standing| {
        let ago: Vec<u64> = side
            .recent
            .iter()
            .map(|at| ts.saturating_sub(*at))
            .collect();
        (side.written, side.recv, ago)
    };
    let Sides { customer, provider } = &standings.sides;
    // Numbers and arrays have no way not to be JSON.
    serde_json::to_string(&(side(customer), side(provider), standings.deletions))
        .unwrap_or_default()
}

fn standings_from(json: &str, ts: TimestampMs) -> Option<Standings> {
    type Side = (u64, u64, Vec<u64>);
    let (customer, provider, deletions): (Side, Side, u64) = serde_json::from_str(json).ok()?;
    let side = |(written, recv, ago): Side| Standing {
        written,
        recv,
        recent: ago.into_iter().map(|ago| ts.saturating_sub(ago)).collect(),
    };
    Some(Standings {
        sides: Sides {
            customer: side(customer),
            provider: side(provider),
        },
        deletions,
    })
}
