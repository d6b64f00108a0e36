//! What an invocation did, counted: the source of every metric.

use std::collections::BTreeMap;

/// What is counted. [`Metric::name`] is its name in CloudWatch and, in snake case, in Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Connections opened.
    Connects,
    /// Connections that took another's place.
    Replacements,
    /// Connections closed.
    Disconnects,
    /// Entries accepted.
    Sends,
    /// Sends answered as duplicates.
    Duplicates,
    /// Frames refused, whatever the code.
    Refusals,
    /// Frames answered `unavailable`.
    Unavailables,
    /// Posts that a connection took.
    RelaysDelivered,
    /// Posts to connections that had gone.
    RelaysGone,
    /// Posts that a slow reader's connection refused.
    RelaysThrottled,
    /// Posts that failed otherwise, or were not answered in time.
    RelaysFailed,
    /// Entries posted again because nobody had confirmed them.
    Redeliveries,
    /// Pushes that the service took.
    Pushes,
    /// Pushes to devices that no longer exist.
    PushesDead,
    /// Pushes that failed and will be tried again.
    PushesFailed,
    /// Entries for a member without any device or connection.
    Undelivered,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 16] = [
        Self::Connects,
        Self::Replacements,
        Self::Disconnects,
        Self::Sends,
        Self::Duplicates,
        Self::Refusals,
        Self::Unavailables,
        Self::RelaysDelivered,
        Self::RelaysGone,
        Self::RelaysThrottled,
        Self::RelaysFailed,
        Self::Redeliveries,
        Self::Pushes,
        Self::PushesDead,
        Self::PushesFailed,
        Self::Undelivered,
    ];

    /// The metric's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connects => "Connects",
            Self::Replacements => "Replacements",
            Self::Disconnects => "Disconnects",
            Self::Sends => "Sends",
            Self::Duplicates => "Duplicates",
            Self::Refusals => "Refusals",
            Self::Unavailables => "Unavailables",
            Self::RelaysDelivered => "RelaysDelivered",
            Self::RelaysGone => "RelaysGone",
            Self::RelaysThrottled => "RelaysThrottled",
            Self::RelaysFailed => "RelaysFailed",
            Self::Redeliveries => "Redeliveries",
            Self::Pushes => "Pushes",
            Self::PushesDead => "PushesDead",
            Self::PushesFailed => "PushesFailed",
            Self::Undelivered => "Undelivered",
        }
    }
}

/// Counts by metric. An invocation returns one; whoever hosts it adds it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Metric, u64>);

impl Tally {
    /// Adds `count` to a metric; nothing where it is 0.
    pub fn add(&mut self, metric: Metric, count: u64) {
        if count > 0 {
            *self.0.entry(metric).or_default() += count;
        }
    }

    /// Adds everything that another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (metric, count) in other.iter() {
            self.add(metric, count);
        }
    }

    /// What was counted, in the order of [`Metric`].
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u64)> + '_ {
        self.0.iter().map(|(metric, count)| (*metric, *count))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
