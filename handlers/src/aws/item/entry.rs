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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard::protocol::Seq;

    use super::*;
    use crate::aws::item::{number, text};

    fn entry(seq: Seq, body: Body) -> LogEntry {
        LogEntry {
            conversation: "01JD8Z3KQ5W9T0000000000001".parse().unwrap(),
            seq,
            id: "01JD8Z5A7XG4N000000000000A".parse().unwrap(),
            from: "alice".parse().unwrap(),
            ts: 1_795_000_000_000,
            body,
            reply_to: None,
            edited_at: None,
            first_said: None,
            standings: Standings::default(),
        }
    }

    fn hello() -> Body {
        Body::Text {
            text: "hello".to_owned(),
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let plain = entry(1, hello());
        let full = LogEntry {
            reply_to: Some(7),
            edited_at: Some(1_795_000_009_000),
            first_said: Some(u64::MAX),
            standings: Standings {
                sides: Sides {
                    customer: Standing {
                        written: 40,
                        recv: 41,
                        recent: vec![1_794_999_990_001, 1_795_000_000_000],
                    },
                    provider: Standing {
                        written: 2,
                        recv: 0,
                        recent: vec![1_795_000_000_000],
                    },
                },
                deletions: 3,
            },
            ..entry(key::SEQ_MAX, hello())
        };
        let deleted = entry(2, Body::Deleted);
        for entry in [plain, full, deleted] {
            assert_eq!(entry_from(&entry_item(&entry)).unwrap(), entry);
        }
    }

    #[test]
    fn an_item_has_the_attributes_that_it_is_paid_for_and_no_others() {
        let item = entry_item(&entry(42, hello()));
        let expected = [
            ("pk", text("C#01JD8Z3KQ5W9T0000000000001")),
            ("sk", text("E#000000000042")),
            ("id", text("01JD8Z5A7XG4N000000000000A")),
            ("from", text("alice")),
            ("ts", number(1_795_000_000_000)),
            ("body", text(r#"{"kind":"text","text":"hello"}"#)),
            ("standings", text("[[0,0,[]],[0,0,[]],0]")),
        ];
        assert_eq!(
            item,
            expected.map(|(name, it)| (name.to_owned(), it)).into()
        );
    }

    #[test]
    fn attributes_of_a_later_version_are_ignored() {
        let mut item = entry_item(&entry(1, hello()));
        item.insert("mood".to_owned(), text("good"));
        item.insert("sizes".to_owned(), AttributeValue::L(vec![number(1)]));
        item.insert("none".to_owned(), AttributeValue::Null(true));
        assert_eq!(entry_from(&item).unwrap(), entry(1, hello()));
    }

    #[test]
    fn an_item_that_is_no_entry_is_refused_by_the_attribute() {
        let whole = || entry_item(&entry(1, hello()));
        for name in ["pk", "sk", "id", "from", "ts", "body", "standings"] {
            let mut lacking = whole();
            lacking.remove(name);
            let mut wrong = whole();
            wrong.insert(name.to_owned(), AttributeValue::Bool(true));
            let mut garbled = whole();
            garbled.insert(name.to_owned(), text("#"));
            for item in [lacking, wrong, garbled] {
                assert_eq!(entry_from(&item).unwrap_err().0, name);
            }
        }
    }

    #[test]
    fn an_image_of_the_stream_is_the_item() {
        let image = json!({
            "pk": { "S": "C#01JD8Z3KQ5W9T0000000000001" },
            "sk": { "S": "E#000000000001" },
            "id": { "S": "01JD8Z5A7XG4N000000000000A" },
            "from": { "S": "alice" },
            "ts": { "N": "1795000000000" },
            "body": { "S": r#"{"kind":"text","text":"hello"}"# },
            "standings": { "S": "[[0,0,[]],[0,0,[]],0]" },
            "later": { "M": { "a": { "L": [{ "NULL": true }] } } },
        });
        let read = entry_of_stream(image.as_object().unwrap()).unwrap();
        assert_eq!(read, Some(entry(1, hello())));
    }
}
