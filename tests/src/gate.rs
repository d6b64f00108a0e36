//! A gate that requests wait at until a test lets them through.

use std::sync::Mutex;

use tokio::sync::{Notify, Semaphore};

/// A gate, closed at first. Whoever comes waits, in the order of coming.
#[derive(Debug)]
pub struct Gate {
    /// Who has come so far, and how many of them were let through.
    state: Mutex<(Vec<String>, usize)>,
    permits: Semaphore,
    knocks: Notify,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            permits: Semaphore::new(0),
            knocks: Notify::new(),
        }
    }
}

impl Gate {
    /// Comes to the gate and waits.
    pub async fn pass(&self, name: &str) {
        self.state.lock().unwrap().0.push(name.to_owned());
        self.knocks.notify_waiters();
        // A gate that is open has no permits to give any more.
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
    }

    /// Waits until so many have come in all.
    pub async fn reached(&self, count: usize) {
        loop {
            let knocked = self.knocks.notified();
            if self.state.lock().unwrap().0.len() >= count {
                return;
            }
            knocked.await;
        }
    }

    /// Lets through whoever waits now, and says who that was.
    pub fn let_through(&self) -> Vec<String> {
        let mut state = self.state.lock().unwrap();
        let waiting = state.0[state.1..].to_vec();
        state.1 = state.0.len();
        self.permits.add_permits(waiting.len());
        waiting
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.permits.close();
    }
}
