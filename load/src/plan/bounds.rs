//! What a plan is checked against.

use super::{Pace, Plan, PlanError, span};
use crate::limits;
use crate::settings::{Scenario, Settings};

impl Plan {
    pub(super) fn check(&self, settings: &Settings) -> Result<(), PlanError> {
        bound("--pairs", self.pairs, 1, limits::USERS_MAX / 2)?;
        bound("--devices", self.devices, 1, limits::DEVICES_MAX)?;
        bound(
            "--pairs times --devices",
            self.all_devices(),
            1,
            limits::USERS_MAX,
        )?;
        bound("--body-bytes", self.body_bytes, 1, limits::BODY_BYTES_MAX)?;
        bound(
            "--connect-rate",
            self.connect_rate,
            1,
            limits::CONNECT_RATE_MAX,
        )?;
        bound(
            "--rounds",
            self.rounds,
            u32::from(self.scenario == Scenario::Storm),
            limits::ROUNDS_MAX,
        )?;
        bound(
            "--in-flight",
            settings.in_flight.unwrap_or(1),
            1,
            limits::IN_FLIGHT_MAX,
        )?;
        bound("--burst", settings.burst.unwrap_or(1), 1, 1_000)?;
        within(
            "--rate",
            settings.rate.unwrap_or(1.0),
            0.01,
            limits::RATE_MAX,
        )?;
        let seconds_max = limits::DURATION_MAX.as_secs_f64();
        within("--duration", self.duration.as_secs_f64(), 0.1, seconds_max)?;
        within(
            "--warmup",
            self.warmup.as_secs_f64(),
            0.0,
            self.duration.as_secs_f64() / 2.0,
        )?;
        within("--think", span(settings.think).as_secs_f64(), 0.0, 3_600.0)?;
        within(
            "--churn",
            self.churn.map_or(1.0, |it| it.as_secs_f64()),
            1.0,
            seconds_max,
        )?;
        within(
            "--period",
            settings.period.map_or(1.0, |it| it.0.as_secs_f64()),
            0.1,
            3_600.0,
        )
    }

    pub(super) fn check_rate(&self) -> Result<(), PlanError> {
        let wanted = match self.pace {
            Pace::Silent | Pace::Closed { .. } | Pace::Storm { .. } => return Ok(()),
            Pace::Open { interval } => 1e6 / interval,
            Pace::Bursts { messages, period } => f64::from(messages) * 1e6 / period as f64,
        };
        let taken = limits::sends_per_s() * f64::from(self.conversations);
        if wanted > taken {
            return Err(PlanError::RateLimit {
                wanted,
                conversations: self.conversations,
                taken,
            });
        }
        let messages = wanted * f64::from(self.senders()) * self.duration.as_secs_f64();
        if messages > limits::MESSAGES_MAX {
            return Err(PlanError::Messages(messages));
        }
        Ok(())
    }
}

/// A flag that is ignored would be believed.
pub(super) fn means_something(scenario: Scenario, said: &Settings) -> Result<(), PlanError> {
    use Scenario::{Burst, Fanout, Idle, Offline, Relay, Soak, Storm};
    let paced = [Relay, Soak];
    let clocked = [Relay, Soak, Fanout, Offline];
    let rules: [(&str, bool, &[Scenario]); 8] = [
        ("rate", said.rate.is_some(), &clocked),
        ("in-flight", said.in_flight.is_some(), &paced),
        ("think", said.think.is_some(), &paced),
        ("burst", said.burst.is_some(), &[Burst, Storm]),
        ("period", said.period.is_some(), &[Burst]),
        ("rounds", said.rounds.is_some(), &[Storm]),
        ("churn", said.churn.is_some(), &[Soak]),
        (
            "conversations",
            said.conversations.is_some(),
            &[Relay, Burst, Storm, Offline, Fanout, Soak],
        ),
    ];
    let idle = rules
        .into_iter()
        .find(|(_, said, scenarios)| *said && !scenarios.contains(&scenario));
    if let Some((name, ..)) = idle {
        return Err(PlanError::Idle(name, scenario.name()));
    }
    // With several devices a reply would come from each.
    if said.devices.is_some_and(|it| it > 1) && !matches!(scenario, Fanout | Idle) {
        return Err(PlanError::Idle("devices", scenario.name()));
    }
    Ok(())
}

pub(super) fn bound(name: &'static str, is: u32, least: u32, most: u32) -> Result<(), PlanError> {
    within(name, is.into(), least.into(), most.into())
}

fn within(name: &'static str, is: f64, least: f64, most: f64) -> Result<(), PlanError> {
    // Written so that what is not a number is refused too.
    if is >= least && is <= most {
        Ok(())
    } else {
        Err(PlanError::Bound {
            name,
            least,
            most,
            is,
        })
    }
}
