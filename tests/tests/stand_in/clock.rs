//! A clock that stands still until a test moves it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use switchboard::Clock;
use tokio::sync::oneshot;

type Sleeper = (u64, oneshot::Sender<()>);

/// Time that passes when the test says so.
#[derive(Debug)]
pub(crate) struct ManualClock {
    rolls: AtomicU64,
    /// The time, and those who wait with the times they wait for.
    state: Mutex<(u64, VecDeque<Sleeper>)>,
}

impl ManualClock {
    pub(crate) fn at(now_ms: u64) -> Self {
        Self {
            rolls: AtomicU64::new(1),
            state: Mutex::new((now_ms, VecDeque::new())),
        }
    }

    /// Lets time pass, and wakes those who waited for it.
    pub(crate) fn advance(&self, ms: u64) {
        let mut state = self.state.lock().unwrap();
        state.0 += ms;
        let now = state.0;
        // A sleeper is woken by the loss of its sender.
        state.1.retain(|it| it.0 > now);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.state.lock().unwrap().0
    }
    async fn sleep(&self, ms: u64) {
        let (sleeper, woken) = oneshot::channel();
        {
            let mut state = self.state.lock().unwrap();
            let due = state.0 + ms;
            state.1.push_back((due, sleeper));
        }
        assert!(woken.await.is_err());
    }
    fn dice(&self) -> u128 {
        let roll = self.rolls.fetch_add(1, Ordering::Relaxed);
        u128::from(roll).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }
}
