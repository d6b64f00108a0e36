//! What a client may ask for: one type per action.

use std::collections::{BTreeMap, BTreeSet};

use crate::body::Body;
use crate::ids::{ConversationId, DeviceId, EntryId, Key, Seq, Subject, TimestampMs, UserId};

mod read;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Who am I, and what is going on?
    Hello,
    /// I am still here.
    Ping,
    /// The conversation with this user, new or not.
    Open(Open),
    /// Append an entry.
    Send(Send),
    /// What was stored and seen.
    Receipt(Receipt),
    /// Somebody is writing, or no longer.
    Typing(Typing),
    /// Entries of one conversation.
    History(History),
    /// Everything above these cursors.
    Sync(Sync),
    /// The conversations, newest first.
    Inbox(Inbox),
    /// Who is there?
    Presence(Presence),
    /// Where to push to.
    Device(Device),
    /// Mute or block.
    Settings(Settings),
}

/// `open`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The other user.
    pub with: UserId,
    /// Which of the pair's conversations.
    pub key: Key,
    /// What it is about; used when it is new.
    pub subject: Subject,
}

/// `send`.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// Where to.
    pub conversation: ConversationId,
    /// The device's own id for it.
    pub id: EntryId,
    /// The device's cursor when it first tried to send this id.
    pub after: Seq,
    /// What it says.
    pub body: Body,
    /// The entry that it answers.
    pub reply_to: Option<Seq>,
}

/// `receipt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// At most one for each conversation; where a frame names one twice, the highest values.
    pub receipts: BTreeMap<ConversationId, Marks>,
}

/// How far somebody got; 0 where it was not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Stored by a device up to here.
    pub recv: Seq,
    /// Seen up to here.
    pub read: Seq,
}

/// `typing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// Where.
    pub conversation: ConversationId,
    /// Whether it begins or ends.
    pub on: bool,
}

/// `history`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// From where, and in which direction.
    pub from: Span,
    /// How many at most.
    pub limit: usize,
}

/// A direction in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From the entry after this one, upward.
    After(Seq),
    /// From the entry before this one, downward.
    Before(Seq),
}

/// `sync`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// What the device has.
    pub cursors: BTreeMap<ConversationId, Seq>,
}

/// `inbox`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// How many at most.
    pub limit: usize,
    /// Where the page before ended.
    pub next: Option<Position>,
}

/// A place in the list of conversations, newest first: below the conversation of this time and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The last conversation's time of last activity.
    pub last_at: TimestampMs,
    /// Its id, which orders those of the same time.
    pub conversation: ConversationId,
}

/// `presence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Of whom.
    pub users: BTreeSet<UserId>,
}

/// `device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// Push to this device from now on.
    Register {
        /// Which device.
        device: DeviceId,
        /// Through which service.
        platform: Platform,
        /// The service's name for it.
        token: String,
        /// The language to push in.
        locale: Option<String>,
    },
    /// Push to it no longer.
    Remove {
        /// Which device.
        device: DeviceId,
    },
}

/// A push service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// Apple, released apps.
    Apns,
    /// Apple, apps under development.
    ApnsSandbox,
    /// Google.
    Fcm,
}

/// `settings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// No pushes of this conversation until then; 0 ends it.
    Mute {
        /// Which conversation.
        conversation: ConversationId,
        /// Until when; where it is not said, what is in force is asked for.
        muted_until: Option<TimestampMs>,
    },
    /// This user may not send to me, or may again.
    Block {
        /// Whom.
        user: UserId,
        /// Whether.
        blocked: bool,
    },
}

impl Platform {
    /// The service's name on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apns => "apns",
            Self::ApnsSandbox => "apns_sandbox",
            Self::Fcm => "fcm",
        }
    }

    /// The service of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Apns, Self::ApnsSandbox, Self::Fcm]
            .into_iter()
            .find(|it| it.as_str() == name)
    }
}

impl Position {
    /// The place as an opaque text for the client to bring back.
    pub fn to_next(&self) -> String {
        format!("{}.{}", self.last_at, self.conversation)
    }

    fn from_next(next: &str) -> Option<Self> {
        let (last_at, conversation) = next.split_once('.')?;
        Some(Self {
            last_at: last_at.parse().ok()?,
            conversation: conversation.parse().ok()?,
        })
    }
}

impl Action {
    /// The names of all actions, as routes are keyed by.
    pub const NAMES: [&'static str; 12] = [
        "hello", "ping", "open", "send", "receipt", "typing", "history", "sync", "inbox",
        "presence", "device", "settings",
    ];

    /// Whether a frame of that action is answered. Of the others an answer reaches the client only when they fail, and
    /// `ping` is answered by the platform.
    pub fn is_answered(name: &str) -> bool {
        !matches!(name, "receipt" | "typing" | "ping")
    }

    /// The action's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Ping => "ping",
            Self::Open(_) => "open",
            Self::Send(_) => "send",
            Self::Receipt(_) => "receipt",
            Self::Typing(_) => "typing",
            Self::History(_) => "history",
            Self::Sync(_) => "sync",
            Self::Inbox(_) => "inbox",
            Self::Presence(_) => "presence",
            Self::Device(_) => "device",
            Self::Settings(_) => "settings",
        }
    }
}
