//! Time that stands still but for what a bench lets pass; sleeping is the real thing, as the host's is.

use std::sync::atomic::{AtomicU64, Ordering};

use switchboard::Clock;
use switchboard_handlers::aws::clock::SystemClock;

/// Between two messages: people do not come near the rate limit.
const STEP_MS: u64 = 1_000;
const BEGINNING_MS: u64 = 1_767_225_600_000;

#[derive(Debug)]
pub(crate) struct SteppedClock(AtomicU64);

impl Default for SteppedClock {
    fn default() -> Self {
        Self(AtomicU64::new(BEGINNING_MS))
    }
}

impl SteppedClock {
    /// The next message is a little later.
    pub(crate) fn step(&self) {
        self.0.fetch_add(STEP_MS, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Clock for SteppedClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    async fn sleep(&self, ms: u64) {
        SystemClock.sleep(ms).await;
    }

    fn dice(&self) -> u128 {
        SystemClock.dice()
    }
}
