//! What each entry carries along about its conversation's two sides.
//!
//! An entry is stored on condition that its place is free, right after the entry that its sender read. So whatever
//! the newest entry says about the past is exact, and a send learns the sender's rate, what was received and
//! how much is unread without another read and without a counter that could drift.

use switchboard_protocol::limits::{SENDS_MAX, SENDS_WINDOW_MS};
use switchboard_protocol::{Role, Seq, TimestampMs};

/// One thing for each side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// The customer's.
    pub customer: T,
    /// The provider's.
    pub provider: T,
}

impl<T> Sides<T> {
    /// One side's.
    pub fn of(&self, role: Role) -> &T {
        match role {
            Role::Customer => &self.customer,
            Role::Provider => &self.provider,
        }
    }

    /// One side's, to change.
    pub fn of_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Customer => &mut self.customer,
            Role::Provider => &mut self.provider,
        }
    }
}

/// One side, up to and including an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many entries it wrote that count as unread for the other.
    pub written: u64,
    /// What it had received, by the `after` of its own entries.
    pub recv: Seq,
    /// When it sent within the last window, ascending; at most [`SENDS_MAX`].
    pub recent: Vec<TimestampMs>,
}

/// Both sides, and the deletions, up to and including an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    /// The sides.
    pub sides: Sides<Standing>,
    /// How many `delete` entries there are.
    pub deletions: u64,
}

impl Standing {
    /// How long to wait before one more send is within the rate; `None` where it is.
    pub fn wait_ms(&self, now: TimestampMs) -> Option<u64> {
        let within = |at: &&TimestampMs| **at + SENDS_WINDOW_MS > now;
        let recent: Vec<_> = self.recent.iter().filter(within).collect();
        let oldest = recent
            .len()
            .checked_sub(SENDS_MAX)
            .and_then(|over| recent.get(over))?;
        Some((**oldest + SENDS_WINDOW_MS).saturating_sub(now).max(1))
    }
}

impl Standings {
    /// Both sides after one more entry.
    #[must_use]
    pub fn advanced(
        &self,
        by: Role,
        at: TimestampMs,
        after: Seq,
        counted: bool,
        deletion: bool,
    ) -> Self {
        let mut next = self.clone();
        for side in [&mut next.sides.customer, &mut next.sides.provider] {
            side.recent.retain(|sent| sent + SENDS_WINDOW_MS > at);
        }
        let side = next.sides.of_mut(by);
        side.written += u64::from(counted);
        side.recv = side.recv.max(after);
        side.recent.push(at);
        next.deletions += u64::from(deletion);
        next
    }
}
