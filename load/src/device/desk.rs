//! A device's side of one conversation: what is on its way, what may be sent, and what is still to be confirmed.

use std::collections::VecDeque;

use crate::clock::Micros;
use crate::limits::{SENDS_MAX, SENDS_WINDOW_US};
use crate::tag::Tag;

/// The gateway counts by its own clock, in whole milliseconds.
const SLACK: Micros = 20_000;

/// A send that was not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) tag: Tag,
    pub(super) id: String,
    /// The cursor when it was first tried: it stays the same on every retry.
    pub(super) after: u64,
    pub(super) intended: Micros,
    /// Not on its way: to be sent at this time, once there is a connection.
    pub(super) again_at: Option<Micros>,
}

/// A device's side of a conversation.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// One at a time: that is how a device keeps its own order.
    pub(super) flight: Option<Flight>,
    /// When the last sends were acknowledged, oldest first.
    acknowledged: VecDeque<Micros>,
    /// The newest entry that another member wrote.
    pub(super) owed: u64,
    /// Up to where the gateway was told.
    pub(super) told_recv: u64,
    pub(super) told_read: u64,
    pub(super) told_at: Micros,
    /// Since when there is a gap.
    pub(super) gap_since: Option<Micros>,
}

impl Desk {
    /// When the next send is within the wire's limit, as far as acknowledgements tell.
    pub(super) fn allowed_at(&self) -> Micros {
        if self.acknowledged.len() < SENDS_MAX {
            return 0;
        }
        self.acknowledged
            .front()
            .map_or(0, |first| first + SENDS_WINDOW_US + SLACK)
    }

    /// A send was acknowledged: the gateway accepted it at this time at the latest.
    pub(super) fn acknowledged(&mut self, now: Micros) {
        if self.acknowledged.len() == SENDS_MAX {
            self.acknowledged.pop_front();
        }
        self.acknowledged.push_back(now);
    }

    /// Whether a new message may go out.
    pub(super) fn is_free(&self, now: Micros) -> bool {
        self.flight.is_none() && now >= self.allowed_at()
    }

    /// Up to where there is something to confirm, given what the device holds; none where there is nothing.
    pub(super) fn unconfirmed(&self, cursor: u64, reads: bool) -> Option<u64> {
        let upto = cursor.min(self.owed);
        let told = if reads {
            self.told_recv.min(self.told_read)
        } else {
            self.told_recv
        };
        (upto > told).then_some(cursor)
    }

    /// The connection is lost: what was said last may never have arrived. Says whether a receipt is in doubt.
    pub(super) fn connection_lost(&mut self, now: Micros, recent: Micros) -> bool {
        if let Some(flight) = &mut self.flight {
            flight.again_at.get_or_insert(now);
        }
        let is_in_doubt = self.told_at > 0 && now < self.told_at + recent;
        if is_in_doubt {
            (self.told_recv, self.told_read) = (0, 0);
        }
        is_in_doubt
    }
}

#[cfg(test)]
mod tests {
    use super::Desk;
    use crate::clock::SECOND;

    #[test]
    fn twenty_sends_are_allowed_in_ten_seconds_counted_from_their_acknowledgement() {
        let mut desk = Desk::default();
        for count in 0..20 {
            assert!(desk.is_free(count * 1_000));
            desk.acknowledged(count * 1_000);
        }
        assert!(!desk.is_free(20_000));
        assert!(desk.is_free(10 * SECOND + 20_000));
        assert!(!desk.is_free(10 * SECOND));
    }

    #[test]
    fn only_what_another_wrote_and_the_gateway_does_not_know_is_confirmed() {
        let mut desk = Desk {
            owed: 5,
            ..Desk::default()
        };
        assert_eq!(desk.unconfirmed(7, true), Some(7));
        desk.told_recv = 7;
        assert_eq!(
            desk.unconfirmed(7, true),
            Some(7),
            "it was not said that it was read"
        );
        assert_eq!(desk.unconfirmed(7, false), None);
        desk.told_read = 7;
        assert_eq!(desk.unconfirmed(9, true), None, "the rest is one's own");
    }
}
