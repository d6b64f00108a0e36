//! What all devices of a run share: the plan, the phase that it is in, and the books.

use std::cell::{Cell, RefCell};

use tokio::sync::{Notify, watch};

use crate::clock::{Clock, Micros, SECOND};
use crate::plan::Plan;
use crate::recorder::Recorder;
use crate::socket::Trust;
use crate::target::Target;

/// What the run is doing. Devices follow, and say when they are through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Everybody connects.
    Gather,
    /// Customers open their conversations.
    Open,
    /// Those who are to be away leave.
    Away,
    /// Messages are sent.
    Run,
    /// All connections drop, for the so-many-th time.
    Storm(u32),
    /// Nothing new is sent, and those who are away stay away.
    Hush,
    /// Nothing new is sent; everybody is there and whole.
    Settle,
    /// Everybody syncs once more, and the logs are read back.
    Verify,
    /// Everybody goes.
    Leave,
}

/// Why a run cannot go on: a sentence for whoever runs it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

/// What is shared.
#[derive(Debug)]
pub struct World {
    /// What is played.
    pub plan: Plan,
    /// The run's time.
    pub clock: Clock,
    /// The run's number, in all of its ids.
    pub run: u32,
    /// Where the load goes.
    pub target: Target,
    /// Whom TLS trusts.
    pub trust: Trust,
    /// What every message says.
    pub text: String,
    /// The books.
    pub recorder: RefCell<Recorder>,
    /// The phase.
    pub phase: watch::Sender<Phase>,
    /// When messages are timed: from here …
    pub timed_from: Cell<Micros>,
    /// … until the last one was intended.
    pub timed_until: Cell<Micros>,
    /// Connections that are open.
    pub connections: Cell<u32>,
    /// Devices that are not through with the phase.
    pub waiting: Cell<u32>,
    /// Rings when the last one is.
    pub through: Notify,
    next_slot: Cell<Micros>,
}

impl World {
    /// A run that has not begun.
    pub fn new(
        plan: Plan,
        run: u32,
        target: Target,
        trust: Trust,
        clock: Clock,
        recorder: Recorder,
    ) -> Self {
        Self {
            text: crate::frame::text(plan.body_bytes as usize),
            plan,
            clock,
            run,
            target,
            trust,
            recorder: RefCell::new(recorder),
            phase: watch::Sender::new(Phase::Gather),
            timed_from: Cell::new(Micros::MAX),
            timed_until: Cell::new(Micros::MAX),
            connections: Cell::new(0),
            waiting: Cell::new(0),
            through: Notify::new(),
            next_slot: Cell::new(0),
        }
    }

    /// Whether a message that was intended then is timed.
    pub fn is_timed(&self, intended: Micros) -> bool {
        (self.timed_from.get()..self.timed_until.get()).contains(&intended)
    }

    /// A moment of one's own to knock at the door, so that not everybody does at once.
    pub fn slot(&self) -> Micros {
        let slot = self.next_slot.get().max(self.clock.now());
        self.next_slot
            .set(slot + SECOND / u64::from(self.plan.connect_rate));
        slot
    }

    /// A device is through with a phase; which may be over by now.
    pub fn is_through(&self, phase: Phase) {
        if *self.phase.borrow() != phase {
            return;
        }
        let waiting = self.waiting.get().saturating_sub(1);
        self.waiting.set(waiting);
        if waiting == 0 {
            self.through.notify_one();
        }
    }
}
