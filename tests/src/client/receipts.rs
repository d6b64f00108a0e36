//! Receipts: what was stored and seen, at most one frame a second, and again where they were lost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shelf::Shelf;

/// The least time between two frames.
const EVERY_MS: u64 = 1_000;
/// Conversations in one frame.
const AT_ONCE_MAX: usize = 50;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    recv: u64,
    read: u64,
}

/// What was said to the gateway, and what is to be said.
#[derive(Debug, Default)]
pub struct Receipts {
    said: BTreeMap<String, Marks>,
    read: BTreeMap<String, u64>,
    last_at: Option<u64>,
}

impl Receipts {
    pub(crate) fn read(&mut self, conversation: &str, seq: u64) {
        let read = self.read.entry(conversation.to_owned()).or_default();
        *read = seq.max(*read);
    }

    /// The gateway knows of less than was said, or shows that it does: it is to be said again.
    pub(crate) fn known(&mut self, conversation: &str, recv: u64, read: u64) {
        let marks = Marks { recv, read };
        self.said.insert(conversation.to_owned(), marks);
    }

    /// An entry was delivered again: the receipt for it was lost.
    pub(crate) fn doubt(&mut self, conversation: &str, seq: u64) {
        if let Some(said) = self.said.get_mut(conversation) {
            said.recv = said.recv.min(seq - 1);
        }
    }

    /// A frame was refused: everything is said again.
    pub(crate) fn unsure(&mut self) {
        self.said.clear();
    }

    /// What an `after` has told.
    pub(crate) fn implied(&mut self, conversation: &str, recv: u64) {
        let said = self.said.entry(conversation.to_owned()).or_default();
        said.recv = said.recv.max(recv);
    }

    /// Whether there is something to say.
    pub(crate) fn is_due(&self, shelf: &Shelf) -> bool {
        self.unsaid(shelf).next().is_some()
    }

    pub(crate) fn next(&self, shelf: &Shelf, now: u64) -> Option<u64> {
        let at = self.last_at.map_or(now, |at| at + EVERY_MS);
        self.is_due(shelf).then_some(at)
    }

    /// The receipts to send now.
    pub(crate) fn due(&mut self, shelf: &Shelf, now: u64) -> Option<Value> {
        if self.last_at.is_some_and(|at| now < at + EVERY_MS) {
            return None;
        }
        let unsaid: Vec<(String, Marks)> = self.unsaid(shelf).take(AT_ONCE_MAX).collect();
        if unsaid.is_empty() {
            return None;
        }
        self.last_at = Some(now);
        let frame = unsaid.iter().map(|(conversation, marks)| {
            json!({"conversation": conversation, "recv": marks.recv, "read": marks.read})
        });
        let frame = frame.collect();
        self.said.extend(unsaid);
        Some(Value::Array(frame))
    }

    fn unsaid(&self, shelf: &Shelf) -> impl Iterator<Item = (String, Marks)> {
        let reached = shelf.conversations().map(|conversation| {
            let recv = shelf.cursor(conversation);
            let read = self.read.get(conversation).copied().unwrap_or(0).min(recv);
            (conversation, Marks { recv, read })
        });
        reached.filter_map(|(conversation, marks)| {
            let said = self.said.get(conversation).copied().unwrap_or_default();
            (marks.recv > said.recv || marks.read > said.read)
                .then(|| (conversation.to_owned(), marks))
        })
    }
}
