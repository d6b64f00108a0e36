//! A clock that stands still until a test moves it.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use switchboard::Clock;
use tokio::sync::{Notify, oneshot};

/// When every play begins: 2026-01-01T00:00:00Z.
const BEGINNING_MS: u64 = 1_767_225_600_000;

/// Time that passes when the test says so, and dice that fall the same in every run.
#[derive(Debug)]
pub struct TestClock {
    rolls: AtomicU64,
    state: Mutex<State>,
    /// Told of each new sleeper.
    dozing: Notify,
}

#[derive(Debug)]
struct State {
    now_ms: u64,
    /// Who waits, and until when. A sleeper is woken by the loss of its sender.
    sleepers: Vec<(u64, oneshot::Sender<()>)>,
}

impl Default for TestClock {
    fn default() -> Self {
        let state = State {
            now_ms: BEGINNING_MS,
            sleepers: Vec::new(),
        };
        Self {
            rolls: AtomicU64::new(1),
            state: Mutex::new(state),
            dozing: Notify::new(),
        }
    }
}

impl TestClock {
    /// Lets time pass, and wakes those who waited for it.
    pub fn advance(&self, ms: u64) {
        let mut state = self.state.lock().unwrap();
        state.now_ms += ms;
        let now = state.now_ms;
        state.sleepers.retain(|(due, _)| *due > now);
    }

    /// Waits until somebody is asleep who has exactly so long to sleep.
    pub async fn sleeper(&self, ms: u64) {
        loop {
            let dozing = self.dozing.notified();
            if self.has_sleeper(ms) {
                return;
            }
            dozing.await;
        }
    }

    /// Lets time pass in steps of 10 ms for as long as some work takes.
    pub async fn flow<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = ticks.tick() => self.advance(10),
            }
        }
    }

    fn has_sleeper(&self, ms: u64) -> bool {
        let state = self.state.lock().unwrap();
        let due = state.now_ms + ms;
        state
            .sleepers
            .iter()
            .any(|(at, it)| *at == due && !it.is_closed())
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        self.state.lock().unwrap().now_ms
    }

    async fn sleep(&self, ms: u64) {
        if ms == 0 {
            return;
        }
        let (sleeper, woken) = oneshot::channel();
        {
            let mut state = self.state.lock().unwrap();
            let due = state.now_ms + ms;
            state.sleepers.retain(|(_, it)| !it.is_closed());
            state.sleepers.push((due, sleeper));
        }
        self.dozing.notify_waiters();
        assert!(
            woken.await.is_err(),
            "sleepers are woken by the loss of their sender"
        );
    }

    fn dice(&self) -> u128 {
        let roll = u128::from(self.rolls.fetch_add(1, Ordering::Relaxed));
        roll.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }
}
