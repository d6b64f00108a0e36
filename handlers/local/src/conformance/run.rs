//! A play under way, as a state machine without sockets and without a clock.
//!
//! It is told what the client does and what time it is, and says what is to be done to the client ([`Deed`]).
//! The script decides what goes wrong, `answers` what the gateway says, and the judge what the client broke.

use std::collections::BTreeMap;

use switchboard::protocol::event::Event;
use switchboard::protocol::{DeviceId, ServerFrame, TimestampMs};

use crate::conformance::contact::{Answer, Connection, Deed, Heard};
use crate::conformance::handshake::{Bearer, Handshake};
use crate::conformance::judge::Judge;
use crate::conformance::limits::{RECONNECT_BY_LATE_MS, RECONNECT_BY_MS};
use crate::conformance::log::Log;
use crate::conformance::play::Play;
use crate::conformance::rig::{Progress, Rig};
use crate::conformance::rule::Rule;
use crate::conformance::strange::strange;
use crate::conformance::verdict::{Verdict, Who};

/// How long the token of somebody whose token does not say is valid.
const TOKEN_MS: u64 = 3_600_000;

/// The code that ends the connection of a client that repeats itself without end.
const TOO_MUCH: u16 = 1008;

/// A play under way.
#[derive(Debug)]
pub struct Run {
    pub(crate) play: &'static Play,
    number: u64,
    seed: u128,
    pub(crate) log: Log,
    pub(crate) judge: Judge,
    pub(crate) connections: BTreeMap<u64, Connection>,
    pub(crate) connected: u64,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) rig: Rig,
    pub(crate) progress: Progress,
}

impl Run {
    /// A play that begins with the first handshake. The seed is of its ids.
    pub fn new(play: &'static Play, number: u64, seed: u128) -> Self {
        let nobody = Bearer::nobody();
        let mut judge = Judge::default();
        judge.one_in_flight = play.judges.contains(&Rule::OneInFlight);
        Self {
            play,
            number,
            seed,
            log: Log::new(nobody.user, nobody.role, seed, 0),
            judge,
            connections: BTreeMap::new(),
            connected: 0,
            deeds: Vec::new(),
            rig: Rig::default(),
            progress: Progress::default(),
        }
    }

    /// Somebody asks to be let in.
    pub fn knock(&mut self, handshake: &Handshake, now: TimestampMs) -> Answer {
        if !self.progress.began {
            (self.progress.began, self.progress.since) = (true, now);
            self.judge.record.begin(now);
        }
        self.note(Who::Client, None, "asks to connect", now);
        let token = self.judge.knocks(handshake, now);
        let answer = match token {
            None => Answer::Refused(401),
            // Nobody is served without end.
            Some(_) if self.judge.is_storm() => Answer::Refused(429),
            Some(_) if self.rig.refusals > 0 => {
                self.rig.refusals -= 1;
                Answer::Refused(503)
            }
            Some(token) => Answer::Admitted(self.admit(handshake, token, now)),
        };
        match answer {
            Answer::Admitted(connection) => {
                self.note(Who::Server, Some(connection), "is connected", now);
            }
            Answer::Refused(status) => {
                self.judge.disconnected(now);
                self.note(Who::Server, None, &format!("answers {status}"), now);
            }
        }
        self.advance(now);
        answer
    }

    fn admit(&mut self, handshake: &Handshake, token: String, now: TimestampMs) -> u64 {
        let bearer = Bearer::of(&token).unwrap_or_else(Bearer::nobody);
        let expires_at = bearer.expires_at.unwrap_or(now + TOKEN_MS);
        if self.connected == 0 {
            self.log = Log::new(bearer.user, bearer.role, self.seed, now);
        }
        self.connected += 1;
        let hurried = self.play.setting.hurried && self.connected == 1;
        let life_ms = if hurried {
            RECONNECT_BY_MS
        } else {
            RECONNECT_BY_LATE_MS
        };
        let device: Option<DeviceId> = handshake.device.as_ref().and_then(|it| it.parse().ok());
        // The same device has one connection: the gateway closes the one before.
        let same = |it: &Connection| device.is_some() && it.device == device;
        let replaced: Vec<u64> = self
            .connections
            .iter()
            .filter(|(_, it)| same(it))
            .map(|(connection, _)| *connection)
            .collect();
        for connection in replaced {
            self.close(connection, 1000, now);
        }
        let connection = Connection {
            device,
            token,
            expires_at,
            reconnect_by: expires_at.min(now + life_ms),
            spoke: false,
        };
        self.connections.insert(self.connected, connection);
        self.connected
    }

