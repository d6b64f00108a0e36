//! The wire to the tables: what went over it, and what goes wrong there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use switchboard_local::engine::{Answer, Call, Fault, Faults};
use switchboard_local::haste::has_time;
use tokio::sync::Notify;

use crate::gate::Gate;

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
    /// Nobody waited for what it was asked for.
    pub has_time: bool,
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

    /// Whether it is that operation, and its request has that text.
    pub fn is(&self, operation: &str, containing: &str) -> bool {
        self.operation == operation && self.request.to_string().contains(containing)
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
    gates: Mutex<Vec<Barred>>,
    struck: Notify,
    answered: Notify,
}

/// The requests that have to pass a gate.
#[derive(Debug)]
struct Barred {
    operation: Option<&'static str>,
    containing: String,
    gate: Arc<Gate>,
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

    /// Waits until so many requests that are wanted were answered.
    pub async fn saw(&self, times: usize, wanted: impl Fn(&Observed) -> bool) {
        loop {
            let another = self.answered.notified();
            if self.observed().iter().filter(|it| wanted(it)).count() >= times {
                return;
            }
            another.await;
        }
    }

    /// Lets something go wrong.
    pub fn trouble(&self, trouble: Trouble) {
        self.troubles.lock().unwrap().push_back(trouble);
    }

    /// Waits until something has gone wrong.
    pub async fn struck(&self) {
        self.struck.notified().await;
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        self.troubles.lock().unwrap().clear();
    }

    /// How many requests of that operation, with that text, were answered.
    pub fn count(&self, operation: &str, containing: &str) -> usize {
        let observed = self.observed.lock().unwrap();
        observed
            .iter()
            .filter(|it| it.is(operation, containing))
            .count()
    }

    /// Puts a gate before the requests of an operation, or of all, that have this text.
    pub fn gate(&self, operation: Option<&'static str>, containing: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.gates.lock().unwrap().push(Barred {
            operation,
            containing: containing.to_owned(),
            gate: Arc::clone(&gate),
        });
        gate
    }

    fn gates_before(&self, call: &Call<'_>) -> Vec<Arc<Gate>> {
        let gates = self.gates.lock().unwrap();
        let bars = |it: &&Barred| {
            it.operation.is_none_or(|name| name == call.operation)
                && call.body.contains(&it.containing)
        };
        gates
            .iter()
            .filter(bars)
            .map(|it| Arc::clone(&it.gate))
            .collect()
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
        for gate in self.gates_before(call) {
            gate.pass(&format!("{} {}", call.operation, table(call.body)))
                .await;
        }
        self.strike(call, false)
    }

    async fn after(&self, call: &Call<'_>, answer: &Answer<'_>) -> Option<Fault> {
        self.observed.lock().unwrap().push(Observed {
            operation: call.operation.to_owned(),
            request: serde_json::from_str(call.body).unwrap_or_default(),
            status: answer.status,
            answer: serde_json::from_str(answer.body).unwrap_or_default(),
            has_time: has_time(),
        });
        self.answered.notify_waiters();
        self.strike(call, true)
    }
}

/// The table that a request names; nothing where it names several.
fn table(request: &str) -> String {
    let request: Value = serde_json::from_str(request).unwrap_or_default();
    request["TableName"].as_str().unwrap_or_default().to_owned()
}
