//! What the tables hold of a conversation.

use std::collections::BTreeMap;

use serde_json::Value;

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Who sent it.
    pub from: String,
    /// When it was accepted.
    pub ts: u64,
    /// What it said, and every form in which it was said since.
    pub bodies: Vec<Value>,
    /// How far its author had received.
    pub recv: BTreeMap<&'static str, u64>,
    /// When it was stored, by the simulation's clock in microseconds.
    pub stored: u64,
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// By `receipt`.
    pub recv: u64,
    /// By `receipt`.
    pub read: u64,
    /// Since when, and until when, pushes are not wanted.
    pub muted: Option<(u64, u64)>,
    /// Since when the other is blocked, and whether that ever changed: what was once blocked excuses a missing push.
    pub blocked: Option<u64>,
    /// Whether pushes were ever unwanted.
    pub ever_quiet: bool,
}

/// A log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// Entry 1 and the others.
    pub entries: Vec<Entry>,
    /// By user.
    pub members: BTreeMap<String, Member>,
    /// The customer, then the provider.
    pub pair: [String; 2],
}

impl Log {
    /// The newest entry's place.
    pub fn last_seq(&self) -> u64 {
        self.entries.len() as u64
    }

    /// An entry.
    pub fn entry(&self, seq: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// Whether a user is a member.
    pub fn has(&self, user: &str) -> bool {
        self.pair.iter().any(|it| it == user)
    }

    /// How far a member has received, by receipts and by what the member's entries imply.
    pub fn recv(&self, user: &str) -> u64 {
        let said = self.members.get(user).map_or(0, |member| member.recv);
        let side = if self.pair[0] == user {
            "customer"
        } else {
            "provider"
        };
        let implied = self.entries.last().and_then(|entry| entry.recv.get(side));
        said.max(implied.copied().unwrap_or(0))
    }

    /// How many entries of a user are younger than so many milliseconds before `ts`.
    pub fn sent_within(&self, user: &str, ts: u64, ms: u64) -> usize {
        let recent = self.entries.iter().rev().take_while(|it| it.ts + ms > ts);
        recent.filter(|it| it.from == user).count()
    }

    /// Whether the other has blocked a user for longer than a send is on its way.
    pub fn blocked(&self, user: &str, now: u64) -> bool {
        let others = self.members.iter().filter(|(name, _)| *name != user);
        let since = others.filter_map(|(_, member)| member.blocked).min();
        since.is_some_and(|since| since + 10_000_000 < now)
    }

    /// What `unread` has to say to a member.
    pub fn unread(&self, user: &str) -> u64 {
        let read = self.members.get(user).map_or(0, |member| member.read);
        let unread = self.entries.iter().zip(1..).filter(|(entry, seq)| {
            *seq > read && entry.from != user && entry.body()["kind"] == "text"
        });
        (unread.count() as u64).min(99)
    }
}

impl Entry {
    /// What it says now.
    pub fn body(&self) -> &Value {
        self.bodies.last().unwrap_or(&Value::Null)
    }
}
