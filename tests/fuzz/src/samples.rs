//! Things to ask a store for, or to give it, where what they are does not matter.

use switchboard::log::{Conversation, LogEntry, Standings};
use switchboard::ports::store::Pair;
use switchboard::protocol::{Body, ConversationId, Role, UserId};
use switchboard::{Connection, ConnectionId};

/// The conversation of all samples.
pub fn conversation() -> ConversationId {
    "01JD8Z3KQ5W9T0000000000001".parse().expect("a ULID")
}

/// A user.
pub fn user(name: &str) -> UserId {
    name.parse().expect("a user")
}

/// Alice and Bob.
pub fn pair() -> Pair {
    Pair {
        customer: user("alice"),
        provider: user("bob"),
    }
}

/// A conversation that is new.
pub fn new_conversation() -> Conversation {
    Conversation {
        id: conversation(),
        key: "".parse().expect("a key"),
        subject: "".parse().expect("a subject"),
        pair: pair(),
        created_at: 1,
        listed_at: 1,
        closed_at: None,
    }
}

/// The first entry.
pub fn entry() -> LogEntry {
    LogEntry {
        conversation: conversation(),
        seq: 1,
        id: "01JD8Z5A7XG4N000000000000A".parse().expect("a ULID"),
        from: user("alice"),
        ts: 1,
        body: Body::Deleted,
        reply_to: None,
        edited_at: None,
        first_said: None,
        standings: Standings::default(),
    }
}

/// A connection without a device.
pub fn connection() -> Connection {
    Connection {
        user: user("alice"),
        device: None,
        id: ConnectionId::new("Qyi07eCbtjMCJKw="),
        role: Role::Customer,
        endpoint: "http://e".into(),
        connected_at: 1,
        expires_at: 2,
    }
}
