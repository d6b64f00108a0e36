//! Steps in the logs of functions, in whichever form they were exported.
//!
//! Read are a function's own lines; what `aws logs tail` and `aws logs filter-log-events` make of them; and the results
//! of Logs Insights, by command line or as the console exports them.

use std::io::{self, BufRead};

use serde_json::{Map, Value};
use switchboard::protocol::{ConversationId, Seq};
use switchboard::trail::Step;

use super::objects::Objects;

/// How deep objects, lists and JSON in strings may be in each other.
const DEPTH_MAX: usize = 8;

/// All steps of an entry.
pub fn steps(
    source: impl BufRead,
    conversation: &ConversationId,
    seq: Seq,
) -> io::Result<Vec<Step>> {
    let mut objects = Objects::of(source);
    let mut steps = Vec::new();
    while let Some(object) = objects.next()? {
        if let Ok(value) = serde_json::from_slice(&object) {
            collect(&value, DEPTH_MAX, &mut |step| {
                if step.is_of(conversation, seq) {
                    steps.push(step);
                }
            });
        }
    }
    Ok(steps)
}

/// Finds steps in a value, whatever it is wrapped in.
fn collect(value: &Value, depth: usize, found: &mut impl FnMut(Step)) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Object(object) => {
            if let Some(step) = step_of(object) {
                return found(step);
            }
            for it in object.values() {
                collect(it, depth, found);
            }
        }
        Value::Array(values) => {
            // A row of Logs Insights: a list of fields and values.
            if let Some(step) = row(values).as_ref().and_then(step_of) {
                return found(step);
            }
            for it in values {
                collect(it, depth, found);
            }
        }
        Value::String(text) if text.starts_with('{') => {
            if let Ok(value) = serde_json::from_str(text) {
                collect(&value, depth, found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A step that an object is, or holds under `fields` or under names that begin so.
fn step_of(object: &Map<String, Value>) -> Option<Step> {
    Step::read(|name| {
        let inner = object.get("fields").and_then(|it| it.get(name));
        let flat = || object.get(&format!("fields.{name}"));
        let value = inner.or_else(flat).or_else(|| object.get(name))?;
        match value {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    })
}

fn row(values: &[Value]) -> Option<Map<String, Value>> {
    let pair = |it: &Value| {
        Some((
            it.get("field")?.as_str()?.to_owned(),
            it.get("value")?.clone(),
        ))
    };
    values.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard::trail::What;

    use super::*;

    const CONVERSATION: &str = "01JD8Z3KQ5W9T0000000000001";

    fn line(event: &str, seq: u64) -> Value {
        json!({"timestamp": "2026-01-01T00:00:00.000000Z", "level": "INFO", "target": "switchboard::trail",
            "fields": {"event": event, "conversation": CONVERSATION, "first": seq, "last": seq, "at": 1_000 + seq}})
    }

    fn found(text: &str) -> Vec<(What, u64)> {
        let conversation = CONVERSATION.parse().unwrap();
        let steps = steps(text.as_bytes(), &conversation, 7).unwrap();
        steps.iter().map(|it| (it.what, it.at)).collect()
    }

    #[test]
    fn every_way_of_exporting_a_log_is_read() {
        let (stored, read, other) = (line("stored", 7), line("read", 7), line("stored", 8));
        let pretty = serde_json::to_string_pretty(&stored).unwrap();
        let inside = json!({"message": stored.to_string(), "timestamp": 1});
        let field = |name: &str, value: &str| json!({"field": name, "value": value});
        let rows = json!({"results": [[
            field("@timestamp", "2026-01-01 00:00:00.000"), field("fields.event", "stored"),
            field("fields.conversation", CONVERSATION), field("fields.first", "7"), field("fields.last", "7"),
            field("fields.at", "1007"), field("fields.device", "")]], "status": "Complete"});
        let console = json!([{"fields.event": "stored", "fields.conversation": CONVERSATION, "fields.first": "7",
            "fields.last": "7", "fields.at": "1007"}]);
        let whole =
            json!({"results": [[field("@message", &stored.to_string()), field("@ptr", "x")]]});
        let rows = [
            stored.to_string(),
            format!("2026-01-01T00:00:00 2026/01/01/[$LATEST]0 {stored}"),
            format!("2026-01-01T00:00:00+00:00 2026/01/01/[$LATEST]0 \n{pretty}"),
            json!({ "events": [inside] }).to_string(),
            serde_json::to_string_pretty(&rows).unwrap(),
            serde_json::to_string_pretty(&console).unwrap(),
            whole.to_string(),
        ];
        for text in rows {
            let text = format!("START RequestId: 1\n{other}\n{text}\n{{\"_aws\":{{}}}}\n{read}\n");
            assert_eq!(
                found(&text),
                [(What::Stored, 1_007), (What::Read, 1_007)],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_too_deep_is_not_looked_at() {
        let mut nested = line("stored", 7);
        for _ in 0..DEPTH_MAX {
            nested = json!([nested]);
        }
        assert_eq!(found(&json!({ "a": nested }).to_string()), []);
    }
}
