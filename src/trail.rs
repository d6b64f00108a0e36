//! What happened to each entry, step by step: every event there is, its fields, and what each answer means.
//!
//! The functions write steps as lines of their logs, the local host keeps the newest in memory; both have the words of
//! this file and no others, and whoever asks where a message is reads them back with it. A step names users, devices and
//! connections, and never what a message says or what a phone is reached by.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use switchboard_protocol::{ConversationId, DeviceId, Seq, TimestampMs, UserId};

use crate::session::{Connection, ConnectionId, Session};

mod words;

pub use words::{EVENTS, How, What, Why};

/// The target of the steps' lines in a log.
pub const TARGET: &str = "switchboard::trail";

/// The fields of a step, as logs, queries and the local host's answers name them.
pub const FIELDS: [&str; 10] = [
    "event",
    "conversation",
    "first",
    "last",
    "at",
    "ms",
    "user",
    "device",
    "connection",
    "answer",
];

/// One thing that happened to an entry, or to several that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What, and with which answer.
    pub what: What,
    /// In which log.
    pub conversation: ConversationId,
    /// The place of the first entry to which it happened.
    pub first: Seq,
    /// The place of the last.
    pub last: Seq,
    /// When it began.
    pub at: TimestampMs,
    /// How long the answer took, where somebody else had to answer.
    pub ms: Option<u64>,
    /// Who did it, or to whom it was done.
    pub user: Option<UserId>,
    /// By or to which device.
    pub device: Option<DeviceId>,
    /// Over which connection.
    pub connection: Option<ConnectionId>,
}

impl Step {
    /// A step of one entry, of nobody yet.
    pub fn new(what: What, conversation: &ConversationId, seq: Seq, at: TimestampMs) -> Self {
        Self {
            what,
            conversation: conversation.clone(),
            first: seq,
            last: seq,
            at,
            ms: None,
            user: None,
            device: None,
            connection: None,
        }
    }

    /// The same, from an earlier entry on.
    #[must_use]
    pub fn since(self, first: Seq) -> Self {
        Self { first, ..self }
    }

    /// The same, by whoever has this session.
    #[must_use]
    pub fn by(self, session: &Session) -> Self {
        Self {
            user: Some(session.user.clone()),
            device: session.device.clone(),
            connection: Some(session.connection.clone()),
            ..self
        }
    }

    /// The same, to a connection.
    #[must_use]
    pub fn over(self, connection: &Connection) -> Self {
        Self {
            user: Some(connection.user.clone()),
            device: connection.device.clone(),
            connection: Some(connection.id.clone()),
            ..self
        }
    }

    /// The same, to a user, and to a device where one is meant.
    #[must_use]
    pub fn to(self, user: &UserId, device: Option<&DeviceId>) -> Self {
        Self {
            user: Some(user.clone()),
            device: device.cloned(),
            ..self
        }
    }

    /// The same, with the time that the answer took.
    #[must_use]
    pub fn until(self, now: TimestampMs) -> Self {
        Self {
            ms: Some(now.saturating_sub(self.at)),
            ..self
        }
    }

    /// Whether it happened to this entry.
    pub fn is_of(&self, conversation: &ConversationId, seq: Seq) -> bool {
        self.first <= seq && seq <= self.last && self.conversation == *conversation
    }

    /// Writes it into the log of whoever runs.
    pub fn log(&self) {
        let answer = self.what.answer();
        tracing::info!(
            target: TARGET,
            event = self.what.name(),
            conversation = self.conversation.as_str(),
            first = self.first,
            last = self.last,
            at = self.at,
            ms = self.ms,
            user = self.user.as_ref().map(UserId::as_str),
            device = self.device.as_ref().map(DeviceId::as_str),
            connection = self.connection.as_ref().map(ConnectionId::as_str),
            answer = answer.as_deref(),
        );
    }

    /// Reads it back from whatever has its fields; `None` where that is no step.
    pub fn read(field: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name: &str| field(name)?.parse().ok();
        // A name that is none makes a step of nobody, not no step.
        Some(Self {
            what: What::read(&field("event")?, field("answer").as_deref())?,
            conversation: field("conversation")?.parse().ok()?,
            first: number("first")?,
            last: number("last")?,
            at: number("at")?,
            ms: number("ms"),
            user: field("user").and_then(|it| it.parse().ok()),
            device: field("device").and_then(|it| it.parse().ok()),
            connection: field("connection").map(ConnectionId::new),
        })
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", self.what.name())?;
        map.serialize_entry("conversation", &self.conversation)?;
        map.serialize_entry("first", &self.first)?;
        map.serialize_entry("last", &self.last)?;
        map.serialize_entry("at", &self.at)?;
        if let Some(ms) = self.ms {
            map.serialize_entry("ms", &ms)?;
        }
        if let Some(user) = &self.user {
            map.serialize_entry("user", user)?;
        }
        if let Some(device) = &self.device {
            map.serialize_entry("device", device)?;
        }
        if let Some(connection) = &self.connection {
            map.serialize_entry("connection", connection.as_str())?;
        }
        if let Some(answer) = self.what.answer() {
            map.serialize_entry("answer", &answer)?;
        }
        map.end()
    }
}

