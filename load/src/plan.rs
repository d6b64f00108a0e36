//! What will be played, with nothing left open: settings, checked against every bound.

mod bounds;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Micros;
use crate::limits;
use crate::settings::{Receipts, Scenario, Settings, Span};
use bounds::{bound, means_something};

/// Conversations of a pair in a closed loop, where nothing is said: room for 48 messages a second from each of the two.
const CONVERSATIONS_CLOSED: u32 = 24;
/// How much of what a conversation takes an open loop uses, where nothing is said: bad luck should not be refused.
const SHARE: f64 = 0.8;

/// When messages are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Nobody sends.
    Silent,
    /// A reply for each message that is received.
    Closed {
        /// Messages of each pair on their way.
        in_flight: u32,
        /// Before each reply.
        think: Micros,
    },
    /// By the clock, whatever the answers.
    Open {
        /// Of each sender.
        interval: f64,
    },
    /// By the clock, many at once.
    Bursts {
        /// Of each sender.
        messages: u32,
        /// From burst to burst.
        period: Micros,
    },
    /// When the connection drops: to be sent as soon as there is one again.
    Storm {
        /// Of each customer.
        messages: u32,
    },
}

/// A run, planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is played.
    pub scenario: Scenario,
    /// Pairs of a customer and a provider.
    pub pairs: u32,
    /// Devices of each provider.
    pub devices: u32,
    /// Conversations of each pair.
    pub conversations: u32,
    /// When messages are sent.
    pub pace: Pace,
    /// How long.
    pub duration: Duration,
    /// Of which this much is not timed.
    pub warmup: Duration,
    /// Bytes of each text.
    pub body_bytes: u32,
    /// What devices confirm.
    pub receipts: Receipts,
    /// Times that all connections drop.
    pub rounds: u32,
    /// Mean time until a device's connection drops.
    pub churn: Option<Duration>,
    /// Handshakes a second while the users gather.
    pub connect_rate: u32,
    /// Of the dice.
    pub seed: u64,
}

/// What a plan cannot be.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A number is out of its bounds.
    #[error("{name} must be {least} to {most}, not {is}")]
    Bound {
        /// Which.
        name: &'static str,
        /// At least.
        least: f64,
        /// At most.
        most: f64,
        /// What was said.
        is: f64,
    },
    /// The gateway would refuse it.
    #[error(
        "each user would send {wanted:.1} messages a second in {conversations} conversation(s), and the gateway takes {taken:.0}: \
         more --conversations or --pairs, or less"
    )]
    RateLimit {
        /// Messages a second of one user.
        wanted: f64,
        /// In so many conversations.
        conversations: u32,
        /// What the gateway takes.
        taken: f64,
    },
    /// The audit could not remember it.
    #[error("{0:.0} messages are more than the audit remembers: at most {max:.0}", max = limits::MESSAGES_MAX)]
    Messages(f64),
    /// The profile is another scenario's.
    #[error("the profile is for {0}")]
    OtherScenario(&'static str),
    /// The setting means nothing in this scenario.
    #[error("--{0} means nothing in {1}")]
    Idle(&'static str, &'static str),
}

impl Plan {
    /// Plans a scenario.
    pub fn new(scenario: Scenario, said: Settings) -> Result<Self, PlanError> {
        if let Some(other) = said.scenario.filter(|it| *it != scenario) {
            return Err(PlanError::OtherScenario(other.name()));
        }
        means_something(scenario, &said)?;
        let warmup = said.warmup;
        let settings = said.over(scenario.defaults());
        let pairs = match settings.users {
            Some(users) => users.div_ceil(2),
            None => settings.pairs.unwrap_or(1),
        };
        let mut plan = Self {
            scenario,
            pairs,
            devices: settings.devices.unwrap_or(1),
            conversations: 0,
            pace: Pace::Silent,
            duration: span(settings.duration),
            warmup: Duration::ZERO,
            body_bytes: settings.body_bytes.unwrap_or(64),
            receipts: settings.receipts.unwrap_or(Receipts::Read),
            rounds: settings.rounds.unwrap_or(0),
            churn: settings.churn.map(|it| it.0),
            connect_rate: settings.connect_rate.unwrap_or(400),
            seed: settings.seed.unwrap_or(1),
        };
        // Where nothing is said, a short run has a short one.
        plan.warmup = warmup.map_or(span(settings.warmup).min(plan.duration / 10), |it| it.0);
        plan.check(&settings)?;
        plan.pace = plan.paced(&settings);
        plan.conversations = match (scenario, settings.conversations) {
            (Scenario::Idle, _) => 0,
            (_, Some(conversations)) => conversations,
            (_, None) => plan.enough_conversations(),
        };
        if scenario != Scenario::Idle {
            bound(
                "--conversations",
                plan.conversations,
                1,
                limits::CONVERSATIONS_MAX,
            )?;
        }
        plan.check_rate()?;
        Ok(plan)
    }

