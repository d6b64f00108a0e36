//! A table's stream as the event source of a function.
//!
//! What is stored reaches the function at least once, whatever happened to the
//! process that stored it: the stream is in the database, and a record leaves it
//! only when it is processed. Records of one partition key arrive in order, one
//! batch at a time; other keys do not wait for them. The engine rings after each
//! write, and the stream is read a moment after the first ring, as a mapping that
//! polls would: what was written in that moment goes out together, and what was
//! confirmed in it is found confirmed.

mod batch;
mod counters;
mod lanes;
mod record;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture};
use switchboard::Clock;
use tokio::{
    sync::{Notify, watch},
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use self::{
    batch::{Courier, Finished},
    lanes::Lanes,
    record::Record,
};

use crate::engine::{Stream, StreamError};
use crate::haste::step_aside;

pub use self::counters::Counters;

/// Records in one read of the stream.
const PAGE_MAX: u32 = 500;
/// Records that are read before the stream is trimmed, under load and when
/// nothing is left to do. Until then they cost a little space, and are handed
/// over again after a crash.
const TRIM_EVERY: u32 = 1_000;
const TRIM_IDLE_EVERY: u32 = 100;
/// Batches that are started at once. More would keep every sender's task waiting while they take their first steps.
const STARTS_MAX: usize = 4;
/// How long running batches may take to finish after the shutdown: less than
/// the ten seconds after which a container is killed.
const DRAIN_MS: u64 = 8_000;
/// The pause after the database refused a read.
const READ_RETRY_MS: u64 = 1_000;

/// The function that the records are handed to.
#[async_trait::async_trait]
pub trait Sink: Send + Sync {
    /// Takes the JSON of a Lambda event with up to 100 records, and answers
    /// `{"batchItemFailures":[{"itemIdentifier":"<sequence number>"}]}`.
    /// An error means that any of them may have failed. It is logged, so it must
    /// not hold what a message says.
    async fn deliver(&self, event_json: String) -> Result<String, String>;
}

/// Reads a stream and hands it to a [`Sink`].
pub struct Outbox {
    stream: Stream,
    bell: Arc<Notify>,
    courier: Courier,
    lanes: Lanes,
    running: JoinSet<Finished>,
    trimmed_to: i64,
    /// Records read since the last trim.
    read: u32,
    poll_ms: u64,
    done_to: watch::Sender<i64>,
}

/// How far an [`Outbox`] is. Clones watch the same one.
#[derive(Clone, Debug)]
pub struct Progress {
    stream: Stream,
    counters: Arc<Counters>,
    done_to: watch::Receiver<i64>,
}

/// Why waiting for an outbox ended without it being done.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// The stream could not be asked.
    #[error("read the stream")]
    Stream(#[from] StreamError),
    /// The outbox was shut down before it was done.
    #[error("see the outbox finish")]
    Ended(#[from] watch::error::RecvError),
}

impl Outbox {
    /// An outbox that goes on where the last one on this stream stopped.
    pub async fn open(
        stream: Stream,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StreamError> {
        let done_to = stream.checkpoint().await?;
        let courier = Courier {
            table: stream.table(),
            sink,
            clock,
            counters: Arc::default(),
            shutdown: CancellationToken::new(),
        };
        Ok(Self {
            bell: stream.bell(),
            stream,
            courier,
            lanes: Lanes::after(done_to),
            running: JoinSet::new(),
            trimmed_to: done_to,
            read: 0,
            poll_ms: 0,
            done_to: watch::Sender::new(done_to),
        })
    }

    /// Reads so many milliseconds after the first write that was not read; at once where nothing is said.
    #[must_use]
    pub fn polling_after(self, poll_ms: u64) -> Self {
        Self { poll_ms, ..self }
    }

    /// A view on how far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            stream: self.stream.clone(),
            counters: Arc::clone(&self.courier.counters),
            done_to: self.done_to.subscribe(),
        }
    }

    /// Works until the shutdown, then until the running batches are over, for
    /// at most eight seconds. What is left is handed over by the next run.
    pub async fn run(mut self, shutdown: CancellationToken) {
        self.courier.shutdown = shutdown.clone();
        // For what an earlier run left, and for writes before this one.
        self.bell.notify_one();
        // When the stream is to be read, once the bell has rung.
        let mut poll: Option<BoxFuture<'static, ()>> = None;
        loop {
            while self.start_batches() {
                // Whoever is ready by now goes first.
                step_aside().await;
            }
            self.publish();
            let waits = poll.is_some();
            let polled = OptionFuture::from(poll.as_mut());
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(finished) = self.running.join_next() => self.finish(finished),
                Some(()) = polled, if !self.lanes.is_full() => {
                    poll = None;
                    // Whoever rang meanwhile is read now.
                    self.bell.notified().now_or_never();
                    self.read_on().await;
                }
                () = self.bell.notified(), if !waits => poll = Some(self.pause()),
            }
            if self.is_trim_due() {
                self.trim().await;
            }
        }
        self.drain().await;
    }

    fn is_trim_due(&self) -> bool {
        let idle = self.lanes.held() == 0;
        self.read >= if idle { TRIM_IDLE_EVERY } else { TRIM_EVERY }
    }

    /// Starts some batches, and says whether there may be more.
    fn start_batches(&mut self) -> bool {
        for _ in 0..STARTS_MAX {
            let Some(batch) = self.lanes.next_batch() else {
                return false;
            };
            self.running.spawn(self.courier.clone().carry(batch));
        }
        true
    }

    fn publish(&self) {
        self.courier.counters.holds(self.lanes.held());
        let done_to = self.lanes.done_to();
        self.done_to.send_if_modified(|published| {
            let changed = *published != done_to;
            *published = done_to;
            changed
        });
    }

    fn finish(&mut self, finished: Result<Finished, JoinError>) {
        match finished {
            Ok(finished) => self.lanes.finish(&finished.partition, &finished.processed),
            // Batches catch their function's panics, so this is a bug of ours.
            Err(error) => tracing::error!(?error, "a batch of the stream was lost"),
        }
    }

    /// The time from the first ring to the reading.
    fn pause(&self) -> BoxFuture<'static, ()> {
        if self.poll_ms == 0 {
            return std::future::ready(()).boxed();
        }
        let (clock, poll_ms) = (Arc::clone(&self.courier.clock), self.poll_ms);
        async move { clock.sleep(poll_ms).await }.boxed()
    }

    /// Reads what there is, as far as there is room for it.
    async fn read_on(&mut self) {
        while self.read().await {
            if self.lanes.is_full() {
                self.bell.notify_one();
                return;
            }
        }
    }

    /// Reads one page, and says whether there may be more.
    async fn read(&mut self) -> bool {
        let page = match self.stream.page(self.lanes.read_to(), PAGE_MAX).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(?error, "the stream could not be read");
                let wait = self.courier.clock.sleep(READ_RETRY_MS);
                tokio::select! {
                    () = self.courier.shutdown.cancelled() => {}
                    () = wait => self.bell.notify_one(),
                }
                return false;
            }
        };
        let more = page.len() == PAGE_MAX as usize;
        for stored in page {
            let sequence = stored.sequence;
            self.read += 1;
            match Record::read(stored) {
                Some(record) => self.lanes.push(record),
                None => self.lanes.skip(sequence),
            }
        }
        more
    }

    async fn trim(&mut self) {
        let done_to = self.lanes.done_to();
        if done_to <= self.trimmed_to {
            return;
        }
        // Also when it fails: the next one covers it.
        (self.read, self.trimmed_to) = (0, done_to);
        if let Err(error) = self.stream.trim(done_to).await {
            tracing::warn!(?error, "the stream could not be trimmed");
        }
    }

    async fn drain(mut self) {
        let late = Arc::clone(&self.courier.clock);
        let mut deadline = std::pin::pin!(async move { late.sleep(DRAIN_MS).await });
        loop {
            tokio::select! {
                biased;
                finished = self.running.join_next() => match finished {
                    Some(finished) => self.finish(finished),
                    None => break,
                },
                () = &mut deadline => {
                    tracing::warn!(batches = self.running.len(), "batches were cut short");
                    self.running.shutdown().await;
                    break;
                }
            }
        }
        self.trim().await;
        self.publish();
    }
}

impl Progress {
    /// Waits until everything that is stored at the time of the call has been
    /// processed or given up.
    pub async fn drained(&self) -> Result<(), DrainError> {
        let newest = self.stream.newest().await?;
        let mut done_to = self.done_to.clone();
        done_to.wait_for(|done_to| *done_to >= newest).await?;
        Ok(())
    }

    /// What happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("stream", &self.stream)
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}
