//! The keys of every item.

use switchboard::ConnectionId;
use switchboard::ports::store::Pair;
use switchboard::protocol::{ConversationId, DeviceId, Key, Seq, UserId};

/// The highest place that a key can hold: twelve digits, a thousand entries a second for thirty years.
pub const SEQ_MAX: Seq = 999_999_999_999;

/// The `sk` of a conversation.
pub const META: &str = "META";
/// The `sk` of a profile.
pub const PROFILE: &str = "PROFILE";
/// The `sk` of an endpoint's owner.
pub const OWNER: &str = "OWNER";
/// What the `sk` of an entry begins with; the event source mapping filters by it.
pub const ENTRY: &str = "E#";
/// What the `sk` of a member begins with.
pub const MEMBER: &str = "M#";
/// What the `sk` of a device begins with, in both tables.
pub const DEVICE: &str = "D#";

/// The `pk` of a conversation's collection.
pub fn conversation(id: &ConversationId) -> String {
    format!("C#{id}")
}

/// The `sk` of an entry.
pub fn entry(seq: Seq) -> String {
    format!("{ENTRY}{seq:012}")
}

/// The `sk` of a member.
pub fn member(user: &UserId) -> String {
    format!("{MEMBER}{user}")
}

/// The `pk` of a pair.
pub fn pair(pair: &Pair) -> String {
    format!("P#{}#{}", pair.customer, pair.provider)
}

/// The `sk` of one of a pair's conversations.
pub fn paired(key: &Key) -> String {
    format!("K#{key}")
}

/// The `pk` of a user.
pub fn user(user: &UserId) -> String {
    format!("U#{user}")
}

/// The `sk` of a block.
pub fn block(other: &UserId) -> String {
    format!("B#{other}")
}

/// The `sk` of a device.
pub fn device(id: &DeviceId) -> String {
    format!("{DEVICE}{id}")
}

/// The `pk` of an endpoint.
pub fn endpoint(endpoint: &str) -> String {
    format!("T#{endpoint}")
}

/// The `sk` of a connection.
pub fn connection(of: Option<&DeviceId>, id: &ConnectionId) -> String {
    match of {
        Some(named) => device(named),
        None => format!("I#{}", id.as_str()),
    }
}
