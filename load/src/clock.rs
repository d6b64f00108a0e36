//! The run's time: microseconds since it began, from one clock for everybody.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since the run began.
pub type Micros = u64;

/// One second.
pub const SECOND: Micros = 1_000_000;

/// A clock that began with the run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "latency is measured on the real, monotonic clock"
    )]
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// How much time has passed.
    pub fn now(&self) -> Micros {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The moment as timers know it.
    pub fn at(&self, micros: Micros) -> tokio::time::Instant {
        (self.origin + Duration::from_micros(micros)).into()
    }
}

/// The time of day, in milliseconds since 1970 UTC: for ids and for a report's heading.
#[expect(
    clippy::disallowed_methods,
    reason = "ids and headings carry the time of day"
)]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds, for people.
pub fn seconds(micros: Micros) -> f64 {
    micros as f64 / SECOND as f64
}
