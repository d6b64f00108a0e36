//! What the gateway says: replies and events. They are only ever written.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::body::Body;
use crate::error::{ErrorCode, Refusal, Retry};
use crate::frame::About;
use crate::ids::{
    ConversationId, DeviceId, EntryId, Key, Reference, Role, Seq, Subject, TimestampMs, UserId,
};
use crate::limits;

/// A frame of the gateway: an event, and the `ref` of the frame that it answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerFrame {
    /// The `ref` of the frame that is answered, where it had one.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// What is said.
    #[serde(flatten)]
    pub event: Event,
}

/// What is said. The tag on the wire is `event`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Answers `hello`.
    Welcome(Welcome),
    /// Answers `open`, and tells the other member of a new conversation.
    Opened(Opened),
    /// Answers `send`.
    Sent(Sent),
    /// A new entry.
    Entry(EntryFields),
    /// A member got further.
    Receipt(ReceiptEvent),
    /// A member is writing, or no longer.
    Typing(TypingEvent),
    /// Answers `history`.
    Page(Page),
    /// Answers `sync`.
    Synced(Synced),
    /// Answers `inbox`.
    Inbox(InboxEvent),
    /// Answers `presence`.
    Presence(PresenceEvent),
    /// Answers `device`.
    Device(DeviceEvent),
    /// Answers `settings`.
    Settings(SettingsEvent),
    /// Answers `ping`, where a function has to.
    Pong {},
    /// Refuses.
    Error(ErrorEvent),
}

/// `welcome`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Welcome {
    /// Who the client is.
    pub user: UserId,
    /// On which side.
    pub role: Role,
    /// The server's time.
    pub now: TimestampMs,
    /// When the token expires.
    pub expires_at: TimestampMs,
    /// When to have opened another connection.
    pub reconnect_by: TimestampMs,
    /// The most recently active conversations, newest first.
    pub conversations: Vec<Conversation>,
    /// Whether `inbox` has others.
    pub more: bool,
    /// What the client has to keep to.
    pub limits: Limits,
}

/// The limits that a client has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// A frame's bytes.
    pub frame_bytes: usize,
    /// A text's characters.
    pub text_chars: usize,
    /// Sends in 10 s.
    pub sends_per_10s: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: limits::FRAME_BYTES_MAX,
            text_chars: limits::TEXT_CHARS_MAX,
            sends_per_10s: limits::SENDS_MAX,
        }
    }
}

/// A conversation as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversation {
    /// Its id.
    pub conversation: ConversationId,
    /// Which of the pair's.
    pub key: Key,
    /// What it is about.
    pub subject: Subject,
    /// Who is in it.
    pub members: Vec<Member>,
    /// The newest entry's place; 0 while there is none.
    pub last_seq: Seq,
    /// When something last happened in it.
    pub last_at: TimestampMs,
    /// The newest entry.
    pub last: Option<Entry>,
    /// The others' texts and attachments above one's own `read`, up to 99.
    pub unread: u64,
}

/// A member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// On which side.
    pub role: Role,
    /// Stored by one of the member's devices up to here.
    pub recv: Seq,
    /// Seen up to here.
    pub read: Seq,
    /// Until when the member wants no pushes; told to the member alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<TimestampMs>,
}

/// An entry wherever it travels: always with its tag, so that one reader serves live entries, pages and syncs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename = "entry")]
pub struct Entry {
    /// The entry.
    #[serde(flatten)]
    pub fields: EntryFields,
}

/// What an entry consists of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryFields {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<TimestampMs>,
}

/// `opened`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Opened {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// Whether it is new.
    pub created: bool,
}

/// `sent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Where it stands.
    pub conversation: ConversationId,
    /// The device's id for it.
    pub id: EntryId,
    /// Its place.
    pub seq: Seq,
    /// When it was accepted.
    pub ts: TimestampMs,
    /// Whether it had been accepted before.
    pub duplicate: bool,
}

/// `receipt`, to the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptEvent {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Stored up to here.
    pub recv: Seq,
    /// Seen up to here.
    pub read: Seq,
}

/// `typing`, to the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypingEvent {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Whether it begins or ends.
    pub on: bool,
}

/// `page`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// Ascending.
    pub entries: Vec<Entry>,
    /// Whether there are more in that direction.
    pub more: bool,
}

/// `synced`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Synced {
    /// Each conversation's in ascending order, without gaps.
    pub entries: Vec<Entry>,
    /// Whether to call again with the cursors moved on.
    pub more: bool,
}

/// `inbox`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InboxEvent {
    /// Newest first.
    pub conversations: Vec<Conversation>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `presence`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresenceEvent {
    /// Those who share a conversation with the asking user.
    pub users: BTreeMap<UserId, Present>,
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Whether a device is connected.
    pub online: bool,
    /// When one last was.
    pub last_seen: TimestampMs,
}

/// `device`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceEvent {
    /// Which device.
    pub device: DeviceId,
    /// Whether it is pushed to from now on.
    pub registered: bool,
}

/// `settings`: what is now in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)] // Written, never read: the fields tell the two apart.
pub enum SettingsEvent {
    /// A conversation's.
    Mute {
        /// Which conversation.
        conversation: ConversationId,
        /// Until when it is muted.
        muted_until: TimestampMs,
    },
    /// A user's.
    Block {
        /// Whom.
        user: UserId,
        /// Whether that user is blocked.
        blocked: bool,
    },
}

/// `error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorEvent {
    /// What kind of refusal.
    pub code: ErrorCode,
    /// For whoever develops the client.
    pub message: String,
    /// Whether sending the same again may help.
    pub retry: bool,
    /// After how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The entry that was not appended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<EntryId>,
    /// The conversation that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Carried by the frame, not by the event.
    #[serde(skip)]
    reference: Option<Reference>,
}

impl ErrorEvent {
    pub(crate) fn new(about: About, refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            message: refusal.message,
            retry: refusal.code.retry() == Retry::Later,
            retry_after_ms: refusal.retry_after_ms,
            id: about.id,
            conversation: about.conversation,
            reference: about.reference,
        }
    }
}

impl From<ErrorEvent> for ServerFrame {
    fn from(error: ErrorEvent) -> Self {
        Self {
            reference: error.reference.clone(),
            event: Event::Error(error),
        }
    }
}

impl Event {
    /// The event as a frame that answers nothing.
    pub fn unasked(self) -> ServerFrame {
        ServerFrame {
            reference: None,
            event: self,
        }
    }
}

impl ServerFrame {
    /// The frame's text.
    pub fn to_json(&self) -> String {
        // A tree of strings, numbers and string-keyed maps has no way not to be JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Entry {
    /// How many bytes of a frame the entry takes.
    pub fn bytes(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |text| text.len())
    }
}

impl Conversation {
    /// How many bytes of a frame the conversation takes.
    pub fn bytes(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |text| text.len())
    }
}
