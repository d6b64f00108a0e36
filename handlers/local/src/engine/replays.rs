//! The answers of recent transactions, by their idempotency token.
//!
//! The engine keeps its own, but walks all of them on every transaction, and the
//! SDK sends a token with each. So tokens stop here, where a lookup costs the
//! same whatever their number: a retry of a transaction whose response was lost
//! gets the first answer again, as on AWS.

use std::collections::{BTreeMap, VecDeque};

/// Far more than are between their first and their last attempt at any moment.
const REPLAYS_MAX: usize = 1_024;

/// The latest answers. The oldest make room.
#[derive(Debug, Default)]
pub(super) struct Replays {
    answers: BTreeMap<String, String>,
    order: VecDeque<String>,
}

impl Replays {
    pub(super) fn get(&self, token: &str) -> Option<String> {
        self.answers.get(token).cloned()
    }

    pub(super) fn keep(&mut self, token: String, answer: String) {
        if self.answers.insert(token.clone(), answer).is_none() {
            self.order.push_back(token);
        }
        while self.order.len() > REPLAYS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.answers.remove(&oldest);
            }
        }
    }
}
