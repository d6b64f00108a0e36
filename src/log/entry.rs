//! An entry as the log holds it.

use switchboard_protocol::event::EntryFields;
use switchboard_protocol::{Body, ConversationId, Entry, EntryId, Seq, TimestampMs, UserId};

use crate::log::standing::Standings;

/// An entry as the log holds it: what travels, and what the next append needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Where it stands.
    pub conversation: ConversationId,
    /// Its place.
    pub seq: Seq,
    /// The sending device's id for it.
    pub id: EntryId,
    /// Who sent it.
    pub from: UserId,
    /// When it was accepted.
    pub ts: TimestampMs,
    /// What it says now.
    pub body: Body,
    /// The entry that it answers.
    pub reply_to: Option<Seq>,
    /// When it was last edited.
    pub edited_at: Option<TimestampMs>,
    /// What it said at first, as a digest, once that is no longer what it says: a retry of the send is still recognised.
    pub first_said: Option<u64>,
    /// The two sides up to and including this entry.
    pub standings: Standings,
}

impl LogEntry {
    /// The entry as it travels.
    pub fn to_wire(&self) -> Entry {
        Entry {
            fields: self.to_fields(),
        }
    }

    /// The entry as a live frame carries it.
    pub fn to_fields(&self) -> EntryFields {
        EntryFields {
            conversation: self.conversation.clone(),
            seq: self.seq,
            id: self.id.clone(),
            from: self.from.clone(),
            ts: self.ts,
            body: self.body.clone(),
            reply_to: self.reply_to,
            edited_at: self.edited_at,
        }
    }

    /// Whether the entry is what such a send would have stored.
    pub fn says(&self, from: &UserId, body: &Body, reply_to: Option<Seq>) -> bool {
        let same_body = match self.first_said {
            Some(digest) => digest == digest_of(body),
            None => self.body == *body,
        };
        self.from == *from && self.reply_to == reply_to && same_body
    }
}

/// FNV-1a of a body's JSON: it tells an honest retry from a programming error, it is no defence.
pub(super) fn digest_of(body: &Body) -> u64 {
    body.to_json()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}
