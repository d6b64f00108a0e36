//! A token bucket on the clock's time.

use std::sync::{Mutex, PoisonError};

/// Lets so many through a second, and a burst of those that were not used.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    per_s: u64,
    burst: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Thousandths of a token, so that one millisecond adds a whole number.
    millitokens: u64,
    at_ms: u64,
}

impl TokenBucket {
    /// A full bucket.
    pub(crate) fn new(per_s: u64, burst: u64, now_ms: u64) -> Self {
        let state = State {
            millitokens: burst.saturating_mul(1000),
            at_ms: now_ms,
        };
        Self {
            per_s,
            burst,
            state: Mutex::new(state),
        }
    }

    /// Takes a token, if there is one.
    pub(crate) fn admits(&self, now_ms: u64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let gained = now_ms
            .saturating_sub(state.at_ms)
            .saturating_mul(self.per_s);
        let full = self.burst.saturating_mul(1000);
        let millitokens = state.millitokens.saturating_add(gained).min(full);
        state.at_ms = state.at_ms.max(now_ms);
        let left = millitokens.checked_sub(1000);
        state.millitokens = left.unwrap_or(millitokens);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let bucket = TokenBucket::new(10, 2, 0);
        assert_eq!([0, 0, 0].map(|now| bucket.admits(now)), [true, true, false]);
        assert_eq!(
            [99, 100, 100].map(|now| bucket.admits(now)),
            [false, true, false]
        );
        assert_eq!(
            [9_000, 9_000, 9_000].map(|now| bucket.admits(now)),
            [true, true, false]
        );
        assert!(
            !bucket.admits(8_000),
            "a clock that steps back gives nothing"
        );
    }
}
