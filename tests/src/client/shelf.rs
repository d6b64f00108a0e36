//! What a device holds of each log: a stretch without gaps up to its cursor, and what came ahead of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::GAP_MS;

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// Who sent it.
    pub from: String,
    /// When it was accepted.
    pub ts: u64,
    /// What it says now.
    pub body: Value,
}

/// One conversation.
#[derive(Clone, Debug, Default)]
struct Log {
    /// Whether anything is known of it but its name: without, it is absent from the cursors.
    loaded: bool,
    /// Below the oldest entry that was loaded.
    base: u64,
    cursor: u64,
    held: BTreeMap<u64, Held>,
    ahead: BTreeMap<u64, Held>,
    /// A place that exists, by somebody's account.
    hinted: u64,
    /// When a gap will be asked for; `None` while it is being asked for.
    ask_at: Option<u64>,
    asking: bool,
}

/// Everything that the device holds.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    logs: BTreeMap<String, Log>,
    /// What arrived twice: (conversation, seq), for whoever has to confirm it again.
    repeated: Vec<(String, u64)>,
}

impl Shelf {
    /// The conversations.
    pub fn conversations(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// Up to where nothing is missing.
    pub fn cursor(&self, conversation: &str) -> u64 {
        self.logs.get(conversation).map_or(0, |log| log.cursor)
    }

    /// Below what it was loaded.
    pub fn base(&self, conversation: &str) -> u64 {
        self.logs.get(conversation).map_or(0, |log| log.base)
    }

    /// What is shown of a conversation, in order.
    pub fn shown(&self, conversation: &str) -> impl Iterator<Item = (u64, &Held)> {
        let log = self.logs.get(conversation);
        log.into_iter()
            .flat_map(|log| log.held.iter().map(|(seq, held)| (*seq, held)))
    }

    /// The conversations with something missing below what came.
    pub fn gaps(&self) -> impl Iterator<Item = &str> {
        let open = self.logs.iter().filter(|(_, log)| log.lacks());
        open.map(|(conversation, _)| conversation.as_str())
    }

    /// The cursors for a `sync`, as JSON.
    pub(crate) fn cursors(&self, max: usize) -> Value {
        let loaded = self.logs.iter().filter(|(_, log)| log.loaded).take(max);
        let pairs = loaded.map(|(conversation, log)| (conversation.clone(), json!(log.cursor)));
        Value::Object(pairs.collect())
    }

    /// Learns that a conversation exists; `whole`: its log is wanted from the beginning.
    pub(crate) fn learn(&mut self, conversation: &str, whole: bool) {
        let log = self.logs.entry(conversation.to_owned()).or_default();
        log.loaded |= whole;
    }

    /// Whether a conversation's log is, or is being, held.
    pub(crate) fn is_loaded(&self, conversation: &str) -> bool {
        self.logs.get(conversation).is_some_and(|log| log.loaded)
    }

    /// Takes an entry, and returns the places that are shown from now on.
    pub(crate) fn take(&mut self, conversation: &str, seq: u64, held: Held, now: u64) -> Vec<u64> {
        let log = self.logs.entry(conversation.to_owned()).or_default();
        if !log.loaded {
            // The newest of a log that was not held: it begins here.
            (log.loaded, log.base, log.cursor) = (true, seq - 1, seq - 1);
        }
        if seq <= log.cursor {
            self.repeated.push((conversation.to_owned(), seq));
            return Vec::new();
        }
        log.ahead.entry(seq).or_insert(held);
        let mut shown = Vec::new();
        while let Some(held) = log.ahead.remove(&(log.cursor + 1)) {
            log.cursor += 1;
            shown.push(log.cursor);
            log.show(log.cursor, held);
        }
        log.mind_the_gap(now);
        shown
    }

    /// Learns that a log reaches at least so far.
    pub(crate) fn hint(&mut self, conversation: &str, seq: u64, now: u64) {
        if let Some(log) = self.logs.get_mut(conversation).filter(|log| log.loaded) {
            log.hinted = log.hinted.max(seq);
            log.mind_the_gap(now);
        }
    }

    /// What arrived twice since the last call.
    pub(crate) fn repeated(&mut self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.repeated)
    }

    pub(crate) fn gaps_due(&self, now: u64) -> Vec<(String, u64)> {
        let due = |log: &Log| log.ask_at.is_some_and(|at| at <= now);
        let due = self.logs.iter().filter(|(_, log)| due(log));
        due.map(|(conversation, log)| (conversation.clone(), log.cursor))
            .collect()
    }

    pub(crate) fn next_gap(&self) -> Option<u64> {
        self.logs.values().filter_map(|log| log.ask_at).min()
    }

    pub(crate) fn asked(&mut self, conversation: &str) {
        if let Some(log) = self.logs.get_mut(conversation) {
            (log.ask_at, log.asking) = (None, true);
        }
    }

    /// A page did not come, or did not fill the gap.
    pub(crate) fn ask_again(&mut self, conversation: &str) {
        if let Some(log) = self.logs.get_mut(conversation) {
            log.asking = false;
            log.ask_at = log.lacks().then_some(0);
        }
    }
}

impl Log {
    /// Whether something is missing below what is known to be there.
    fn lacks(&self) -> bool {
        !self.ahead.is_empty() || self.hinted > self.cursor
    }

    fn mind_the_gap(&mut self, now: u64) {
        if !self.lacks() {
            (self.ask_at, self.asking) = (None, false);
        } else if self.ask_at.is_none() && !self.asking {
            self.ask_at = Some(now + GAP_MS);
        }
    }

    /// Shows an entry, and what it does to the one that it names.
    fn show(&mut self, seq: u64, held: Held) {
        let body = &held.body;
        let of = body["of"].as_u64();
        if let Some(target) = of.and_then(|of| self.held.get_mut(&of)) {
            let deleted = target.body["kind"] == "deleted";
            match body["kind"].as_str() {
                Some("edit") if !deleted => target.body["text"] = body["text"].clone(),
                Some("delete") => target.body = json!({"kind": "deleted"}),
                _ => {}
            }
        }
        self.held.insert(seq, held);
    }
}