    /// Who sends by the clock.
    pub fn senders(&self) -> u32 {
        match self.scenario {
            Scenario::Offline | Scenario::Fanout | Scenario::Storm => self.pairs,
            Scenario::Relay | Scenario::Burst | Scenario::Idle | Scenario::Soak => 2 * self.pairs,
        }
    }

    /// All devices.
    pub fn all_devices(&self) -> u32 {
        self.pairs * (1 + self.devices)
    }

    /// The plan in words, for the report.
    pub fn words(&self) -> BTreeMap<String, String> {
        let mut words = BTreeMap::new();
        let mut say = |name: &str, value: String| words.insert(name.to_owned(), value);
        say("pairs", self.pairs.to_string());
        say("devices", self.all_devices().to_string());
        say("conversations per pair", self.conversations.to_string());
        say("text bytes", self.body_bytes.to_string());
        say("receipts", format!("{:?}", self.receipts).to_lowercase());
        say("seed", self.seed.to_string());
        let pace = match self.pace {
            Pace::Silent => "nobody sends".to_owned(),
            Pace::Closed {
                in_flight,
                think: 0,
            } => format!("closed loop, {in_flight} in flight per pair"),
            Pace::Closed { in_flight, think } => {
                format!(
                    "closed loop, {in_flight} in flight per pair, {} ms of thought",
                    think / 1_000
                )
            }
            Pace::Open { interval } => {
                format!(
                    "open loop, {:.1} messages/s",
                    f64::from(self.senders()) * 1e6 / interval
                )
            }
            Pace::Bursts { messages, period } => {
                format!(
                    "{messages} messages of each user at once, every {} s",
                    period / 1_000_000
                )
            }
            Pace::Storm { messages } => format!("{messages} messages of each customer while away"),
        };
        say("pace", pace);
        if self.scenario == Scenario::Storm {
            say("rounds", self.rounds.to_string());
        } else {
            say(
                "duration",
                humantime::format_duration(self.duration).to_string(),
            );
            say(
                "warm-up",
                humantime::format_duration(self.warmup).to_string(),
            );
        }
        if let Some(churn) = self.churn {
            say(
                "a connection drops after",
                humantime::format_duration(churn).to_string(),
            );
        }
        words
    }

    fn paced(&self, settings: &Settings) -> Pace {
        let burst = settings.burst.unwrap_or(1);
        match (self.scenario, settings.rate) {
            (Scenario::Idle, _) => Pace::Silent,
            (Scenario::Storm, _) => Pace::Storm { messages: burst },
            (Scenario::Burst, _) => {
                let period = u64::try_from(span(settings.period).as_micros()).unwrap_or(u64::MAX);
                Pace::Bursts {
                    messages: burst,
                    period,
                }
            }
            (_, Some(rate)) => Pace::Open {
                interval: f64::from(self.senders()) * 1e6 / rate,
            },
            (_, None) => Pace::Closed {
                in_flight: settings.in_flight.unwrap_or(1),
                think: u64::try_from(span(settings.think).as_micros()).unwrap_or(u64::MAX),
            },
        }
    }

    fn enough_conversations(&self) -> u32 {
        match self.pace {
            Pace::Silent => 0,
            Pace::Closed { .. } => CONVERSATIONS_CLOSED,
            Pace::Open { interval } => {
                (1e6 / interval / (limits::sends_per_s() * SHARE)).ceil() as u32
            }
            Pace::Bursts { messages, .. } | Pace::Storm { messages } => {
                messages.div_ceil(limits::SENDS_MAX as u32)
            }
        }
    }
}

/// So long, or not at all.
fn span(span: Option<Span>) -> Duration {
    span.map_or(Duration::ZERO, |it| it.0)
}

#[cfg(test)]
mod tests;
