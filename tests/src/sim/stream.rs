//! The table's stream and its event source: records in order by conversation, batches until they are done.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::executor::{Executor, Micros};
use super::fault::{Fault, Plan};
use super::world::Event;

/// Lanes of the shard: conversations share them, as with a parallelization factor.
const LANES: u64 = 3;
/// Records in one batch.
const BATCH_MAX: usize = 10;
/// How late a batch comes at most, when it is late.
const LATE_MAX: Micros = 20_000_000;
/// The wait after a failure, doubling from the first to the second.
const BACKOFF: Micros = 100_000;
const BACKOFF_MAX: Micros = 10_000_000;

/// One lane.
#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<(u64, Value)>,
    /// Records of the batch that is on its way.
    running: Option<usize>,
    scheduled: bool,
    attempts: u32,
}

/// The stream.
#[derive(Debug)]
pub struct Stream {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    lanes: BTreeMap<u64, Lane>,
    next: u64,
}

impl Stream {
    /// An empty stream.
    pub fn new(executor: &Executor<Event>, plan: &Arc<Plan>) -> Self {
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            state: Mutex::default(),
        }
    }

    /// An item was inserted.
    pub fn inserted(&self, item: &Value) {
        let mut state = self.state.lock().unwrap();
        state.next += 1;
        let sequence = state.next;
        let pk = item["pk"]["S"].as_str().unwrap_or_default();
        let sum: u64 = pk.bytes().map(u64::from).sum();
        let record = json!({
            "eventID": sequence.to_string(), "eventName": "INSERT",
            "dynamodb": {
                "SequenceNumber": format!("{sequence:021}"),
                "Keys": {"pk": item["pk"], "sk": item["sk"]},
                "NewImage": item,
            },
        });
        let lane = state.lanes.entry(sum % LANES).or_default();
        lane.queue.push_back((sequence, record));
        self.schedule(sum % LANES, lane, 20_000);
    }

    /// Whether everything was delivered.
    pub fn is_done(&self) -> bool {
        let state = self.state.lock().unwrap();
        state.lanes.values().all(|it| it.queue.is_empty())
    }

    /// The next batch of a lane: its event.
    pub fn batch(&self, lane: u64) -> Option<String> {
        let mut state = self.state.lock().unwrap();
        let lane = state.lanes.get_mut(&lane)?;
        lane.scheduled = false;
        if lane.running.is_some() || lane.queue.is_empty() {
            return None;
        }
        let mut size = lane.queue.len().min(BATCH_MAX);
        if self.plan.strikes(Fault::BatchSplit) {
            let pieces = self.plan.amount(Fault::BatchSplit, size as u64);
            size = 1 + usize::try_from(pieces).unwrap_or(0);
        }
        // What fails without naming a record is narrowed down.
        size = (size >> lane.attempts.min(4)).max(1);
        lane.running = Some(size);
        let records: Vec<&Value> = lane.queue.iter().take(size).map(|(_, it)| it).collect();
        Some(json!({"Records": records}).to_string())
    }

    /// A batch is over; `None` where the function died.
    pub fn finished(&self, number: u64, response: Option<&str>) {
        let mut state = self.state.lock().unwrap();
        let Some(lane) = state.lanes.get_mut(&number) else {
            return;
        };
        let size = lane.running.take().unwrap_or(0);
        let done = match response {
            None => 0,
            Some(_) if self.plan.strikes(Fault::BatchTwice) => {
                self.schedule(number, lane, 50_000);
                return;
            }
            Some(response) => done_of(lane, size, response),
        };
        lane.queue.drain(..done);
        lane.attempts = if done == 0 { lane.attempts + 1 } else { 0 };
        let wait = match lane.attempts {
            0 => 10_000,
            attempts => (BACKOFF << attempts.min(10)).min(BACKOFF_MAX),
        };
        self.schedule(number, lane, wait);
    }

    fn schedule(&self, number: u64, lane: &mut Lane, wait: Micros) {
        if lane.scheduled || lane.running.is_some() || lane.queue.is_empty() {
            return;
        }
        lane.scheduled = true;
        let mut wait = wait;
        if self.plan.strikes(Fault::BatchLate) {
            wait += self.plan.amount(Fault::BatchLate, LATE_MAX);
        }
        self.executor.after(wait, Event::Batch(number));
    }
}

/// How many records of a batch need no further attempt: those before the first that failed.
fn done_of(lane: &Lane, size: usize, response: &str) -> usize {
    let response: Value = serde_json::from_str(response).unwrap_or_default();
    let failures = response["batchItemFailures"].as_array();
    let failed = |sequence: u64| {
        let number = format!("{sequence:021}");
        failures
            .into_iter()
            .flatten()
            .any(|it| it["itemIdentifier"] == number.as_str())
    };
    let records = lane.queue.iter().take(size);
    records
        .take_while(|(sequence, _)| !failed(*sequence))
        .count()
}
