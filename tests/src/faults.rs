//! The wire to the tables: what went over it, and what goes wrong there.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::Value;
use switchboard_local::engine::{Answer, Call, Fault, Faults};
use tokio::sync::Notify;

/// One request that was answered.
#[derive(Clone, Debug)]
pub struct Observed {
    /// `PutItem`, `Query`, …
    pub operation: String,
    /// The request.
    pub request: Value,
    /// The answer's status.
    pub status: u16,
    /// The answer.
    pub answer: Value,
}

impl Observed {
    /// The capacity units that the request consumed, of all its tables and indexes.
    pub fn units(&self) -> f64 {
        let units = |capacity: &Value| capacity["CapacityUnits"].as_f64().unwrap_or(0.0);
        match &self.answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().map(units).sum(),
            one => units(one),
        }
    }

    /// Whether it writes.
    pub fn writes(&self) -> bool {
        !matches!(
            self.operation.as_str(),
            "GetItem" | "Query" | "BatchGetItem" | "Scan"
        )
    }
}

/// Something that goes wrong with requests that match.
#[derive(Debug)]
pub struct Trouble {
    /// The operation that it happens to.
    pub operation: &'static str,
    /// Text that the request has to contain.
    pub containing: String,
    /// How often it happens.
    pub times: usize,
    /// Whether the request is applied first.
    pub applied: bool,
    /// What the caller sees.
    pub fault: Fault,
}

/// The wire to the tables.
#[derive(Debug, Default)]
pub struct Wire {
    observed: Mutex<Vec<Observed>>,
    troubles: Mutex<VecDeque<Trouble>>,
    struck: Notify,
}

impl Wire {
    /// Forgets what was observed so far.
    pub fn forget(&self) {
        self.observed.lock().unwrap().clear();
    }

    /// What was observed since, in the order of the answers.
    pub fn observed(&self) -> Vec<Observed> {
        self.observed.lock().unwrap().clone()
    }

    /// Lets something go wrong.
    pub fn trouble(&self, trouble: Trouble) {
        self.troubles.lock().unwrap().push_back(trouble);
    }

    /// Waits until something has gone wrong.
    pub async fn struck(&self) {
        self.struck.notified().await;
    }

    fn strike(&self, call: &Call<'_>, applied: bool) -> Option<Fault> {
        let mut troubles = self.troubles.lock().unwrap();
        let trouble = troubles.iter_mut().find(|it| {
            it.times > 0
                && it.applied == applied
                && it.operation == call.operation
                && call.body.contains(&it.containing)
        })?;
        trouble.times -= 1;
        self.struck.notify_one();
        Some(trouble.fault)
    }
}

#[async_trait::async_trait]
impl Faults for Wire {
    async fn before(&self, call: &Call<'_>) -> Option<Fault> {
        self.strike(call, false)
    }

    async fn after(&self, call: &Call<'_>, answer: &Answer<'_>) -> Option<Fault> {
        self.observed.lock().unwrap().push(Observed {
            operation: call.operation.to_owned(),
            request: serde_json::from_str(call.body).unwrap_or_default(),
            status: answer.status,
            answer: serde_json::from_str(answer.body).unwrap_or_default(),
        });
        self.strike(call, true)
    }
}
