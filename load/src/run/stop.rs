//! Being asked to stop: once, the run ends with its audit; twice, at once.

use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often somebody has asked to stop.
#[derive(Debug)]
pub struct Stop {
    asked: watch::Receiver<u32>,
    _listening: JoinSet<()>,
}

impl Stop {
    /// Listens for Ctrl-C, and for SIGTERM where there is one.
    pub fn on_signals() -> Self {
        let (say, asked) = watch::channel(0);
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            let Some(mut signals) = Signals::new() else {
                return;
            };
            while signals.next().await {
                say.send_modify(|asked| *asked += 1);
            }
        });
        Self {
            asked,
            _listening: listening,
        }
    }

    /// Whether it was asked so often at least.
    pub fn is_asked(&self, times: u32) -> bool {
        *self.asked.borrow() >= times
    }

    /// Waits until it is asked so often.
    pub async fn asked(&mut self, times: u32) {
        if self.asked.wait_for(|asked| *asked >= times).await.is_err() {
            // Nobody listens any more: nobody will ask.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Self {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
        })
    }

    async fn next(&mut self) -> bool {
        tokio::select! {
            asked = self.interrupt.recv() => asked.is_some(),
            asked = self.terminate.recv() => asked.is_some(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
