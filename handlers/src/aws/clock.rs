//! The system's time and dice.

use std::time::{Duration, UNIX_EPOCH};

use switchboard::Clock;

/// The system's time and dice.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port that everybody else asks"
    )]
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    async fn sleep(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    fn dice(&self) -> u128 {
        let mut bytes = [0; 16];
        // Without the kernel's random numbers nothing that is to be unguessable can be made: better to stop than to guess.
        #[expect(clippy::expect_used, reason = "no input from outside can cause it")]
        getrandom::fill(&mut bytes).expect("failed to read the kernel's random numbers");
        u128::from_le_bytes(bytes)
    }
}
