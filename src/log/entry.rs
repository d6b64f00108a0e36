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

#[cfg(test)]
pub(in crate::log) mod tests {
    use super::*;

    /// A text by a user, standing in the one conversation of these tests.
    pub(in crate::log) fn entry(seq: Seq, from: &str, text: &str) -> LogEntry {
        LogEntry {
            conversation: "01JD8Z3KQ5W9T0000000000001".parse().unwrap(),
            seq,
            id: entry_id(seq),
            from: from.parse().unwrap(),
            ts: 1_000 * seq,
            body: text_body(text),
            reply_to: None,
            edited_at: None,
            first_said: None,
            standings: Standings::default(),
        }
    }

    pub(in crate::log) fn entry_id(number: u64) -> EntryId {
        format!("{number:026}").parse().unwrap()
    }

    pub(in crate::log) fn text_body(text: &str) -> Body {
        Body::Text {
            text: text.to_owned(),
        }
    }

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn what_travels_is_what_is_stored_without_the_bookkeeping() {
        let stored = LogEntry {
            reply_to: Some(1),
            edited_at: Some(9_000),
            first_said: Some(7),
            ..entry(2, "alice", "hello")
        };
        let wire = serde_json::to_value(stored.to_wire()).unwrap();
        let expected = serde_json::json!({
            "event": "entry",
            "conversation": "01JD8Z3KQ5W9T0000000000001",
            "seq": 2,
            "id": "00000000000000000000000002",
            "from": "alice",
            "ts": 2_000,
            "body": { "kind": "text", "text": "hello" },
            "reply_to": 1,
            "edited_at": 9_000,
        });
        assert_eq!(wire, expected);
    }

    #[test]
    fn a_send_is_recognised_by_sender_body_and_reply() {
        let stored = LogEntry {
            reply_to: Some(1),
            ..entry(2, "alice", "hello")
        };
        let rows = [
            ("alice", "hello", Some(1), true),
            ("bob", "hello", Some(1), false),
            ("alice", "hullo", Some(1), false),
            ("alice", "hello", Some(2), false),
            ("alice", "hello", None, false),
        ];
        for (from, text, reply_to, same) in rows {
            let says = stored.says(&user(from), &text_body(text), reply_to);
            assert_eq!(says, same, "{from} {text} {reply_to:?}");
        }
    }

    #[test]
    fn a_rewritten_entry_is_recognised_by_what_it_said_at_first() {
        let rewritten = LogEntry {
            first_said: Some(digest_of(&text_body("hello"))),
            ..entry(2, "alice", "hello again")
        };
        assert!(rewritten.says(&user("alice"), &text_body("hello"), None));
        assert!(!rewritten.says(&user("alice"), &text_body("hello again"), None));
    }

    #[test]
    fn digests_stay_what_they_are_since_they_are_stored() {
        assert_eq!(digest_of(&Body::Deleted), 0xa644_3f3d_bd7b_9aa4);
        assert_eq!(digest_of(&text_body("on my way")), 0x05cd_a709_571d_7d07);
    }
}
