//! The simulation's time, as the gateway and the SDK ask for it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use switchboard::Clock;

use super::executor::Executor;
use super::world::Event;

/// When runs begin: 2026-01-01.
pub const BEGIN_MS: u64 = 1_767_225_600_000;

/// A clock of one function: the simulation's, off by a skew.
#[derive(Clone, Debug)]
pub struct SimClock {
    executor: Executor<Event>,
    skew_ms: i64,
}

impl SimClock {
    /// A clock that is off by so much.
    pub fn skewed(executor: &Executor<Event>, skew_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            executor: executor.clone(),
            skew_ms,
        })
    }

    /// The simulation's own time, in milliseconds since 1970.
    pub fn ms(executor: &Executor<Event>) -> u64 {
        BEGIN_MS + executor.now() / 1_000
    }
}

#[async_trait::async_trait]
impl Clock for SimClock {
    fn now_ms(&self) -> u64 {
        Self::ms(&self.executor).saturating_add_signed(self.skew_ms)
    }

    async fn sleep(&self, ms: u64) {
        self.executor.sleep(ms * 1_000).await;
    }

    fn dice(&self) -> u128 {
        u128::from(self.executor.dice()) << 64 | u128::from(self.executor.dice())
    }
}

impl AsyncSleep for SimClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Sleep::new(self.executor.sleep(micros))
    }
}

impl TimeSource for SimClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.now_ms())
    }
}
