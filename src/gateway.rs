//! The gateway: the ports it works through and the few things an operator chooses.

use std::sync::Arc;

use switchboard_protocol::TimestampMs;
use ulid::Ulid;

use crate::ports::clock::Clock;
use crate::ports::push::Push;
use crate::ports::relay::Relay;
use crate::ports::store::Store;
use crate::trail::{Step, Trail};

/// Everything that a handler needs. Cheap to clone, and safe to share between concurrent invocations: it holds no state of its own.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// The tables.
    pub store: Arc<dyn Store>,
    /// The way to live connections.
    pub relay: Arc<dyn Relay>,
    /// The way to phones that are not connected.
    pub push: Arc<dyn Push>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Where it is told what happens to entries.
    pub trail: Arc<dyn Trail>,
    /// Where the management API of the connections that this gateway accepts answers.
    pub endpoint: Arc<str>,
    /// What a push says.
    pub push_text: PushText,
}

/// What a push says about the entry that caused it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PushText {
    /// Its text, shortened: it travels through Apple's and Google's hands.
    Preview,
    /// "New message", in the phone's language.
    #[default]
    Generic,
}

impl Gateway {
    pub(crate) fn now(&self) -> TimestampMs {
        self.clock.now_ms()
    }

    pub(crate) fn note(&self, step: Step) {
        self.trail.note(step);
    }

    /// A short pause of random length, so that two who collided do not collide again.
    pub(crate) fn jitter_ms(&self) -> u64 {
        // The remainder of a small divisor fits.
        u64::try_from(self.clock.dice() % 40).unwrap_or(0)
    }

    /// A new id, from the clock's time and dice.
    pub(crate) fn ulid(&self) -> String {
        Ulid::from_parts(self.clock.now_ms(), self.clock.dice()).to_string()
    }
}
