//! What an outbox did, for metrics and tests.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Totals since the outbox was opened, and what it holds now.
#[derive(Debug, Default)]
pub struct Counters {
    delivered: AtomicU64,
    retries: AtomicU64,
    dead_letters: AtomicU64,
    held: AtomicU64,
}

impl Counters {
    /// Records that the function processed.
    pub fn delivered_total(&self) -> u64 {
        self.delivered.load(Relaxed)
    }

    /// Attempts after a failure.
    pub fn retries_total(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Records that were given up: on AWS they would be in the on-failure queue.
    pub fn dead_letters_total(&self) -> u64 {
        self.dead_letters.load(Relaxed)
    }

    /// Records that were read and are not yet processed.
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    pub(super) fn delivered(&self, count: usize) {
        self.delivered.fetch_add(count as u64, Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn dead_lettered(&self) {
        self.dead_letters.fetch_add(1, Relaxed);
    }

    pub(super) fn holds(&self, count: usize) {
        self.held.store(count as u64, Relaxed);
    }
}
