//! The end of a log, which one read returns: the conversation, its members and the newest entries.

use std::collections::BTreeMap;

use switchboard_protocol::action::Marks;
use switchboard_protocol::{
    ConversationId, DeviceId, Key, Role, Seq, Subject, TimestampMs, UserId,
};

use crate::log::entry::LogEntry;
use crate::log::standing::{Sides, Standing};
use crate::ports::store::Pair;

/// The newest entries that the tail has.
///
/// With the conversation and its two members they fit into one read unit (4 KiB) as long as an entry fits into one write unit (1 KiB); a sender who lags further behind costs one more read.
pub const NEWEST: usize = 3;

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Which of the pair's.
    pub key: Key,
    /// What it is about.
    pub subject: Subject,
    /// Its members.
    pub pair: Pair,
    /// When it was opened.
    pub created_at: TimestampMs,
    /// Its time in its members' lists.
    pub listed_at: TimestampMs,
    /// When an operator closed it to further entries.
    pub closed_at: Option<TimestampMs>,
}

impl Conversation {
    /// The side of a member; `None` for anybody else.
    pub fn side_of(&self, user: &UserId) -> Option<Role> {
        if self.pair.customer == *user {
            Some(Role::Customer)
        } else if self.pair.provider == *user {
            Some(Role::Provider)
        } else {
            None
        }
    }

    /// The member on a side.
    pub fn user(&self, role: Role) -> &UserId {
        match role {
            Role::Customer => &self.pair.customer,
            Role::Provider => &self.pair.provider,
        }
    }
}

/// How far a member got, and what the member wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// What was said by `receipt`; `recv` may be behind what the log implies.
    pub marks: Marks,
    /// What the other side had written up to `marks.read`.
    pub others_written: u64,
    /// Deletions up to `marks.read`.
    pub deletions: u64,
    /// Until when the member wants no pushes.
    pub muted_until: TimestampMs,
    /// Whether the member blocks the other.
    pub blocks: bool,
    /// Up to where each device was pushed to.
    pub pushed: BTreeMap<DeviceId, Seq>,
}

/// The end of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// The conversation.
    pub conversation: Conversation,
    /// Its members.
    pub members: Sides<Member>,
    /// The newest entries, newest first, at most [`NEWEST`].
    pub newest: Vec<LogEntry>,
}

impl Tail {
    /// The newest entry.
    pub fn head(&self) -> Option<&LogEntry> {
        self.newest.first()
    }

    /// The newest entry's place; 0 while there is none.
    pub fn last_seq(&self) -> Seq {
        self.head().map_or(0, |entry| entry.seq)
    }

    /// When something last happened.
    pub fn last_at(&self) -> TimestampMs {
        self.head()
            .map_or(self.conversation.created_at, |entry| entry.ts)
    }

    /// Which of the entries after `after` the tail lacks: those from `after + 1` up to here. 0 where it has them all.
    pub fn missing_upto(&self, after: Seq) -> Seq {
        let oldest = self.newest.last().map_or(1, |entry| entry.seq);
        if oldest > after.saturating_add(1) {
            oldest - 1
        } else {
            0
        }
    }

    /// One side, as the newest entry tells it.
    pub fn standing(&self, role: Role) -> Standing {
        self.head()
            .map(|entry| entry.standings.sides.of(role).clone())
            .unwrap_or_default()
    }

    /// How far a member got: by `receipt`, or by the `after` of what the member sent.
    pub fn marks(&self, role: Role) -> Marks {
        let marks = self.members.of(role).marks;
        Marks {
            recv: marks.recv.max(self.standing(role).recv),
            read: marks.read,
        }
    }
}

#[cfg(test)]
pub(in crate::log) mod tests {
    use super::*;
    use crate::log::entry::tests::entry;

    /// The conversation of these tests: alice asks, bob serves.
    pub(in crate::log) fn conversation() -> Conversation {
        Conversation {
            id: "01JD8Z3KQ5W9T0000000000001".parse().unwrap(),
            key: Key::default(),
            subject: Subject::default(),
            pair: Pair {
                customer: "alice".parse().unwrap(),
                provider: "bob".parse().unwrap(),
            },
            created_at: 500,
            listed_at: 500,
            closed_at: None,
        }
    }

    /// The tail of a log of so many entries.
    fn tail(last_seq: Seq) -> Tail {
        let newest = (1..=last_seq).rev().take(NEWEST);
        Tail {
            conversation: conversation(),
            members: Sides::default(),
            newest: newest.map(|seq| entry(seq, "alice", "hello")).collect(),
        }
    }

    #[test]
    fn a_user_has_a_side_or_none() {
        let conversation = conversation();
        for role in [Role::Customer, Role::Provider] {
            assert_eq!(conversation.side_of(conversation.user(role)), Some(role));
        }
        assert_eq!(conversation.side_of(&"mallory".parse().unwrap()), None);
    }

    #[test]
    fn an_empty_log_ends_at_its_beginning() {
        let empty = tail(0);
        assert_eq!((empty.last_seq(), empty.last_at()), (0, 500));
        assert_eq!(empty.standing(Role::Customer), Standing::default());
        assert_eq!(empty.marks(Role::Provider), Marks::default());
        assert_eq!(empty.missing_upto(0), 0);
    }

    #[test]
    fn a_log_ends_with_its_newest_entry() {
        let tail = tail(9);
        assert_eq!((tail.last_seq(), tail.last_at()), (9, 9_000));
        assert_eq!(tail.head().map(|entry| entry.seq), Some(9));
    }

    #[test]
    fn what_the_tail_lacks_and_what_it_has_are_everything_after_a_cursor() {
        for last_seq in 0..12 {
            let tail = tail(last_seq);
            for after in 0..=last_seq {
                let lacks = after + 1..=tail.missing_upto(after);
                let has = tail.newest.iter().rev().map(|entry| entry.seq);
                let all: Vec<Seq> = lacks.chain(has.filter(|seq| *seq > after)).collect();
                let expected: Vec<Seq> = (after + 1..=last_seq).collect();
                assert_eq!(all, expected, "after {after} of {last_seq}");
            }
        }
    }

    #[test]
    fn a_cursor_that_the_tail_reaches_lacks_nothing() {
        let tail = tail(10);
        let rows = [(0, 7), (6, 7), (7, 0), (9, 0), (10, 0)];
        for (after, missing_upto) in rows {
            assert_eq!(tail.missing_upto(after), missing_upto, "after {after}");
        }
    }

    #[test]
    fn a_member_received_what_was_said_or_implied_and_read_what_was_said() {
        let rows = [(0, 0, 0), (4, 3, 4), (3, 4, 4), (4, 4, 4)];
        for (said, implied, recv) in rows {
            let mut tail = tail(9);
            let marks = Marks {
                recv: said,
                read: said,
            };
            tail.members.provider.marks = marks;
            let head = tail.newest.first_mut().unwrap();
            head.standings.sides.provider.recv = implied;
            let expected = Marks { recv, read: said };
            assert_eq!(tail.marks(Role::Provider), expected);
            assert_eq!(tail.marks(Role::Customer), Marks::default());
        }
    }
}
