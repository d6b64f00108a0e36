//! The tables. [`Store`] is the four parts together; a part is what one kind of data promises.
//!
//! Reads of the log, of members and of pairs are strongly consistent; those of a user's connections, of profiles, devices
//! and of the list of recent conversations may lag by a moment, and whatever relies on them survives that.
//! Every write is atomic, and safe to repeat.

use core::fmt::Debug;
use std::collections::BTreeMap;

use switchboard_protocol::action::{Marks, Position, Span};
use switchboard_protocol::{ConversationId, DeviceId, Key, Role, Seq, TimestampMs, UserId};

use crate::failure::Unavailable;
use crate::log::{Conversation, LogEntry, Member, Tail};
use crate::ports::push::Device;
use crate::session::{Connection, ConnectionId};

/// The tables.
pub trait Store: Connections + Log + Directory + Devices {}

impl<T: Connections + Log + Directory + Devices> Store for T {}

/// Live connections, and what is known of their users.
#[async_trait::async_trait]
pub trait Connections: Debug + Send + Sync {
    /// Notes that a user connects; refuses one whom an operator has suspended, and changes nothing then.
    async fn admit(
        &self,
        user: &UserId,
        role: Role,
        at: TimestampMs,
    ) -> Result<Admission, Unavailable>;

    /// Writes a connection's row and returns the one that it replaced; never replaces a younger connection's.
    async fn put_connection(&self, connection: &Connection) -> Result<Placed, Unavailable>;

    /// Writes a connection's row where its user and device have none.
    async fn restore_connection(&self, connection: &Connection) -> Result<(), Unavailable>;

    /// Whether the place of a connection's row is taken, by itself or by another of the same device; exactly, not as of a moment ago.
    async fn is_placed(&self, connection: &Connection) -> Result<bool, Unavailable>;

    /// Removes the row of exactly this connection and says whether it was there.
    async fn delete_connection(
        &self,
        user: &UserId,
        device: Option<&DeviceId>,
        id: &ConnectionId,
    ) -> Result<bool, Unavailable>;

    /// A user's connections, expired ones included, at most [`CONNECTIONS_MAX`].
    async fn connections(&self, user: &UserId) -> Result<Vec<Connection>, Unavailable>;

    /// Notes when a user was last there.
    async fn depart(&self, user: &UserId, at: TimestampMs) -> Result<(), Unavailable>;

    /// What is known of a user who has connected at least once.
    async fn profile(&self, user: &UserId) -> Result<Option<Profile>, Unavailable>;
}

/// The connections of one user that are posted to: a bound on what one send can cost, far above what a person holds.
pub const CONNECTIONS_MAX: usize = 50;

/// Whether a user may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Admitted,
    /// Not until an operator says so.
    Suspended,
}

/// What became of a connection's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It stands, and this one stood there before.
    Placed(Option<Connection>),
    /// A younger connection of the same device has the place.
    Outdated,
}

/// What is known of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's side.
    pub role: Role,
    /// When a device of the user last connected or disconnected.
    pub last_seen: TimestampMs,
}

/// The logs of conversations, and how far their members got.
#[async_trait::async_trait]
pub trait Log: Debug + Send + Sync {
    /// A conversation, its members and its newest entries, in one read.
    async fn tail(&self, conversation: &ConversationId) -> Result<Option<Tail>, Unavailable>;

    /// The same as it was a moment ago, at half the price: for what stays true once it is.
    async fn glance(&self, conversation: &ConversationId) -> Result<Option<Tail>, Unavailable>;

    /// A member's state.
    async fn member(
        &self,
        conversation: &ConversationId,
        user: &UserId,
    ) -> Result<Option<Member>, Unavailable>;

    /// The entries next to a place, ascending, at most `limit`; fewer only where there are no more in that direction.
    async fn entries(
        &self,
        conversation: &ConversationId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Unavailable>;

    /// One entry.
    async fn entry(
        &self,
        conversation: &ConversationId,
        seq: Seq,
    ) -> Result<Option<LogEntry>, Unavailable>;

    /// Stores an entry if its place is free.
    async fn append(&self, entry: &LogEntry) -> Result<Appended, Unavailable>;

    /// Stores an entry if its place is free and, with it, rewrites `after` where `before` still stands.
    async fn append_rewriting(
        &self,
        entry: &LogEntry,
        before: &LogEntry,
        after: &LogEntry,
    ) -> Result<Appended, Unavailable>;

    /// Moves a member's marks if they still stand where `from` says.
    async fn mark(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        from: Marks,
        to: &Progress,
    ) -> Result<Marked, Unavailable>;

    /// Notes up to where each device was pushed to; loses against a concurrent note, which is as good.
    async fn note_pushed(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        from: &BTreeMap<DeviceId, Seq>,
        to: &BTreeMap<DeviceId, Seq>,
    ) -> Result<(), Unavailable>;

    /// Mutes a conversation for a member. False where there is no such member.
    async fn mute(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        until: TimestampMs,
    ) -> Result<bool, Unavailable>;
}

/// What became of an append.
#[derive(Clone, Debug, PartialEq)]
pub enum Appended {
    /// It is in the log, for ever.
    Stored,
    /// Another entry, or this one by an earlier attempt, has the place.
    Taken(Box<LogEntry>),
    /// The entry to be rewritten is no longer what it was, or is being written; nothing was stored.
    Stale,
}

/// A member's new marks, with the counts that make `unread` a subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The marks.
    pub marks: Marks,
    /// What the other side had written up to `marks.read`.
    pub others_written: u64,
    /// Deletions up to `marks.read`.
    pub deletions: u64,
}

