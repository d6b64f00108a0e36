//! Connections: how they ask, and how long the pauses between them are.

use switchboard::protocol::{DeviceId, TimestampMs};

use super::Judge;
use crate::conformance::handshake::Handshake;
use crate::conformance::limits::{
    CONNECTIONS_MAX, JITTER_PERCENT, PAUSES_MS_MIN, TAKEOVER_PAUSES_MS_MIN,
};
use crate::conformance::rule::Rule;

/// The connections so far.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    count: usize,
    /// The token that the gateway called expired.
    expired: Option<String>,
    /// When the client last lost its connection, or was refused one.
    lost_at: Option<TimestampMs>,
    /// The pauses since they were last judged.
    pauses: Vec<u64>,
}

impl Arrivals {
    pub(crate) fn is_storm(&self) -> bool {
        self.count > CONNECTIONS_MAX
    }
}

impl Judge {
    /// Somebody asks to be let in. Answers the token, where there is one that may.
    pub(crate) fn knocks(&mut self, handshake: &Handshake, now: TimestampMs) -> Option<String> {
        self.arrivals.count += 1;
        if self.arrivals.count == CONNECTIONS_MAX + 1 {
            let why = format!("more than {CONNECTIONS_MAX} connections in one play");
            self.record.breach(Rule::NoStorm, why, now);
        }
        if let Some(lost_at) = self.arrivals.lost_at.take() {
            self.arrivals.pauses.push(now.saturating_sub(lost_at));
        }
        if let Some(field) = handshake.token_in_url() {
            let why = format!("the URL has a token in `{field}`");
            self.record.breach(Rule::TokenPlace, why, now);
        }
        if handshake.offers_others() {
            let why = "subprotocols were offered, and `switchboard.v1` is not one of them";
            self.record.breach(Rule::Subprotocol, why, now);
        }
        if let Some(Err(rule)) = handshake.device.as_deref().map(str::parse::<DeviceId>) {
            self.record
                .breach(Rule::DeviceName, format!("the device {rule}"), now);
            return None;
        }
        let Some(token) = handshake.token.clone() else {
            let why = "neither `Authorization: Bearer` nor a subprotocol `bearer.` has a token";
            self.record.breach(Rule::TokenPlace, why, now);
            return None;
        };
        if self.arrivals.expired.as_ref() == Some(&token) {
            let why = "the token is the one that was called expired";
            self.record.breach(Rule::NewToken, why, now);
            return None;
        }
        Some(token)
    }

    /// A token is called expired.
    pub(crate) fn expires(&mut self, token: &str) {
        self.arrivals.expired = Some(token.to_owned());
    }

    /// The client has no connection any more, or was refused one.
    pub(crate) fn disconnected(&mut self, now: TimestampMs) {
        self.arrivals.lost_at = Some(now);
    }

    /// Pauses are looked at from now on.
    pub(crate) fn watches_pauses(&mut self) {
        self.arrivals.pauses.clear();
    }

    /// The pauses between attempts that failed.
    pub(crate) fn judge_pauses(&mut self, now: TimestampMs) {
        let pauses = std::mem::take(&mut self.arrivals.pauses);
        let sum: u64 = pauses.iter().sum();
        if sum < PAUSES_MS_MIN {
            let why = format!(
                "{} attempts in a row, after pauses of {pauses:?} ms",
                pauses.len()
            );
            self.record.breach(Rule::Backoff, why, now);
        } else if are_regular(&pauses) {
            let why = format!("the pauses were {pauses:?} ms");
            self.record.breach(Rule::Jitter, why, now);
        }
    }

    /// The pauses of a client that was replaced again and again.
    pub(crate) fn judge_takeovers(&mut self, now: TimestampMs) {
        let pauses = std::mem::take(&mut self.arrivals.pauses);
        if pauses.iter().sum::<u64>() < TAKEOVER_PAUSES_MS_MIN {
            let why = format!("it came back after pauses of {pauses:?} ms");
            self.record.breach(Rule::NoFight, why, now);
        }
    }
}

/// Whether pauses are all the same, or each the double of the one before: no dice were thrown.
fn are_regular(pauses: &[u64]) -> bool {
    let near = |left: u64, right: u64| left.abs_diff(right) * 100 <= right * JITTER_PERCENT;
    let pairs = || pauses.iter().zip(pauses.iter().skip(1));
    pauses.len() > 2
        && (pairs().all(|(before, after)| near(*after, *before))
            || pairs().all(|(before, after)| near(*after, before * 2)))
}
