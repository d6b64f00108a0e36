//! The events of a trail and their answers, as words: each is written by one function here and read by another.

use std::borrow::Cow;

use switchboard_protocol::Seq;

use crate::ports::push::Pushed;
use crate::ports::relay::Posted;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The frame with the entry arrived.
    Accepted,
    /// The frame came again: the entry stood in the log.
    Repeated,
    /// The entry is in the log.
    Stored,
    /// Its text was changed by the entry at this place.
    Edited(Seq),
    /// It was deleted by the entry at this place.
    Deleted(Seq),
    /// A member's device has it.
    Confirmed(How),
    /// A member has seen it.
    Read,
    /// A member is connected and has not confirmed: the grace runs.
    Waits,
    /// It was posted to a connection.
    Posted(Posted),
    /// It was posted again, because nobody had confirmed it.
    Reposted(Posted),
    /// A device was pushed to.
    Pushed(Pushed),
    /// Nobody was pushed to.
    Unpushed(Why),
}

/// The events, in the order in which they usually come: their names in logs, and what each says.
pub const EVENTS: [(&str, &str); 12] = [
    ("accepted", "The frame with the entry arrived."),
    ("repeated", "The same send came again."),
    ("stored", "The entry is in the log of its conversation."),
    ("posted", "It was posted to a connection."),
    ("waits", "Somebody is connected who has not confirmed it."),
    ("reposted", "It was posted again: nobody had confirmed it."),
    ("pushed", "The push service was asked to tell a device."),
    ("unpushed", "Nobody is pushed to, and that is meant."),
    ("confirmed", "A device of the other member has it."),
    ("read", "The other member has seen it."),
    ("edited", "A later entry changed its text."),
    ("deleted", "A later entry deleted it."),
];

/// How an entry was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By a receipt.
    Receipt,
    /// By the `after` of an entry of the member's own.
    Reply,
}

/// Why nobody was pushed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The member wants no pushes of this conversation.
    Muted,
    /// The member blocks the author.
    Blocked,
    /// The member has registered no device.
    NoDevice,
    /// Every device was pushed to before, for this entry or a later one.
    Before,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Muted, Self::Blocked, Self::NoDevice, Self::Before];

    fn as_str(self) -> &'static str {
        match self {
            Self::Muted => "muted",
            Self::Blocked => "blocked",
            Self::NoDevice => "no_device",
            Self::Before => "before",
        }
    }
}

impl What {
    /// The event's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Repeated => "repeated",
            Self::Stored => "stored",
            Self::Edited(_) => "edited",
            Self::Deleted(_) => "deleted",
            Self::Confirmed(_) => "confirmed",
            Self::Read => "read",
            Self::Waits => "waits",
            Self::Posted(_) => "posted",
            Self::Reposted(_) => "reposted",
            Self::Pushed(_) => "pushed",
            Self::Unpushed(_) => "unpushed",
        }
    }

    /// Its place among the events, which is the order in which they usually come.
    pub fn place(self) -> usize {
        let name = self.name();
        EVENTS.iter().position(|it| it.0 == name).unwrap_or(0)
    }

    /// The answer's word, where there is one: a status, `none` for silence, a place, or a reason.
    pub fn answer(self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Accepted | Self::Repeated | Self::Stored | Self::Read | Self::Waits => {
                return None;
            }
            Self::Edited(by) | Self::Deleted(by) => by.to_string().into(),
            Self::Confirmed(How::Receipt) => "receipt".into(),
            Self::Confirmed(How::Reply) => "reply".into(),
            Self::Posted(posted) | Self::Reposted(posted) => match posted {
                Posted::Delivered => "200".into(),
                Posted::Gone => "410".into(),
                Posted::Throttled => "429".into(),
                Posted::Failed(Some(status)) => status.to_string().into(),
                Posted::Failed(None) => "none".into(),
            },
            Self::Pushed(Pushed::Sent) => "sent".into(),
            Self::Pushed(Pushed::Dead) => "dead".into(),
            Self::Pushed(Pushed::Failed) => "failed".into(),
            Self::Unpushed(why) => why.as_str().into(),
        })
    }

    /// The event of that name and answer.
    pub fn read(event: &str, answer: Option<&str>) -> Option<Self> {
        Some(match event {
            "accepted" => Self::Accepted,
            "repeated" => Self::Repeated,
            "stored" => Self::Stored,
            "edited" => Self::Edited(answer?.parse().ok()?),
            "deleted" => Self::Deleted(answer?.parse().ok()?),
            "confirmed" if answer == Some("reply") => Self::Confirmed(How::Reply),
            "confirmed" => Self::Confirmed(How::Receipt),
            "read" => Self::Read,
            "waits" => Self::Waits,
            "posted" => Self::Posted(posted(answer?)?),
            "reposted" => Self::Reposted(posted(answer?)?),
            "pushed" => Self::Pushed(match answer? {
                "sent" => Pushed::Sent,
                "dead" => Pushed::Dead,
                "failed" => Pushed::Failed,
                _ => return None,
            }),
            "unpushed" => {
                let answer = answer?;
                Self::Unpushed(Why::ALL.into_iter().find(|it| it.as_str() == answer)?)
            }
            _ => return None,
        })
    }
}

fn posted(answer: &str) -> Option<Posted> {
    Some(match answer {
        "200" => Posted::Delivered,
        "410" => Posted::Gone,
        "429" => Posted::Throttled,
        "none" => Posted::Failed(None),
        status => Posted::Failed(Some(status.parse().ok()?)),
    })
}
