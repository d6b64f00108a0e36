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
        if oldest > after + 1 { oldest - 1 } else { 0 }
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
