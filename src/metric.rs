//! Every metric there is, in one table: its name, what its number is, what it is split by, and a sentence.
//!
//! Functions report them to CloudWatch, the local host to Prometheus; neither has a list of its own. No label ever
//! names a user, a device or a connection.

use switchboard_protocol::Role;

use crate::session::Ending;

/// What a metric's number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// So many happened: numbers add up.
    Count,
    /// So many there are: the newest number holds.
    Gauge,
    /// How long something took, in milliseconds: each one is kept.
    Duration,
}

/// What a metric's number is split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The user's side.
    Role,
    /// How a connection ended.
    Reason,
}

/// One part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// The user's side.
    Role(Role),
    /// How a connection ended.
    Reason(Ending),
}

macro_rules! table {
    ($($name:ident: $kind:ident $(by $split:ident)?, $sentence:literal;)+) => {
        /// What is counted or timed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $(#[doc = $sentence] $name,)+
        }

        impl Metric {
            /// Every metric.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$name),+];

            /// Its name in CloudWatch and, in snake case, in Prometheus.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What its number is.
            pub fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)+
                }
            }

            /// What it is split by, beside its whole.
            pub fn split(self) -> Option<Split> {
                let split: &[Split] = match self {
                    $(Self::$name => &[$(Split::$split)?],)+
                };
                split.first().copied()
            }

            /// What it says.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }
        }
    };
}

table! {
    AuthorizationsRefused: Count, "Handshakes that the authorizer refused, whatever for.";
    Connects: Count by Role, "Connections opened.";
    Replacements: Count, "Connections that took another's place.";
    Disconnects: Count by Reason, "Connections closed.";
    Sends: Count, "Entries accepted.";
    Duplicates: Count, "Sends answered as duplicates.";
    Refusals: Count, "Frames refused, whatever the code.";
    Unavailables: Count, "Frames answered `unavailable`.";
    RelaysDelivered: Count, "Posts that a connection took.";
    RelaysGone: Count, "Posts to connections that had gone.";
    RelaysThrottled: Count, "Posts that a slow reader's connection refused.";
    RelaysFailed: Count, "Posts that failed otherwise, or were not answered in time.";
    SendToRelay: Duration, "From a send's arrival at the platform to the answers of the posts that relay it.";
    DeliverLag: Duration, "From an entry's acceptance to the start of its delivery.";
    Redeliveries: Count, "Entries posted again because nobody had confirmed them.";
    Pushes: Count, "Pushes that the service took.";
    PushesDead: Count, "Pushes to devices that no longer exist.";
    PushesFailed: Count, "Pushes that failed and will be tried again.";
    Undelivered: Count, "Entries for a member without any device or connection.";
    OpenConnections: Gauge by Role, "Connections that are open, as a complete census found them.";
    RowsExpired: Count, "Rows of connections past their life that the census removed.";
    GhostChecks: Count, "Connections that the census asked the platform about.";
    GhostsRemoved: Count, "Rows of connections that the platform no longer knew, removed by the census.";
}

impl Split {
    /// What CloudWatch calls the dimension, and Prometheus, in small letters, the label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Reason => "Reason",
        }
    }

    /// Its parts: all of them, so that none is missing where nothing was counted.
    pub fn labels(self) -> Vec<Label> {
        match self {
            Self::Role => [Role::Customer, Role::Provider].map(Label::Role).to_vec(),
            Self::Reason => Ending::ALL.map(Label::Reason).to_vec(),
        }
    }
}

impl Label {
    /// What it is a part of.
    pub fn split(self) -> Split {
        match self {
            Self::Role(_) => Split::Role,
            Self::Reason(_) => Split::Reason,
        }
    }

    /// Its value.
    pub fn value(self) -> &'static str {
        match self {
            Self::Role(role) => role.as_str(),
            Self::Reason(ending) => ending.as_str(),
        }
    }
}
