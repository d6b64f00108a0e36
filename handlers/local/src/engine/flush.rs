//! Commits that survive a power loss, many with one flush.
//!
//! `SQLite` could flush its log at each commit (`synchronous = FULL`); then every write waits for the disk alone, and all
//! others wait for it. Here a commit is written to the log's file (`NORMAL`), and whoever it matters to waits until a
//! flush that began after it is through: everybody who came meanwhile shares the next one. Nobody is told of what is not
//! on the disk yet, so readers wait too.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use tokio::sync::Mutex;

/// Flushes a file.
type Sync = Arc<dyn Fn() -> io::Result<()> + Send + std::marker::Sync>;

/// What was committed, and how much of it is on the disk.
pub(super) struct Flusher {
    sync: Sync,
    committed: AtomicU64,
    flushed: AtomicU64,
    /// After a flush has failed nobody knows what is on the disk, whatever the next one says.
    failed: AtomicBool,
    /// Held by whoever flushes, for everybody who waits for it.
    leader: Mutex<()>,
}

impl Flusher {
    /// A flusher that calls `sync`, which blocks.
    pub(super) fn new(
        sync: impl Fn() -> io::Result<()> + Send + std::marker::Sync + 'static,
    ) -> Self {
        Self {
            sync: Arc::new(sync),
            committed: AtomicU64::new(0),
            flushed: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            leader: Mutex::new(()),
        }
    }

    /// Something was committed.
    pub(super) fn committed(&self) {
        self.committed.fetch_add(1, SeqCst);
    }

    /// Waits until everything that is committed by now is on the disk.
    pub(super) async fn settled(&self) -> io::Result<()> {
        let wanted = self.committed.load(SeqCst);
        if self.flushed.load(SeqCst) < wanted {
            let _leader = self.leader.lock().await;
            // Whoever led before may have flushed this too.
            if self.flushed.load(SeqCst) < wanted && !self.failed.load(SeqCst) {
                self.flush().await;
            }
        }
        if self.failed.load(SeqCst) {
            return Err(io::Error::other("the log could not be flushed to the disk"));
        }
        Ok(())
    }

    async fn flush(&self) {
        let upto = self.committed.load(SeqCst);
        let sync = Arc::clone(&self.sync);
        match tokio::task::spawn_blocking(move || sync()).await {
            Ok(Ok(())) => self.flushed.store(upto, SeqCst),
            Ok(Err(error)) => {
                tracing::error!(%error, "the log could not be flushed to the disk: nothing is served any more");
                self.failed.store(true, SeqCst);
            }
            // The runtime is going away, and whoever waits with it.
            Err(error) => {
                tracing::error!(%error, "a flush was cut short");
                self.failed.store(true, SeqCst);
            }
        }
    }
}

impl std::fmt::Debug for Flusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flusher")
            .field("committed", &self.committed)
            .field("flushed", &self.flushed)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;

    /// A disk that flushes when the test lets it, and tells when it begins.
    fn disk() -> (Flusher, Sender<io::Result<()>>, Arc<AtomicUsize>) {
        let (let_through, gate): (_, Receiver<io::Result<()>>) = channel();
        let (gate, begun) = (std::sync::Mutex::new(gate), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&begun);
        let flusher = Flusher::new(move || {
            count.fetch_add(1, SeqCst);
            gate.lock().unwrap().recv().unwrap()
        });
        (flusher, let_through, begun)
    }

    #[tokio::test]
    async fn many_share_a_flush_that_began_after_their_commits() {
        let (flusher, let_through, begun) = disk();
        flusher.committed();
        let first = flusher.settled();
        tokio::pin!(first);
        assert!(first.as_mut().now_or_never().is_none());
        // They come while a flush is on its way that began before them.
        for _ in 0..10 {
            flusher.committed();
        }
        let mut others = Box::pin(join_all((0..10).map(|_| flusher.settled())));
        assert!(others.as_mut().now_or_never().is_none());
        let_through.send(Ok(())).unwrap();
        first.await.unwrap();
        assert!(
            others.as_mut().now_or_never().is_none(),
            "not by that flush"
        );
        let_through.send(Ok(())).unwrap();
        assert!(others.await.iter().all(Result::is_ok));
        assert_eq!(begun.load(SeqCst), 2);
    }

    #[tokio::test]
    async fn what_is_on_the_disk_is_waited_for_by_nobody() {
        let (flusher, _let_through, begun) = disk();
        assert!(flusher.settled().now_or_never().unwrap().is_ok());
        assert_eq!(begun.load(SeqCst), 0);
    }

    #[tokio::test]
    async fn after_a_flush_that_failed_nothing_is_believed() {
        let (flusher, let_through, begun) = disk();
        flusher.committed();
        let_through.send(Err(io::Error::other("no"))).unwrap();
        assert!(flusher.settled().await.is_err());
        flusher.committed();
        assert!(flusher.settled().await.is_err());
        assert_eq!(begun.load(SeqCst), 1);
    }
}
