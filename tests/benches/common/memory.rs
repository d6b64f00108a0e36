//! Tables that answer from memory and keep nothing: whatever is measured above them is what the gateway decides.

use std::collections::BTreeMap;

use switchboard::log::{Conversation, LogEntry, Member, Tail};
use switchboard::ports::push::Device;
use switchboard::ports::relay::{Posted, Presence, Relay};
use switchboard::ports::store::{
    Admission, Appended, Block, Blocks, Connections, Created, Devices, Directory, Log, Marked,
    Pair, Placed, Profile, Progress,
};
use switchboard::protocol::action::{Marks, Position, Span};
use switchboard::protocol::{ConversationId, DeviceId, Key, Role, Seq, TimestampMs, UserId};
use switchboard::{Connection, ConnectionId, Unavailable};

/// A log's end and its members' connections, always the same.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) tail: Tail,
    pub(crate) connections: BTreeMap<UserId, Vec<Connection>>,
}

/// Takes every post.
#[derive(Debug)]
pub(crate) struct Taken;

#[async_trait::async_trait]
impl Relay for Taken {
    async fn post(&self, _connection: &Connection, _frame: &str) -> Posted {
        Posted::Delivered
    }

    async fn close(&self, _connection: &Connection) {}

    async fn presence(&self, _connection: &Connection) -> Presence {
        panic!("{NO}")
    }
}

const NO: &str = "a send does not ask for this";

#[async_trait::async_trait]
impl Connections for Memory {
    async fn admit(&self, _: &UserId, _: Role, _: TimestampMs) -> Result<Admission, Unavailable> {
        panic!("{NO}")
    }
    async fn put_connection(&self, _: &Connection) -> Result<Placed, Unavailable> {
        panic!("{NO}")
    }
    async fn restore_connection(&self, _: &Connection) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn is_placed(&self, _: &Connection) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
    async fn delete_connection(
        &self,
        _: &UserId,
        _: Option<&DeviceId>,
        _: &ConnectionId,
    ) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
    async fn connections(&self, user: &UserId) -> Result<Vec<Connection>, Unavailable> {
        Ok(self.connections[user].clone())
    }
    async fn depart(&self, _: &UserId, _: TimestampMs) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn profile(&self, _: &UserId) -> Result<Option<Profile>, Unavailable> {
        panic!("{NO}")
    }
}

#[async_trait::async_trait]
impl Log for Memory {
    async fn tail(&self, _: &ConversationId) -> Result<Option<Tail>, Unavailable> {
        Ok(Some(self.tail.clone()))
    }
    async fn glance(&self, it: &ConversationId) -> Result<Option<Tail>, Unavailable> {
        self.tail(it).await
    }
    async fn member(&self, _: &ConversationId, _: &UserId) -> Result<Option<Member>, Unavailable> {
        panic!("{NO}")
    }
    async fn entries(
        &self,
        _: &ConversationId,
        _: Span,
        _: usize,
    ) -> Result<Vec<LogEntry>, Unavailable> {
        panic!("{NO}")
    }
    async fn entry(&self, _: &ConversationId, _: Seq) -> Result<Option<LogEntry>, Unavailable> {
        panic!("{NO}")
    }
    async fn append(&self, _: &LogEntry) -> Result<Appended, Unavailable> {
        Ok(Appended::Stored)
    }
    async fn append_rewriting(
        &self,
        _: &LogEntry,
        _: &LogEntry,
        _: &LogEntry,
    ) -> Result<Appended, Unavailable> {
        panic!("{NO}")
    }
    async fn mark(
        &self,
        _: &ConversationId,
        _: &UserId,
        _: Marks,
        _: &Progress,
    ) -> Result<Marked, Unavailable> {
        panic!("{NO}")
    }
    async fn note_pushed(
        &self,
        _: &ConversationId,
        _: &UserId,
        _: &BTreeMap<DeviceId, Seq>,
        _: &BTreeMap<DeviceId, Seq>,
    ) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn mute(
        &self,
        _: &ConversationId,
        _: &UserId,
        _: TimestampMs,
    ) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
}

#[async_trait::async_trait]
impl Directory for Memory {
    async fn paired(&self, _: &Pair, _: &Key) -> Result<Option<ConversationId>, Unavailable> {
        panic!("{NO}")
    }
    async fn conversations_of(&self, _: &Pair) -> Result<Vec<ConversationId>, Unavailable> {
        panic!("{NO}")
    }
    async fn acquainted(&self, _: &Pair) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
    async fn create(&self, _: &Conversation, _: Role, _: Blocks) -> Result<Created, Unavailable> {
        panic!("{NO}")
    }
    async fn recent(
        &self,
        _: &UserId,
        _: TimestampMs,
        _: Option<&Position>,
        _: usize,
    ) -> Result<Vec<Position>, Unavailable> {
        panic!("{NO}")
    }
    async fn touch(&self, _: &Conversation, _: TimestampMs) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn blocks(&self, _: &UserId, _: &UserId) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
    async fn note_block(&self, _: &UserId, _: &UserId, _: Block) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn note_block_in(
        &self,
        _: &ConversationId,
        _: &UserId,
        _: Block,
    ) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
}

#[async_trait::async_trait]
impl Devices for Memory {
    async fn devices(&self, _: &UserId) -> Result<Vec<Device>, Unavailable> {
        panic!("{NO}")
    }
    async fn device(&self, _: &UserId, _: &DeviceId) -> Result<Option<Device>, Unavailable> {
        panic!("{NO}")
    }
    async fn put_device(&self, _: &Device) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn delete_device(&self, _: &UserId, _: &DeviceId, _: &str) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn endpoint_owner(&self, _: &str) -> Result<Option<(UserId, DeviceId)>, Unavailable> {
        panic!("{NO}")
    }
    async fn claim_endpoint(&self, _: &str, _: &UserId, _: &DeviceId) -> Result<(), Unavailable> {
        panic!("{NO}")
    }
    async fn release_endpoint(
        &self,
        _: &str,
        _: &UserId,
        _: &DeviceId,
    ) -> Result<bool, Unavailable> {
        panic!("{NO}")
    }
}
