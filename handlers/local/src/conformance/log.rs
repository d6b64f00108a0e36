//! The conversation of a play: its log, as the gateway would hold it.

use std::str::FromStr;

use switchboard::protocol::event::EntryFields;
use switchboard::protocol::ids::Malformed;
use switchboard::protocol::{
    Body, Conversation, ConversationId, Entry, EntryId, Key, Member, Role, Seq, Subject,
    TimestampMs, UserId,
};
use ulid::Ulid;

/// What `unread` counts to.
const UNREAD_MAX: usize = 99;

/// A log with two members: the client's user and somebody else.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) conversation: ConversationId,
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) peer: UserId,
    entries: Vec<EntryFields>,
    seed: u128,
}

impl Log {
    /// An empty log. The seed is of its ids.
    pub(crate) fn new(user: UserId, role: Role, seed: u128, now: TimestampMs) -> Self {
        let peer = if user.as_str() == "peer" {
            "other"
        } else {
            "peer"
        };
        Self {
            conversation: name(&ulid(now, seed)),
            user,
            role,
            peer: name(peer),
            entries: Vec::new(),
            seed,
        }
    }

    /// Appends an entry and returns its place. Without an id it gets one.
    pub(crate) fn append(
        &mut self,
        id: Option<EntryId>,
        from: UserId,
        body: Body,
        reply_to: Option<Seq>,
        now: TimestampMs,
    ) -> Seq {
        let seq = self.last_seq() + 1;
        self.change(&body, now);
        let id = id.unwrap_or_else(|| name(&ulid(now, self.seed.wrapping_add(seq.into()))));
        self.entries.push(EntryFields {
            conversation: self.conversation.clone(),
            seq,
            id,
            from,
            ts: now,
            body,
            reply_to,
            edited_at: None,
        });
        seq
    }

    /// Does to an earlier entry what an edit or a delete asks.
    fn change(&mut self, body: &Body, now: TimestampMs) {
        let Some(entry) = body.of().and_then(|of| self.place(of)) else {
            return;
        };
        match body {
            Body::Edit { text, .. } if matches!(entry.body, Body::Text { .. }) => {
                entry.body = Body::Text { text: text.clone() };
                entry.edited_at = Some(now);
            }
            Body::Delete { .. } => entry.body = Body::Deleted,
            Body::Edit { .. }
            | Body::Text { .. }
            | Body::Attachment { .. }
            | Body::Reaction { .. }
            | Body::Custom { .. }
            | Body::Deleted => {}
        }
    }

    fn place(&mut self, seq: Seq) -> Option<&mut EntryFields> {
        self.entries.iter_mut().find(|it| it.seq == seq)
    }

    pub(crate) fn get(&self, seq: Seq) -> Option<&EntryFields> {
        self.entries.iter().find(|it| it.seq == seq)
    }

    /// The place of the entry of that id.
    pub(crate) fn with_id(&self, id: &EntryId) -> Option<Seq> {
        self.entries.iter().find(|it| it.id == *id).map(|it| it.seq)
    }

    pub(crate) fn entries(&self) -> &[EntryFields] {
        &self.entries
    }

    pub(crate) fn last_seq(&self) -> Seq {
        self.entries.last().map_or(0, |it| it.seq)
    }

    /// The newest entry that the client's user has not written.
    pub(crate) fn last_of_others(&self) -> Seq {
        let others = self.entries.iter().rev().find(|it| it.from != self.user);
        others.map_or(0, |it| it.seq)
    }

    /// The entries after one place and before another, so many from the lower or the upper end, and whether there are others.
    pub(crate) fn page(
        &self,
        after: Seq,
        before: Seq,
        limit: usize,
        end: End,
    ) -> (Vec<Entry>, bool) {
        let within = |it: &&EntryFields| it.seq > after && it.seq < before;
        let mut entries: Vec<Entry> = self
            .entries
            .iter()
            .filter(within)
            .map(|it| Entry { fields: it.clone() })
            .collect();
        let more = entries.len() > limit;
        match end {
            End::Lower => entries.truncate(limit),
            End::Upper => drop(entries.drain(..entries.len().saturating_sub(limit))),
        }
        (entries, more)
    }

    /// The conversation as the client's user sees it.
    pub(crate) fn listed(&self, recv: Seq, read: Seq) -> Conversation {
        let unread = self
            .entries
            .iter()
            .filter(|it| it.seq > read && it.from != self.user && it.body.counts_as_unread());
        let unread = unread.take(UNREAD_MAX).count();
        let newest = self.entries.last();
        Conversation {
            conversation: self.conversation.clone(),
            key: Key::default(),
            subject: Subject::default(),
            members: vec![
                Member {
                    user: self.user.clone(),
                    role: self.role,
                    recv,
                    read,
                    muted_until: Some(0),
                },
                Member {
                    user: self.peer.clone(),
                    role: self.role.other(),
                    recv: self.last_seq(),
                    read: 0,
                    muted_until: None,
                },
            ],
            last_seq: self.last_seq(),
            last_at: newest.map_or(0, |it| it.ts),
            last: newest.map(|it| Entry { fields: it.clone() }),
            unread: u64::try_from(unread).unwrap_or(u64::MAX),
        }
    }
}

/// Which end of a range a page is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The oldest come first.
    Lower,
    /// The newest are taken.
    Upper,
}

fn ulid(now: TimestampMs, dice: u128) -> String {
    Ulid::from_parts(
        now,
        dice.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
    )
    .to_string()
}

/// A checked name of a text that is one.
#[expect(
    clippy::expect_used,
    reason = "what is named is written in this program: no input from outside can cause it"
)]
pub(crate) fn name<T: FromStr<Err = Malformed>>(text: &str) -> T {
    text.parse().expect("a name that the kit has made")
}
