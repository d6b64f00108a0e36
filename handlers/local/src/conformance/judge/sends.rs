//! Sends and their retries: the same id, the same `after`, the same body, in order, and not without need.

use std::collections::BTreeSet;

use switchboard::protocol::action::Send;
use switchboard::protocol::{Body, EntryId, Seq, TimestampMs};

use super::Judge;
use crate::conformance::limits::RETRY_EARLY_MS;
use crate::conformance::rule::Rule;
use crate::conformance::verdict::short;

/// A send, from its first attempt on.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// What its first attempt said.
    pub(crate) body: Body,
    after: Seq,
    /// Its place, once it has one.
    pub(crate) seq: Option<Seq>,
    pub(crate) answered: Answered,
    /// Over which connections it was tried and is not answered.
    in_flight: BTreeSet<u64>,
}

/// What the client was told of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Nothing, or that it may try again, not before that time.
    Not {
        /// When it may.
        not_before: TimestampMs,
    },
    /// That it is in the log.
    Sent,
    /// That it never will be.
    Refused,
}

impl Judge {
    /// The client sends.
    pub(crate) fn sends(&mut self, send: &Send, connection: u64, now: TimestampMs) {
        if self.one_in_flight {
            self.is_alone(send, now);
        }
        match self.sends.get(&send.id) {
            Some(before) => {
                let before = before.clone();
                self.retries(&before, send, now);
            }
            None => self.begins(send, now),
        }
        let attempt = self.sends.entry(send.id.clone()).or_insert(Attempt {
            body: send.body.clone(),
            after: send.after,
            seq: None,
            answered: Answered::Not { not_before: 0 },
            in_flight: BTreeSet::new(),
        });
        attempt.in_flight.insert(connection);
        self.floor = self.floor.max(send.after.min(self.held()));
        self.recv = self.recv.max(send.after.min(self.held()));
    }

    fn begins(&mut self, send: &Send, now: TimestampMs) {
        let held = self.held();
        if send.after > held {
            let why = format!(
                "`after` is {}, and the device was given all up to {held}",
                send.after
            );
            self.record.breach(Rule::AfterCursor, why, now);
        }
        let Body::Text { text } = &send.body else {
            return;
        };
        if self.send_of(text).is_some() {
            let why = format!(
                "the text {:?} came with another `id`, {}",
                short(text),
                send.id
            );
            self.record.breach(Rule::SameId, why, now);
        }
        let place = self.asked_for.iter().position(|it| it == text);
        let before = self.asked_for.iter().take(place.unwrap_or(0));
        let late = before.clone().find(|it| self.send_of(it).is_none());
        if let Some(late) = late.cloned() {
            let why = format!("{:?} was sent before {late:?}", short(text));
            self.record.breach(Rule::OwnOrder, why, now);
        }
    }

    fn retries(&mut self, before: &Attempt, send: &Send, now: TimestampMs) {
        let id = &send.id;
        if send.after != before.after {
            let why = format!(
                "{id} came with `after` {}, and before with {}",
                send.after, before.after
            );
            self.record.breach(Rule::SameAfter, why, now);
        }
        if send.body != before.body {
            let why = format!("{id} came with another body");
            self.record.breach(Rule::SameBody, why, now);
        }
        match before.answered {
            Answered::Refused => {
                let why = format!("{id} was refused for good and came again");
                self.record.breach(Rule::RefusedStays, why, now);
            }
            Answered::Not { not_before } if now + RETRY_EARLY_MS < not_before => {
                let why = format!("{id} came {} ms too soon", not_before - now);
                self.record.breach(Rule::RetryAfter, why, now);
            }
            Answered::Not { .. } | Answered::Sent => {}
        }
    }

    fn is_alone(&mut self, send: &Send, now: TimestampMs) {
        let other = self
            .sends
            .iter()
            .find(|(id, it)| **id != send.id && !it.in_flight.is_empty());
        if let Some((id, _)) = other {
            let why = format!("{} was sent while {id} was in flight", send.id);
            self.record.breach(Rule::OneInFlight, why, now);
        }
    }

    /// A send was answered over a connection.
    pub(crate) fn answers(&mut self, id: &EntryId, connection: u64, answer: Answered) {
        if let Some(attempt) = self.sends.get_mut(id) {
            attempt.in_flight.remove(&connection);
            if attempt.answered != Answered::Sent {
                attempt.answered = answer;
            }
        }
    }

    /// A send has its place in the log.
    pub(crate) fn stored(&mut self, id: &EntryId, seq: Seq) {
        if let Some(attempt) = self.sends.get_mut(id) {
            attempt.seq = Some(seq);
        }
    }

    /// A send that the client is to try again, and does not.
    pub(crate) fn unanswered(&self) -> Option<EntryId> {
        let is_due =
            |it: &Attempt| matches!(it.answered, Answered::Not { .. }) && it.in_flight.is_empty();
        let due = self.sends.iter().find(|(_, it)| is_due(it));
        due.map(|(id, _)| id.clone())
    }

    /// A connection has ended: nothing is in flight over it.
    pub(crate) fn lost(&mut self, connection: u64) {
        for attempt in self.sends.values_mut() {
            attempt.in_flight.remove(&connection);
        }
    }
}
