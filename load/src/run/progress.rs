//! One line that is alive while a run goes on.

use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::seconds;
use crate::recorder::Timed;
use crate::world::{Phase, World};

/// The line, on standard error; nothing where that is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line.
    pub fn new(is_quiet: bool) -> Self {
        let bar = if is_quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        let style = ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.tick_chars("◐◓◑◒●"));
        }
        Self { bar }
    }

    /// What is being done before there are devices.
    pub fn say(&self, what: &str) {
        self.bar.set_prefix(what.to_owned());
        self.bar.tick();
    }

    /// Shows where the run is.
    pub fn show(&self, world: &World) {
        let now = world.clock.now();
        let phase = *world.phase.borrow();
        let recorder = world.recorder.borrow();
        let until = world.timed_until.get();
        let left = if phase == Phase::Run && until > now {
            format!(" {:.0} s to go,", seconds(until - now))
        } else {
            String::new()
        };
        let rate = recorder.last_rate();
        let quantiles = |timed| {
            let at = |quantile| {
                recorder
                    .quantile(timed, quantile)
                    .map_or_else(|| "–".to_owned(), milliseconds)
            };
            format!("{} / {}", at(0.5), at(0.99))
        };
        self.bar.set_prefix(name(phase));
        self.bar.set_message(format!(
            "{left} {} connected, {rate:.0} msg/s, p50 / p99 ms: sent {}, received {}; {} errors",
            world.connections.get(),
            quantiles(Timed::Sent),
            quantiles(Timed::Received),
            recorder.counts.errors,
        ));
        self.bar.tick();
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A phase's name.
pub(super) fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Gather => "gather",
        Phase::Open => "open",
        Phase::Away => "away",
        Phase::Run => "run",
        Phase::Storm(_) => "storm",
        Phase::Hush => "hush",
        Phase::Settle => "settle",
        Phase::Verify => "verify",
        Phase::Leave => "leave",
    }
}

fn milliseconds(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1_000.0)
}
