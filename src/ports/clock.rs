//! Time and chance.

use core::fmt::Debug;

/// Time and chance, so that tests own both.
#[async_trait::async_trait]
pub trait Clock: Debug + Send + Sync {
    /// Milliseconds since 1970 UTC.
    fn now_ms(&self) -> u64;

    /// Waits until `ms` have passed on this clock.
    async fn sleep(&self, ms: u64);

    /// 128 fresh random bits.
    fn dice(&self) -> u128;
}
