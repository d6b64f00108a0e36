//! One batch, handed over until each of its records is processed or given up.
//!
//! As an event source mapping does with `ReportBatchItemFailures` and
//! `BisectBatchOnFunctionError`: what failed is tried again from the lowest
//! failed record on, and a failure that names no record is narrowed down by
//! halving what is handed over.

use std::{
    collections::{BTreeSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use futures_util::FutureExt as _;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{
    Counters, Sink,
    lanes::Batch,
    record::{Record, event},
};
use switchboard::Clock;

use crate::engine::public_sequence;

/// Attempts with the same record in front; then it is given up.
const ATTEMPTS_MAX: u32 = 10;
/// The wait after the first failure. It doubles with each, up to the second.
const BACKOFF_FIRST_MS: u64 = 100;
const BACKOFF_MAX_MS: u64 = 10_000;

/// What a batch needs from the outbox.
#[derive(Clone)]
pub(super) struct Courier {
    pub(super) table: Arc<str>,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) counters: Arc<Counters>,
    pub(super) shutdown: CancellationToken,
}

/// A batch that is over.
pub(super) struct Finished {
    pub(super) partition: String,
    /// The records that need no further attempt. The rest met the shutdown.
    pub(super) processed: BTreeSet<i64>,
}

/// What one attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Every record is processed.
    Processed,
    /// The records before this position are processed.
    ProcessedUpTo(usize),
    /// Nobody knows which record it was.
    Failed,
}

impl Courier {
    /// Hands the batch over.
    pub(super) async fn carry(self, batch: Batch) -> Finished {
        let mut rest = batch.records;
        let mut processed = BTreeSet::new();
        let mut width = rest.len();
        let mut attempts = 0;
        while !rest.is_empty() {
            width = width.min(rest.len());
            let front: Vec<_> = rest.iter().take(width).collect();
            match self.attempt(&front).await {
                Verdict::Processed => {
                    self.settle(&mut rest, width, &mut processed);
                    (width, attempts) = (rest.len(), 0);
                    continue;
                }
                Verdict::ProcessedUpTo(0) => attempts += 1,
                Verdict::ProcessedUpTo(position) => {
                    self.settle(&mut rest, position, &mut processed);
                    (width, attempts) = (rest.len(), 1);
                }
                Verdict::Failed => {
                    attempts += 1;
                    width = (width / 2).max(1);
                }
            }
            if attempts >= ATTEMPTS_MAX {
                self.give_up(&mut rest, &mut processed);
                (width, attempts) = (rest.len(), 0);
            } else if !self.back_off(attempts).await {
                break;
            }
        }
        Finished {
            partition: batch.partition,
            processed,
        }
    }

    async fn attempt(&self, records: &[&Record]) -> Verdict {
        let Ok(json) = event(&self.table, records) else {
            return Verdict::Failed;
        };
        // A panic of the function is a failure of the batch, not of the lane.
        let outcome = AssertUnwindSafe(self.sink.deliver(json))
            .catch_unwind()
            .await;
        match outcome {
            Ok(Ok(response)) => verdict(&response, records),
            Ok(Err(error)) => {
                tracing::warn!(error, "the stream's function failed");
                Verdict::Failed
            }
            Err(_) => {
                tracing::error!("the stream's function panicked");
                Verdict::Failed
            }
        }
    }

    fn settle(&self, rest: &mut VecDeque<Record>, count: usize, processed: &mut BTreeSet<i64>) {
        let count = count.min(rest.len());
        processed.extend(rest.drain(..count).map(|it| it.sequence));
        self.counters.delivered(count);
    }

    fn give_up(&self, rest: &mut VecDeque<Record>, processed: &mut BTreeSet<i64>) {
        let Some(record) = rest.pop_front() else {
            return;
        };
        self.counters.dead_lettered();
        tracing::error!(
            sequence = record.sequence,
            "a record of the stream was given up after its last attempt"
        );
        processed.insert(record.sequence);
    }

    /// Waits before the next attempt. False when the shutdown comes first.
    async fn back_off(&self, attempts: u32) -> bool {
        self.counters.retried();
        let doubled = BACKOFF_FIRST_MS << attempts.saturating_sub(1);
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => false,
            () = self.clock.sleep(doubled.min(BACKOFF_MAX_MS)) => true,
        }
    }
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "batchItemFailures", default)]
    failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    sequence: Option<String>,
}

/// Reads the function's response as the platform does: nothing is success, and
/// an identifier of no record condemns all of them.
fn verdict(response: &str, records: &[&Record]) -> Verdict {
    if matches!(response.trim(), "" | "null") {
        return Verdict::Processed;
    }
    let Ok(Response { failures }) = serde_json::from_str(response) else {
        return Verdict::Failed;
    };
    let mut lowest = None;
    for failure in failures.unwrap_or_default() {
        let position = failure.sequence.and_then(|sequence| {
            records
                .iter()
                .position(|record| public_sequence(record.sequence) == sequence)
        });
        let Some(position) = position else {
            return Verdict::Failed;
        };
        lowest = Some(lowest.map_or(position, |it: usize| it.min(position)));
    }
    lowest.map_or(Verdict::Processed, Verdict::ProcessedUpTo)
}
