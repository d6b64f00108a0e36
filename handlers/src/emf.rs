//! Counts as CloudWatch metrics: one line of the embedded metric format for each invocation that counted something.

use serde_json::{Map, Value, json};
use switchboard::protocol::TimestampMs;
use switchboard::{Metric, Tally};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Switchboard";

/// The line for a tally; `None` where nothing was counted. Dimensions name the function, never a user or a connection.
pub fn line(tally: &Tally, function: &str, at: TimestampMs) -> Option<String> {
    if tally.is_empty() {
        return None;
    }
    let metrics: Vec<Value> = tally
        .iter()
        .map(|(metric, _)| json!({ "Name": metric.name(), "Unit": "Count" }))
        .collect();
    let mut record = Map::new();
    let directive = json!({
        "Timestamp": at,
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [["Function"]],
            "Metrics": metrics,
        }],
    });
    record.insert("_aws".to_owned(), directive);
    record.insert("Function".to_owned(), function.into());
    for (metric, count) in tally.iter() {
        record.insert(Metric::name(metric).to_owned(), count.into());
    }
    Some(Value::Object(record).to_string())
}
