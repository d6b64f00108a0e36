//! What a user may say about a run, on the command line or in a profile: everything optional, flags above the profile.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scenario {
    /// Pairs chat.
    Relay,
    /// Everybody is quiet, then everybody writes at once.
    Burst,
    /// Connections are held and nothing is said.
    Idle,
    /// All connections drop at the same moment and come back with jitter.
    Storm,
    /// One side is away and is told by pushes.
    Offline,
    /// One user has many devices.
    Fanout,
    /// Pairs chat for hours, over connections that come and go.
    Soak,
}

/// What devices confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Receipts {
    /// Nothing but what the `after` of a send says: the gateway will repeat and push.
    None,
    /// What was stored.
    Recv,
    /// What was stored, and that it was seen at once: a chat screen that is open.
    Read,
}

/// A time span as people write it: `500ms`, `20s`, `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = humantime::DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self)
    }
}

impl TryFrom<String> for Span {
    type Error = humantime::DurationError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// What may be said. What is not said, the scenario decides.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The scenario that a profile is for.
    #[arg(skip)]
    pub scenario: Option<Scenario>,
    /// What a profile is for, in a sentence.
    #[arg(skip)]
    pub about: Option<String>,
    /// Pairs of a customer and a provider.
    #[arg(long)]
    pub pairs: Option<u32>,
    /// Users of `idle` and `storm`: twice the pairs.
    #[arg(long, conflicts_with = "pairs")]
    pub users: Option<u32>,
    /// Devices of each provider.
    #[arg(long)]
    pub devices: Option<u32>,
    /// Conversations of each pair: the gateway takes two messages a second from one user in one conversation.
    #[arg(long)]
    pub conversations: Option<u32>,
    /// Open loop: messages a second, of all together, whatever the answers. Without it the loop is closed.
    #[arg(long)]
    pub rate: Option<f64>,
    /// Closed loop: messages of each pair on their way.
    #[arg(long, conflicts_with = "rate")]
    pub in_flight: Option<u32>,
    /// Closed loop: how long a user thinks before a reply.
    #[arg(long, conflicts_with = "rate")]
    pub think: Option<Span>,
    /// How long messages are sent, or connections held.
    #[arg(long)]
    pub duration: Option<Span>,
    /// At the beginning: how long nothing is timed.
    #[arg(long)]
    pub warmup: Option<Span>,
    /// Bytes of each text.
    #[arg(long)]
    pub body_bytes: Option<u32>,
    /// What devices confirm.
    #[arg(long, value_enum)]
    pub receipts: Option<Receipts>,
    /// Messages of each user at once, in `burst` and after a `storm`.
    #[arg(long)]
    pub burst: Option<u32>,
    /// From burst to burst.
    #[arg(long)]
    pub period: Option<Span>,
    /// Times that all connections drop, in `storm`.
    #[arg(long)]
    pub rounds: Option<u32>,
    /// Mean time until a device's connection drops, in `soak`.
    #[arg(long)]
    pub churn: Option<Span>,
    /// Handshakes a second while the users gather.
    #[arg(long)]
    pub connect_rate: Option<u32>,
    /// Of the dice: phases and jitter.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Why a profile is not one.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("failed to read the profile {0}")]
    Unreadable(String, #[source] std::io::Error),
    /// It does not say what a profile says.
    #[error("the profile {0} is wrong: {1}")]
    Wrong(String, String),
}

impl Settings {
    /// Reads a profile.
    pub fn profile(path: &Path) -> Result<Self, ProfileError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ProfileError::Unreadable(name.clone(), error))?;
        toml::from_str(&text).map_err(|error| ProfileError::Wrong(name, error.message().to_owned()))
    }

    /// These settings where they say something, else those.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        // What is said in two ways is said by whoever speaks last.
        let headcount = self.pairs.is_some() || self.users.is_some();
        let loops = self.rate.is_some() || self.in_flight.is_some() || self.think.is_some();
        Self {
            scenario: self.scenario.or(below.scenario),
            about: self.about.or(below.about),
            pairs: if headcount { self.pairs } else { below.pairs },
            users: if headcount { self.users } else { below.users },
            devices: self.devices.or(below.devices),
            conversations: self.conversations.or(below.conversations),
            rate: if loops { self.rate } else { below.rate },
            in_flight: if loops {
                self.in_flight
            } else {
                below.in_flight
            },
            think: if loops { self.think } else { below.think },
            duration: self.duration.or(below.duration),
            warmup: self.warmup.or(below.warmup),
            body_bytes: self.body_bytes.or(below.body_bytes),
            receipts: self.receipts.or(below.receipts),
            burst: self.burst.or(below.burst),
            period: self.period.or(below.period),
            rounds: self.rounds.or(below.rounds),
            churn: self.churn.or(below.churn),
            connect_rate: self.connect_rate.or(below.connect_rate),
            seed: self.seed.or(below.seed),
        }
    }
}

impl Scenario {
    /// The scenario's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Burst => "burst",
            Self::Idle => "idle",
            Self::Storm => "storm",
            Self::Offline => "offline",
            Self::Fanout => "fanout",
            Self::Soak => "soak",
        }
    }

    /// What the scenario plays where nothing is said.
    pub fn defaults(self) -> Settings {
        let seconds = |seconds| Some(Span(Duration::from_secs(seconds)));
        let general = Settings {
            pairs: Some(100),
            devices: Some(1),
            duration: seconds(20),
            warmup: seconds(2),
            body_bytes: Some(64),
            receipts: Some(Receipts::Read),
            connect_rate: Some(400),
            seed: Some(1),
            ..Settings::default()
        };
        let special = match self {
            Self::Relay => Settings::default(),
            Self::Burst => Settings {
                duration: seconds(60),
                burst: Some(10),
                period: seconds(10),
                ..Settings::default()
            },
            Self::Idle => Settings {
                users: Some(2_000),
                duration: seconds(30),
                ..Settings::default()
            },
            Self::Storm => Settings {
                users: Some(1_000),
                rounds: Some(1),
                burst: Some(1),
                ..Settings::default()
            },
            Self::Offline => Settings {
                pairs: Some(20),
                rate: Some(10.0),
                duration: seconds(10),
                warmup: seconds(0),
                ..Settings::default()
            },
            Self::Fanout => Settings {
                pairs: Some(5),
                devices: Some(20),
                rate: Some(5.0),
                ..Settings::default()
            },
            Self::Soak => Settings {
                rate: Some(50.0),
                duration: seconds(1_800),
                churn: seconds(300),
                ..Settings::default()
            },
        };
        special.over(general)
    }
}
