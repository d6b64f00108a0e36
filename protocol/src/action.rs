//! What a client may ask for: one type per action.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::body::Body;
use crate::error::{ErrorCode, Refusal};
use crate::fields::Fields;
use crate::ids::{ConversationId, DeviceId, EntryId, Key, Seq, Subject, TimestampMs, UserId};
use crate::limits;

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

    /// Reads the fields of the action of that name.
    pub(crate) fn read(name: &str, fields: &Fields<'_>) -> Result<Self, Refusal> {
        match name {
            "hello" => Ok(Self::Hello),
            "ping" => Ok(Self::Ping),
            "open" => open(fields).map(Self::Open),
            "send" => send(fields).map(Self::Send),
            "receipt" => receipt(fields).map(Self::Receipt),
            "typing" => typing(fields).map(Self::Typing),
            "history" => history(fields).map(Self::History),
            "sync" => sync(fields).map(Self::Sync),
            "inbox" => inbox(fields).map(Self::Inbox),
            "presence" => presence(fields).map(Self::Presence),
            "device" => device(fields).map(Self::Device),
            "settings" => settings(fields).map(Self::Settings),
            _ => Err(Refusal::new(
                ErrorCode::UnknownAction,
                "action is not one of this gateway's",
            )),
        }
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

fn open(fields: &Fields<'_>) -> Result<Open, Refusal> {
    Ok(Open {
        with: fields.parsed("with")?,
        key: fields.parsed_if_there("key")?.unwrap_or_default(),
        subject: fields.parsed_if_there("subject")?.unwrap_or_default(),
    })
}

fn send(fields: &Fields<'_>) -> Result<Send, Refusal> {
    Ok(Send {
        conversation: fields.parsed("conversation")?,
        id: fields.parsed("id")?,
        after: fields.integer("after")?,
        body: Body::from_client(&fields.object("body")?)?,
        reply_to: if fields.has("reply_to") {
            Some(fields.seq_from_one("reply_to")?)
        } else {
            None
        },
    })
}

fn receipt(fields: &Fields<'_>) -> Result<Receipt, Refusal> {
    let mut receipts = BTreeMap::<ConversationId, Marks>::new();
    for value in fields.list("receipts", limits::RECEIPTS_MAX)? {
        let map = value
            .as_object()
            .ok_or_else(|| fields.refuse("receipts", "must be an array of objects"))?;
        let one = Fields::new(map, "receipts");
        let mark = |name| {
            if one.has(name) {
                one.integer(name)
            } else {
                Ok(0)
            }
        };
        let (recv, read) = (mark("recv")?, mark("read")?);
        if !one.has("recv") && !one.has("read") {
            return Err(one.refuse("recv", "or receipts.read is missing"));
        }
        let marks = receipts.entry(one.parsed("conversation")?).or_default();
        marks.recv = marks.recv.max(recv);
        marks.read = marks.read.max(read);
    }
    Ok(Receipt { receipts })
}

fn typing(fields: &Fields<'_>) -> Result<Typing, Refusal> {
    Ok(Typing {
        conversation: fields.parsed("conversation")?,
        on: fields.flag("on")?,
    })
}

fn history(fields: &Fields<'_>) -> Result<History, Refusal> {
    let from = match (fields.has("after"), fields.has("before")) {
        (true, false) => Span::After(fields.integer("after")?),
        (false, true) => Span::Before(fields.integer("before")?),
        (true, true) => return Err(fields.refuse("after", "and before exclude each other")),
        (false, false) => return Err(fields.refuse("after", "or before is missing")),
    };
    Ok(History {
        conversation: fields.parsed("conversation")?,
        from,
        limit: fields.count("limit", limits::HISTORY_MAX, limits::HISTORY_DEFAULT)?,
    })
}

fn sync(fields: &Fields<'_>) -> Result<Sync, Refusal> {
    let map = fields.object("cursors")?.map();
    if map.len() > limits::CURSORS_MAX {
        let rule = format!("must have at most {} members", limits::CURSORS_MAX);
        return Err(fields.refuse("cursors", rule));
    }
    let mut cursors = BTreeMap::new();
    for (name, value) in map {
        let conversation = name
            .parse()
            .map_err(|rule| fields.refuse("cursors", rule))?;
        let cursor = value
            .as_u64()
            .ok_or_else(|| fields.refuse("cursors", "must hold integers of 0 or more"))?;
        cursors.insert(conversation, cursor);
    }
    Ok(Sync { cursors })
}

fn inbox(fields: &Fields<'_>) -> Result<Inbox, Refusal> {
    let next = if fields.has("next") {
        let next = Position::from_next(fields.text("next")?)
            .ok_or_else(|| fields.refuse("next", "must be what an inbox reply gave"))?;
        Some(next)
    } else {
        None
    };
    Ok(Inbox {
        limit: fields.count("limit", limits::INBOX_MAX, limits::INBOX_DEFAULT)?,
        next,
    })
}

fn presence(fields: &Fields<'_>) -> Result<Presence, Refusal> {
    let user = |value: &Value| {
        let text = value
            .as_str()
            .ok_or_else(|| fields.refuse("users", "must be an array of strings"))?;
        text.parse().map_err(|rule| fields.refuse("users", rule))
    };
    let users = fields.list("users", limits::PRESENCE_MAX)?.iter().map(user);
    Ok(Presence {
        users: users.collect::<Result<_, _>>()?,
    })
}

fn device(fields: &Fields<'_>) -> Result<Device, Refusal> {
    let device = fields.parsed("device")?;
    if fields.has("remove") && fields.flag("remove")? {
        return Ok(Device::Remove { device });
    }
    let platform = Platform::from_name(fields.text("platform")?)
        .ok_or_else(|| fields.refuse("platform", "must be apns, apns_sandbox or fcm"))?;
    let token = fields.bounded("token", 1, limits::PUSH_TOKEN_BYTES_MAX)?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(fields.refuse("token", "must consist of visible ASCII characters"));
    }
    let locale = if fields.has("locale") {
        Some(
            fields
                .bounded("locale", 1, limits::LOCALE_BYTES_MAX)?
                .to_owned(),
        )
    } else {
        None
    };
    Ok(Device::Register {
        device,
        platform,
        token: token.to_owned(),
        locale,
    })
}

fn settings(fields: &Fields<'_>) -> Result<Settings, Refusal> {
    match (fields.has("conversation"), fields.has("user")) {
        (true, false) => Ok(Settings::Mute {
            conversation: fields.parsed("conversation")?,
            muted_until: if fields.has("muted_until") {
                Some(fields.integer("muted_until")?)
            } else {
                None
            },
        }),
        (false, true) => Ok(Settings::Block {
            user: fields.parsed("user")?,
            blocked: fields.flag("blocked")?,
        }),
        (true, true) => Err(fields.refuse("conversation", "and user exclude each other")),
        (false, false) => Err(fields.refuse("conversation", "or user is missing")),
    }
}