    /// The client said something.
    pub fn heard(&mut self, connection: u64, heard: Heard<'_>, now: TimestampMs) {
        if !self.connections.contains_key(&connection) {
            return;
        }
        self.judge.frame(now);
        if self.judge.is_storm() {
            self.close(connection, TOO_MUCH, now);
            return self.advance(now);
        }
        match heard {
            Heard::Text(text) => {
                self.note(Who::Client, Some(connection), text, now);
                self.answer(connection, text, now);
            }
            Heard::Offence(code) => {
                let why = format!("the platform closed the connection with {code}");
                self.judge.record.breach(Rule::WellFormed, why, now);
                self.close(connection, code, now);
            }
        }
        self.advance(now);
    }

    /// The client has closed a connection, or it broke.
    pub fn left(&mut self, connection: u64, code: u16, now: TimestampMs) {
        if !self.connections.contains_key(&connection) {
            return;
        }
        self.note(
            Who::Client,
            Some(connection),
            &format!("closes with {code}"),
            now,
        );
        if self.play.setting.strange {
            let why = format!("the client closed connection {connection} with {code}");
            self.judge.record.breach(Rule::IgnoresUnknown, why, now);
        }
        if self.play.setting.hurried && connection == 1 && self.connected == 1 {
            let why = "the client closed the old connection before it had another";
            self.judge.record.breach(Rule::NewBeforeOld, why, now);
        }
        self.forget(connection, now);
        self.advance(now);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: TimestampMs) {
        self.advance(now);
    }

    /// What is to be done; each is said once.
    pub fn deeds(&mut self) -> Vec<Deed> {
        std::mem::take(&mut self.deeds)
    }

    /// Whether the play has ended.
    pub fn is_done(&self) -> bool {
        self.judge.record.is_closed()
    }

    /// What came of it, so far.
    pub fn verdict(&self) -> Verdict {
        let waiting = self.progress.gave_up.clone().or_else(|| self.waiting());
        let record = &self.judge.record;
        record.verdict(self.play.name, self.number, waiting)
    }

    /// Tells one connection something.
    pub(crate) fn tell(&mut self, connection: u64, frame: &ServerFrame, now: TimestampMs) {
        self.post(connection, frame.to_json(), now);
    }

    /// Tells every connection that has spoken.
    pub(crate) fn tell_all(&mut self, event: &Event, now: TimestampMs) {
        let spoke = self.connections.iter().filter(|(_, it)| it.spoke);
        let spoke: Vec<u64> = spoke.map(|(connection, _)| *connection).collect();
        for connection in spoke {
            self.tell(connection, &event.clone().unasked(), now);
            if let Event::Entry(entry) = event {
                self.judge.gave(entry.seq);
            }
        }
    }

    pub(crate) fn post(&mut self, connection: u64, text: String, now: TimestampMs) {
        if !self.connections.contains_key(&connection) {
            return;
        }
        let text = if self.play.setting.strange {
            strange(&text)
        } else {
            text
        };
        self.note(Who::Server, Some(connection), &text, now);
        self.deeds.push(Deed::Post { connection, text });
    }

    pub(crate) fn close(&mut self, connection: u64, code: u16, now: TimestampMs) {
        self.note(
            Who::Server,
            Some(connection),
            &format!("closes with {code}"),
            now,
        );
        self.deeds.push(Deed::Close { connection, code });
        self.forget(connection, now);
    }

    pub(crate) fn cut(&mut self, connection: u64, now: TimestampMs) {
        self.note(Who::Server, Some(connection), "cuts the connection", now);
        self.deeds.push(Deed::Cut { connection });
        self.forget(connection, now);
    }

    fn forget(&mut self, connection: u64, now: TimestampMs) {
        self.connections.remove(&connection);
        self.rig.forget(connection);
        self.judge.lost(connection);
        if self.connections.is_empty() {
            self.judge.disconnected(now);
        }
    }

    pub(crate) fn note(&mut self, who: Who, connection: Option<u64>, what: &str, now: TimestampMs) {
        self.judge.record.note(who, connection, what, now);
    }
}
