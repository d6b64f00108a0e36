//! What is committed comes to the disk bit by bit.
//!
//! Where a commit survives the process alone, `SQLite` leaves its log to the kernel until a checkpoint, which has to flush
//! some four megabytes at once while everybody waits. A thread that flushes every few commits leaves it little. It is no
//! checkpoint in the background: two connections that checkpoint and write at once could damage the database, below
//! `SQLite` 3.51.3 (<https://sqlite.org/wal.html#walresetbug>).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, JoinHandle};

/// Commits between two flushes: some 300 KB of the log.
const EVERY: u64 = 32;

/// The thread, until it is dropped.
#[derive(Debug)]
pub(super) struct Writeback {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    committed: AtomicU64,
    /// A flush is wanted. Those who want one while one is on its way share the next.
    due: AtomicBool,
    ended: AtomicBool,
    flushes: AtomicU64,
}

impl Writeback {
    /// Starts a thread that calls `sync`, which blocks.
    pub(super) fn start(sync: impl Fn() -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let state = Arc::<State>::default();
        let of_thread = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("writeback".to_owned())
            .spawn(move || of_thread.flush_when_due(&sync))?;
        Ok(Self {
            state,
            thread: Some(thread),
        })
    }

    /// Something was committed.
    pub(super) fn committed(&self) {
        let before = self.state.committed.fetch_add(1, SeqCst);
        if (before + 1).is_multiple_of(EVERY) {
            self.state.due.store(true, SeqCst);
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl State {
    fn flush_when_due(&self, sync: &impl Fn() -> io::Result<()>) {
        loop {
            // Asked first: what was due at the end is done.
            let ended = self.ended.load(SeqCst);
            if self.due.swap(false, SeqCst) {
                self.flushes.fetch_add(1, SeqCst);
                // Nobody was promised anything. The kernel tells `SQLite` too, by its own handle of the file.
                if let Err(error) = sync() {
                    tracing::warn!(%error, "the log could not be flushed to the disk in the background");
                }
            } else if ended {
                return;
            } else {
                thread::park();
            }
        }
    }
}

impl Drop for Writeback {
    fn drop(&mut self) {
        self.state.ended.store(true, SeqCst);
        self.wake();
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(_)) = ended {
            tracing::error!("the thread that flushes the log in the background has panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn every_so_many_commits_are_flushed_and_those_during_a_flush_share_the_next() {
        let (begun, begins) = channel();
        let (let_through, gate) = channel::<()>();
        let writeback = Writeback::start(move || {
            begun.send(()).unwrap();
            gate.recv().unwrap();
            Ok(())
        })
        .unwrap();
        let commit = |count| (0..count).for_each(|_| writeback.committed());
        commit(EVERY - 1);
        assert!(!writeback.state.due.load(SeqCst), "too early");
        commit(1);
        begins.recv().unwrap();
        commit(EVERY * 5);
        let_through.send(()).unwrap();
        begins.recv().unwrap();
        let_through.send(()).unwrap();
        let state = Arc::clone(&writeback.state);
        drop(writeback);
        assert_eq!(state.flushes.load(SeqCst), 2);
    }

    #[test]
    fn a_disk_that_fails_ends_nothing_and_what_is_due_at_the_end_is_done() {
        let writeback = Writeback::start(|| Err(io::Error::other("no"))).unwrap();
        (0..EVERY).for_each(|_| writeback.committed());
        let state = Arc::clone(&writeback.state);
        drop(writeback);
        assert_eq!(state.flushes.load(SeqCst), 1);
    }
}
