//! Every check, with its reason.

mod alarms;
mod api;
mod calls;
mod data;
mod environment;
mod functions;
mod metrics;
mod network;
mod policies;
mod rights;
mod roles;
mod stream;
mod told;
mod waking;
mod wiring;

use serde_json::Value;

use crate::check::Check;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    [
        alarms::CHECKS,
        api::CHECKS,
        calls::CHECKS,
        data::CHECKS,
        environment::CHECKS,
        functions::CHECKS,
        metrics::CHECKS,
        network::CHECKS,
        policies::CHECKS,
        rights::CHECKS,
        roles::CHECKS,
        stream::CHECKS,
        told::CHECKS,
        waking::CHECKS,
        wiring::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Every text in a value.
pub(crate) fn leaves(value: &Value) -> Vec<&str> {
    match value {
        Value::String(it) => vec![it],
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(entries) => entries.values().flat_map(leaves).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
