//! Who judges: everything that is written, said and pushed passes here, and is held against what was promised.
//!
//! - [`log`]: what the tables hold of a conversation, as the writes that were applied say
//! - `writes`: each applied write, at the moment it is applied
//! - `frames`: each frame that a device hears
//! - `pushes`: each push that SNS took
//! - [`costs`]: what each invocation consumed
//! - [`told`]: each step that a function tells of an entry
//! - `rest`: what must hold when everything has come to rest

pub mod costs;
mod frames;
pub mod log;
mod pushes;
mod rest;
pub mod told;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::executor::{Executor, TaskId};
use super::fault::{Fault, Plan};
use super::platform::Platform;
use super::stream::Stream;
use super::trace::Trace;
use super::world::Event;
use costs::Costs;
use log::Log;

/// The judge of a run.
#[derive(Debug)]
pub struct Oracle {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    trace: Arc<Trace>,
    stream: Arc<Stream>,
    platform: Arc<Platform>,
    state: Mutex<State>,
}

/// What the judge knows.
#[derive(Debug, Default)]
struct State {
    logs: BTreeMap<String, Log>,
    /// What devices were told is in the log: by conversation and id, the place and the time.
    accepted: BTreeMap<(String, String), (u64, u64)>,
    /// What the trail says is in the log: conversation and place.
    told: BTreeSet<(String, u64)>,
    /// Idempotency tokens of the transactions that were applied: the same again changes nothing.
    applied: BTreeSet<String>,
    /// Rows of the connection table.
    rows: BTreeMap<(String, String), Row>,
    /// Devices that can be pushed to, and since when.
    devices: BTreeMap<(String, String), u64>,
    /// Pushes: user, device and conversation; up to which entry, and when each.
    pushed: BTreeMap<(String, String, String), BTreeMap<u64, Vec<u64>>>,
    /// When, and how often by then, something happened that may make a push double.
    excuses: Vec<(u64, usize)>,
    costs: Costs,
    violation: Option<String>,
}

/// A row of the connection table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose connection.
    pub connection: String,
    /// When it began.
    pub connected_at: u64,
    /// Until when it counts.
    pub expires_at: u64,
}

impl Oracle {
    /// A judge who has seen nothing.
    pub fn new(
        executor: &Executor<Event>,
        plan: &Arc<Plan>,
        trace: &Arc<Trace>,
        stream: &Arc<Stream>,
        platform: &Arc<Platform>,
    ) -> Self {
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            trace: Arc::clone(trace),
            stream: Arc::clone(stream),
            platform: Arc::clone(platform),
            state: Mutex::default(),
        }
    }

    /// The first promise that was broken.
    pub fn violation(&self) -> Option<String> {
        self.state().violation.clone()
    }

    /// A promise was broken, by somebody else's account.
    pub fn breaks(&self, what: String) {
        self.state().breaks(what);
    }

    /// A table has served a request: of which invocation, with what answer.
    pub fn served(
        &self,
        caller: Option<TaskId>,
        operation: &str,
        request: &str,
        status: u16,
        answer: &str,
    ) {
        let now = self.executor.now();
        let mut state = self.state();
        self.note_excuses(&mut state);
        state.costs.served(caller, operation, status, answer);
        let reads = matches!(operation, "GetItem" | "Query" | "BatchGetItem");
        if operation == "Scan" {
            state.breaks("a scan".to_owned());
        }
        if reads || status != 200 {
            return;
        }
        let request: Value = serde_json::from_str(request).unwrap_or_default();
        let inserted = state.applied(operation, &request, now);
        drop(state);
        for item in inserted {
            let (pk, sk) = (text(&item["pk"]["S"]), text(&item["sk"]["S"]));
            self.trace.line(
                now,
                format_args!("table"),
                format_args!("{pk} {sk} by {}", text(&item["from"]["S"])),
            );
            self.stream.inserted(&item);
        }
    }

    /// An invocation begins.
    pub fn began(&self, task: TaskId, kind: &str, frame: &str) {
        let frame: Value = serde_json::from_str(frame).unwrap_or_default();
        let mut state = self.state();
        let log = state.logs.get(text(&frame["conversation"]));
        let last_seq = log.map_or(0, Log::last_seq);
        state.costs.began(task, kind, &frame, last_seq);
    }

    /// An invocation is over.
    pub fn ended(&self, task: TaskId) {
        let plan = &self.plan;
        let mut state = self.state();
        if let Some(what) = state.costs.ended(task, plan) {
            state.breaks(what);
        }
    }

    /// What the dearest invocation of each kind consumed.
    pub fn dearest(&self) -> BTreeMap<String, (f64, f64)> {
        self.state().costs.dearest.clone()
    }

    /// Whether the tables never failed in this run.
    fn tables_are_sound(&self) -> bool {
        let unsound = [
            Fault::TableRefuses,
            Fault::TableThrottles,
            Fault::TableAnswerLost,
            Fault::TableLate,
        ];
        !unsound.iter().any(|it| self.plan.has(*it))
    }

    /// A frame of a connection whose token had expired by then was answered.
    pub fn overstayed(&self, response: &str) {
        if !response.contains("token_expired") {
            let what = format!("a token that had expired was served: {response}");
            self.state().breaks(what);
        }
    }

    /// Entries may be long, and cost more than their budget.
    pub fn expects_long_texts(&self, long: bool) {
        self.state().costs.long = long;
    }

    /// A device was told that its entry is in the log.
    pub fn accepted(&self, user: &str, conversation: &str, id: &str, seq: u64, ts: u64) {
        let mut state = self.state();
        let key = (conversation.to_owned(), id.to_owned());
        let told = *state.accepted.entry(key).or_insert((seq, ts));
        if told != (seq, ts) {
            state.breaks(format!(
                "{id} was accepted as {told:?}, and again as {:?}",
                (seq, ts)
            ));
        }
        let entry = state
            .logs
            .get(conversation)
            .and_then(|log| log.entry(seq))
            .map(|entry| (entry.id.clone(), entry.ts, entry.from.clone()));
        if entry != Some((id.to_owned(), ts, user.to_owned())) {
            state.breaks(format!(
                "{user} was told that {id} is entry {seq} of {conversation}; there is {entry:?}"
            ));
        }
    }

    /// Up to where the entries of a user's conversation were acknowledged to somebody; 0 for another's conversation.
    pub fn acknowledged(&self, user: &str, conversation: &str) -> u64 {
        let state = self.state();
        if !state
            .logs
            .get(conversation)
            .is_some_and(|log| log.has(user))
        {
            return 0;
        }
        let told = state.accepted.iter();
        let told = told.filter(|((of, _), _)| of == conversation);
        told.map(|(_, (seq, _))| *seq).max().unwrap_or(0)
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        let state = self.state();
        state.logs.values().map(|log| log.entries.len()).sum()
    }

    /// The conversations of a user, and how long their logs are.
    pub fn conversations(&self, user: &str) -> Vec<(String, u64)> {
        let state = self.state();
        let mine = state.logs.iter().filter(|(_, log)| log.has(user));
        mine.map(|(id, log)| (id.clone(), log.last_seq())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A judge that panicked is told of by its panic, not by whoever asks next.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn breaks(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A number of DynamoDB JSON.
fn digits(value: &Value) -> u64 {
    text(&value["N"]).parse().unwrap_or(0)
}
