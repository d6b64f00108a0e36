//! What is timed and counted: histograms over the run, and a series of points over time.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use switchboard_protocol::ErrorCode;

use crate::clock::{Micros, SECOND, seconds};
use crate::limits::POINTS_MAX;
use crate::meter::Sample;
use crate::report::{Latency, Point};

/// The longest time that is told from longer ones.
const TIME_MAX: Micros = 600 * SECOND;
/// Kinds of errors that are told apart: the rest is one.
const ERRORS_MAX: usize = 64;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timed {
    /// From the intended moment to `sent`.
    Sent,
    /// From the intended moment to a device of the other member.
    Received,
    /// The same, to the last of that member's devices.
    LastDevice,
    /// From the entry's acceptance to its push, both by the server's clock.
    Push,
    /// From the drop of a connection until the device is whole again.
    Back,
    /// The handshake, TCP and TLS included.
    Handshake,
    /// `hello` to `welcome`.
    Hello,
    /// `sync`, all of its pages.
    Sync,
    /// `open` to `opened`.
    Open,
    /// From the intended moment to the write on the socket: the rules' waiting, and this tool's own lateness.
    Late,
}

impl Timed {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 10] = [
        Self::Sent,
        Self::Received,
        Self::LastDevice,
        Self::Push,
        Self::Back,
        Self::Handshake,
        Self::Hello,
        Self::Sync,
        Self::Open,
        Self::Late,
    ];

    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::LastDevice => "last_device",
            Self::Push => "push",
            Self::Back => "back",
            Self::Handshake => "handshake",
            Self::Hello => "hello",
            Self::Sync => "sync",
            Self::Open => "open",
            Self::Late => "late",
        }
    }
}

/// Plain counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Entries that were sent for the first time.
    pub sent: u64,
    /// Entries that were acknowledged.
    pub acknowledged: u64,
    /// Entries that reached another device.
    pub received: u64,
    /// Of those, the ones that came in an answer to `sync` or `history`.
    pub caught_up: u64,
    /// Sends that were repeated.
    pub resent: u64,
    /// Intended messages that were never sent, because the run ended first.
    pub unsent: u64,
    /// Frames and bytes, both ways.
    pub frames_in: u64,
    /// Bytes of them.
    pub bytes_in: u64,
    /// Frames of ours.
    pub frames_out: u64,
    /// Bytes of them.
    pub bytes_out: u64,
    /// Connections that were opened.
    pub connects: u64,
    /// Connections that ended, and not because the plan said so.
    pub drops: u64,
    /// Errors of all kinds.
    pub errors: u64,
}

/// Everything that is written down while a run goes on.
#[derive(Debug)]
pub struct Recorder {
    histograms: Vec<Histogram<u64>>,
    /// The counts so far.
    pub counts: Counts,
    errors: BTreeMap<String, u64>,
    points: Vec<Point>,
    width: Micros,
    point_began: Micros,
    point_counts: Counts,
    point_received: Histogram<u64>,
    point_sample: Option<Sample>,
}

impl Recorder {
    /// A recorder for a run of about this length.
    pub fn new(expected: Micros) -> Result<Self, hdrhistogram::CreationError> {
        let histograms: Result<Vec<_>, _> = Timed::ALL
            .iter()
            .map(|_| Histogram::new_with_max(TIME_MAX, 3))
            .collect();
        Ok(Self {
            histograms: histograms?,
            counts: Counts::default(),
            errors: BTreeMap::new(),
            points: Vec::new(),
            width: SECOND * (expected / SECOND / POINTS_MAX + 1),
            point_began: 0,
            point_counts: Counts::default(),
            point_received: Histogram::new_with_max(TIME_MAX, 2)?,
            point_sample: None,
        })
    }

    /// Something took so long.
    pub fn took(&mut self, timed: Timed, micros: Micros) {
        self.histograms[timed as usize].saturating_record(micros);
        if timed == Timed::Received {
            self.point_received.saturating_record(micros);
        }
    }

    /// Something went wrong; `kind` says what, and comes from our own code.
    pub fn error(&mut self, kind: &str) {
        self.counts.errors += 1;
        let known = self.errors.len() < ERRORS_MAX || self.errors.contains_key(kind);
        let kind = if known { kind } else { "others" };
        *self.errors.entry(kind.to_owned()).or_default() += 1;
    }

    /// The gateway refused an action with a code. Codes that the protocol does not have are one kind.
    pub fn refused(&mut self, action: &str, code: &str) {
        let known = ErrorCode::ALL.iter().find(|it| it.as_str() == code);
        let code = known.map_or("unknown code", |it| it.as_str());
        self.error(&format!("{action}: {code}"));
    }

    /// Time has passed: ends a point of the series where it is due.
    pub fn tick(&mut self, now: Micros, connections: u32, server: Option<Sample>) {
        if now < self.point_began + self.width {
            return;
        }
        let length = seconds(now - self.point_began);
        let (before, after) = (self.point_counts, self.counts);
        let rate = |after: u64, before: u64| (after - before) as f64 / length;
        let cores = match (self.point_sample, server) {
            (Some(before), Some(after)) => {
                Some(seconds(after.cpu.saturating_sub(before.cpu)) / length)
            }
            (_, _) => None,
        };
        let quantile = |it: f64| {
            (!self.point_received.is_empty()).then(|| self.point_received.value_at_quantile(it))
        };
        self.points.push(Point {
            at_s: seconds(now),
            sent_per_s: rate(after.sent, before.sent),
            acknowledged_per_s: rate(after.acknowledged, before.acknowledged),
            received_per_s: rate(after.received, before.received),
            errors_per_s: rate(after.errors, before.errors),
            received_p50_us: quantile(0.5),
            received_p99_us: quantile(0.99),
            connections,
            server_cores: cores,
            server_rss_bytes: server.map(|it| it.rss),
        });
        (self.point_began, self.point_counts, self.point_sample) = (now, after, server);
        self.point_received.reset();
    }

    /// Messages acknowledged a second, lately.
    pub fn last_rate(&self) -> f64 {
        self.points.last().map_or(0.0, |it| it.acknowledged_per_s)
    }

    /// A quantile so far, where there is one.
    pub fn quantile(&self, timed: Timed, quantile: f64) -> Option<Micros> {
        let histogram = &self.histograms[timed as usize];
        (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile))
    }

    /// The distributions, of what was timed at all.
    pub fn latencies(&self) -> BTreeMap<String, Latency> {
        let timed = Timed::ALL.iter().zip(&self.histograms);
        timed
            .filter(|(_, histogram)| !histogram.is_empty())
            .map(|(timed, histogram)| (timed.name().to_owned(), Latency::of(histogram)))
            .collect()
    }

    /// The errors by kind.
    pub fn errors(&self) -> BTreeMap<String, u64> {
        self.errors.clone()
    }

    /// The series.
    pub fn points(&self) -> Vec<Point> {
        self.points.clone()
    }
}
