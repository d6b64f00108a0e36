//! What is known of the client that is judged, and the rules that hold in every play.
//!
//! The judge only watches: it is told of everything that the client did and was given, and notes what broke a rule.
//! It never says what the gateway answers.
//!
//! Connections are in `arrival`, sends and their retries in `sends`, cursors and receipts in `progress`, and what the
//! client says that it shows in `shown`.

mod arrival;
mod progress;
mod sends;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use switchboard::protocol::{Body, EntryId, Seq, TimestampMs};

use arrival::Arrivals;
pub(crate) use sends::{Answered, Attempt};
pub(crate) use shown::REPORT;

use crate::conformance::limits::FRAMES_MAX;
use crate::conformance::rule::Rule;
use crate::conformance::verdict::Record;

/// What is known of the client.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    pub(crate) record: Record,
    pub(crate) arrivals: Arrivals,
    /// The places that the client was given, one way or another.
    given: BTreeSet<Seq>,
    /// The sends, by id.
    pub(crate) sends: BTreeMap<EntryId, Attempt>,
    /// The texts that the client was asked to send, in order.
    asked_for: Vec<String>,
    /// Whether one send at a time is asked for.
    pub(crate) one_in_flight: bool,
    /// The highest that the client claimed to hold: by cursor, receipt or `after`.
    floor: Seq,
    /// The highest that it confirmed, in receipts alone and by `after` as well.
    recv_said: Seq,
    pub(crate) recv: Seq,
    pub(crate) read: Seq,
    /// When the last receipt came, by connection, and how many came too soon.
    receipts: BTreeMap<u64, TimestampMs>,
    receipts_close: usize,
    typing_at: Option<TimestampMs>,
    frames: usize,
}

impl Judge {
    /// A frame has come, whatever it is.
    pub(crate) fn frame(&mut self, now: TimestampMs) {
        self.frames += 1;
        if self.frames == FRAMES_MAX + 1 {
            let why = format!("more than {FRAMES_MAX} frames in one play");
            self.record.breach(Rule::NoStorm, why, now);
        }
    }

    /// Whether nobody could follow the client any more.
    pub(crate) fn is_storm(&self) -> bool {
        self.frames > FRAMES_MAX || self.arrivals.is_storm()
    }

    /// The client was given an entry.
    pub(crate) fn gave(&mut self, seq: Seq) {
        self.given.insert(seq);
    }

    /// Whether the client was given an entry.
    pub(crate) fn has(&self, seq: Seq) -> bool {
        self.given.contains(&seq)
    }

    /// Up to where the client misses nothing.
    pub(crate) fn held(&self) -> Seq {
        let mut held = 0;
        while self.given.contains(&(held + 1)) {
            held += 1;
        }
        held
    }

    /// The client is asked to send a text.
    pub(crate) fn asks_for(&mut self, text: &str) {
        self.asked_for.push(text.to_owned());
    }

    /// The send of that text.
    pub(crate) fn send_of(&self, text: &str) -> Option<&Attempt> {
        let is_of = |it: &&Attempt| matches!(&it.body, Body::Text { text: own } if own == text);
        self.sends.values().find(is_of)
    }
}