/// Where a gateway's steps go.
///
/// Told while things happen, so that what a function did is known even if it dies in the next moment.
pub trait Trail: core::fmt::Debug + Send + Sync {
    /// Takes note of a step. It must not block.
    fn note(&self, step: Step);
}

/// Steps as lines of the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logged;

impl Trail for Logged {
    fn note(&self, step: Step) {
        step.log();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::ports::push::Pushed;
    use crate::ports::relay::Posted;

    fn everything() -> Vec<What> {
        let posted = [
            Posted::Delivered,
            Posted::Gone,
            Posted::Throttled,
            Posted::Failed(Some(403)),
            Posted::Failed(Some(503)),
            Posted::Failed(None),
        ];
        let pushed = [Pushed::Sent, Pushed::Dead, Pushed::Failed];
        let mut all = vec![What::Accepted, What::Repeated, What::Stored];
        all.extend(posted.map(What::Posted));
        all.push(What::Waits);
        all.extend(posted.map(What::Reposted));
        all.extend(pushed.map(What::Pushed));
        all.extend(Why::ALL.map(What::Unpushed));
        all.extend([How::Receipt, How::Reply].map(What::Confirmed));
        all.extend([What::Read, What::Edited(7), What::Deleted(8)]);
        all
    }

    fn step(what: What) -> Step {
        let conversation = "01JD8Z3KQ5W9T0000000000001".parse().unwrap();
        let connection = Some(ConnectionId::new("Alice07eCbtjMCJ="));
        Step {
            ms: Some(3),
            user: "alice".parse().ok(),
            device: "phone".parse().ok(),
            connection,
            ..Step::new(what, &conversation, 9, 1_000).since(4)
        }
    }

    fn field(json: &Value, name: &str) -> Option<String> {
        let value = json.get(name)?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    }

    #[test]
    fn a_step_is_read_back_as_it_was_written() {
        for what in everything() {
            let full = step(what);
            let json = serde_json::to_value(&full).unwrap();
            assert_eq!(Step::read(|name| field(&json, name)), Some(full), "{json}");
            let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
            assert!(fields.iter().all(|it| FIELDS.contains(&it.as_str())));
            let bare = Step::new(what, &step(what).conversation, 9, 1_000);
            let json = serde_json::to_value(&bare).unwrap();
            assert_eq!(Step::read(|name| field(&json, name)), Some(bare), "{json}");
        }
    }

    #[test]
    fn the_table_of_events_is_whole_and_without_doubles() {
        let mut said: Vec<&str> = everything().into_iter().map(What::name).collect();
        said.dedup();
        assert_eq!(said, EVENTS.map(|(name, _)| name));
        for (_, sentence) in EVENTS {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{sentence}");
        }
    }

    #[test]
    fn what_is_no_step_is_none() {
        let json = serde_json::to_value(step(What::Stored)).unwrap();
        for name in ["event", "conversation", "first", "last", "at"] {
            let without = |it: &str| field(&json, it).filter(|_| it != name);
            assert_eq!(Step::read(without), None, "{name}");
            let wrong = |it: &str| {
                let value = field(&json, it)?;
                Some(if it == name { "?".to_owned() } else { value })
            };
            assert_eq!(Step::read(wrong), None, "{name}");
        }
        for (event, answer) in [("posted", None), ("posted", Some("soon")), ("pushed", None)] {
            assert_eq!(What::read(event, answer), None, "{event}");
        }
    }

    #[test]
    fn a_step_of_several_entries_is_of_each_and_of_no_other() {
        let step = step(What::Read);
        let of: Vec<Seq> = (0..12)
            .filter(|it| step.is_of(&step.conversation, *it))
            .collect();
        assert_eq!(of, [4, 5, 6, 7, 8, 9]);
        let other = "01JD8Z3KQ5W9T0000000000002".parse().unwrap();
        assert!(!step.is_of(&other, 5));
    }
}
