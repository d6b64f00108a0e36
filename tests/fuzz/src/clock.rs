//! Time that passes when there is nothing else to do, and dice that fall the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use switchboard::Clock;
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// 2026-01-01, where every run begins.
pub const START_MS: u64 = 1_767_225_600_000;

/// The time of the runtime, which stands still while anything can happen.
#[derive(Debug)]
pub struct PausedClock {
    start: Instant,
    thrown: AtomicU64,
}

impl PausedClock {
    /// A clock at [`START_MS`]. Within a runtime of [`runtime`].
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            thrown: AtomicU64::new(0),
        }
    }
}

#[async_trait::async_trait]
impl Clock for PausedClock {
    fn now_ms(&self) -> u64 {
        let passed = self.start.elapsed().as_millis();
        START_MS + u64::try_from(passed).unwrap_or(u64::MAX - START_MS)
    }

    async fn sleep(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    fn dice(&self) -> u128 {
        // SplitMix64: all that is wanted is that ids differ.
        let step = self.thrown.fetch_add(1, Ordering::Relaxed);
        let mixed = |seed: u64| {
            let z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let (high, low) = (mixed(2 * step + 1), mixed(2 * step + 2));
        (u128::from(high) << 64) | u128::from(low)
    }
}

/// The one runtime of a target: one thread, and time that is skipped when everything waits.
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let builder = builder.enable_time().start_paused(true);
    builder.build().expect("failed to start the runtime")
}