/// What became of a change of marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// They stand.
    Done,
    /// They had moved: this is the member now.
    Moved(Box<Member>),
}

/// Which conversations there are: by pair, and by user.
#[async_trait::async_trait]
pub trait Directory: Debug + Send + Sync {
    /// The pair's conversation of that key.
    async fn paired(&self, pair: &Pair, key: &Key) -> Result<Option<ConversationId>, Unavailable>;

    /// Every conversation of the pair.
    async fn conversations_of(&self, pair: &Pair) -> Result<Vec<ConversationId>, Unavailable>;

    /// Whether the pair has a conversation.
    async fn acquainted(&self, pair: &Pair) -> Result<bool, Unavailable>;

    /// Creates a conversation, its members, its place under the pair and in both members' lists, at once.
    async fn create(
        &self,
        conversation: &Conversation,
        by: Role,
        blocks: Blocks,
    ) -> Result<Created, Unavailable>;

    /// A user's conversations by their list time, newest first: those listed at `upto` or before, below `after`.
    ///
    /// The list time trails the time of the newest entry by less than [`LIST_STEP_MS`] once `deliver` has caught up.
    async fn recent(
        &self,
        user: &UserId,
        upto: TimestampMs,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<Position>, Unavailable>;

    /// Moves a conversation up in its members' lists; never down.
    async fn touch(&self, conversation: &Conversation, at: TimestampMs) -> Result<(), Unavailable>;

    /// Whether the first user blocks the second.
    async fn blocks(&self, user: &UserId, other: &UserId) -> Result<bool, Unavailable>;

    /// Notes that the first user blocks the second, or no longer.
    async fn note_block(
        &self,
        user: &UserId,
        other: &UserId,
        block: Block,
    ) -> Result<(), Unavailable>;

    /// Notes it in one of their conversations.
    async fn note_block_in(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        block: Block,
    ) -> Result<(), Unavailable>;
}

/// How far a conversation's list time may trail its newest entry.
///
/// Moving it costs seven write units, so it moves once in half an hour of talk and not once an entry;
/// readers order exactly, by the logs themselves, what the lists hold roughly.
pub const LIST_STEP_MS: u64 = 30 * 60 * 1_000;

/// A customer and a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one side.
    pub customer: UserId,
    /// The other.
    pub provider: UserId,
}

impl Pair {
    /// The pair of a user of that role and another user.
    pub fn new(user: UserId, role: Role, other: UserId) -> Self {
        match role {
            Role::Customer => Self {
                customer: user,
                provider: other,
            },
            Role::Provider => Self {
                customer: other,
                provider: user,
            },
        }
    }
}

/// Whether a user listens to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Not any more.
    On,
    /// Yes.
    Off,
}

/// What the creator of a conversation read before creating it, and what must still hold then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Whether the creator blocks the other.
    pub creator_blocks: bool,
}

/// What became of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// The pair has one of that key.
    Exists(ConversationId),
    /// Somebody else opened, blocked or unblocked at the same moment: look again.
    Contended,
}

/// The devices that can be pushed to.
#[async_trait::async_trait]
pub trait Devices: Debug + Send + Sync {
    /// A user's devices.
    async fn devices(&self, user: &UserId) -> Result<Vec<Device>, Unavailable>;

    /// One of a user's devices, exactly and not as of a moment ago.
    async fn device(&self, user: &UserId, id: &DeviceId) -> Result<Option<Device>, Unavailable>;

    /// Writes a device.
    async fn put_device(&self, device: &Device) -> Result<(), Unavailable>;

    /// Removes a device while it is still reachable at that endpoint; one that is not there is as good as removed.
    async fn delete_device(
        &self,
        user: &UserId,
        device: &DeviceId,
        endpoint: &str,
    ) -> Result<(), Unavailable>;

    /// Whose an endpoint is.
    async fn endpoint_owner(
        &self,
        endpoint: &str,
    ) -> Result<Option<(UserId, DeviceId)>, Unavailable>;

    /// Notes whose an endpoint is from now on: a phone that changes hands must not get its former user's pushes.
    async fn claim_endpoint(
        &self,
        endpoint: &str,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<(), Unavailable>;

    /// Gives an endpoint up if it is still that device's. False where it is another's by now.
    async fn release_endpoint(
        &self,
        endpoint: &str,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<bool, Unavailable>;
}
