//! A device: the reference client, the app on top of it, and the hand that tampers with both.

use serde_json::{Value, json};
use switchboard_local::conformance::Handshake;
use switchboard_tests::client::{Client, LinkId, Loads, Output};
use switchboard_tests::ulid;

use crate::tamper::{Pause, Tamper, Wish};

/// Whom the device belongs to.
pub(crate) const USER: &str = "alice";

/// What a device does to its connections.
#[derive(Debug)]
pub(crate) enum Does {
    Connect { link: LinkId, fresh: bool },
    Say { link: LinkId, text: String },
    Close { link: LinkId },
}

/// A device. Its time is the caller's.
pub(crate) struct Device {
    client: Client,
    tamper: Tamper,
    /// What the client's clock is ahead by, where its pauses were cut short.
    ahead_ms: u64,
    /// When the client is woken up, while its pause is not its own.
    wakes_at: Option<u64>,
    /// A connection that the client's own pause, of no length, has let through.
    early: Option<Does>,
    attempts: u32,
    does: Vec<Does>,
}

impl Device {
    /// A device that wants to be connected. The seed is of its jitter.
    pub(crate) fn new(seed: u64, tamper: Tamper, now: u64) -> Self {
        let mut device = Self {
            client: Client::new(Some("phone-1"), Loads::Whole, seed),
            tamper,
            ahead_ms: 0,
            wakes_at: None,
            early: None,
            attempts: 0,
            does: Vec::new(),
        };
        device.client.start(now);
        device.pump(now);
        device
    }

    /// What is to be done; each is said once.
    pub(crate) fn does(&mut self) -> Vec<Does> {
        std::mem::take(&mut self.does)
    }

    /// The handshake of a new connection.
    pub(crate) fn handshake(&mut self, token: &str) -> Handshake {
        let mut handshake = Handshake {
            query: vec![("device".to_owned(), "phone-1".to_owned())],
            protocols: Vec::new(),
            token: Some(token.to_owned()),
            device: Some("phone-1".to_owned()),
        };
        (self.tamper.handshake)(&mut handshake);
        handshake
    }

    pub(crate) fn opened(&mut self, link: LinkId, now: u64) {
        self.attempts = 0;
        self.client.opened(link, now + self.ahead_ms);
        self.pump(now);
    }

    pub(crate) fn refused(&mut self, link: LinkId, status: u16, now: u64) {
        self.client.refused(link, status, now + self.ahead_ms);
        self.pauses(now);
        self.pump(now);
    }

    pub(crate) fn closed(&mut self, link: LinkId, now: u64) {
        self.client.closed(link, now + self.ahead_ms);
        self.pauses(now);
        self.pump(now);
    }

    pub(crate) fn heard(&mut self, link: LinkId, text: &str, now: u64) {
        let taken = (self.tamper.incoming)(serde_json::from_str(text).unwrap());
        for text in taken.says {
            self.does.push(Does::Say { link, text });
        }
        for frame in taken.hears {
            self.client.heard(link, &frame, now + self.ahead_ms);
            self.pump(now);
        }
        if taken.closes {
            self.does.push(Does::Close { link });
            self.closed(link, now);
        }
    }

    /// When `tick` has something to do.
    pub(crate) fn next_tick(&self, now: u64) -> Option<u64> {
        if self.wakes_at.is_some() {
            return self.wakes_at;
        }
        let at = self.client.next_tick(now + self.ahead_ms)?;
        Some(at.saturating_sub(self.ahead_ms).max(now))
    }

    pub(crate) fn tick(&mut self, now: u64) {
        if self.wakes_at.is_some_and(|at| now < at) {
            return;
        }
        if self.wakes_at.take().is_some() {
            // Its own pause is over as well, by its clock.
            let clock = now + self.ahead_ms;
            let due = self.client.next_tick(clock).unwrap_or(clock);
            self.ahead_ms += due - clock;
            self.does.extend(self.early.take());
        }
        self.client.tick(now + self.ahead_ms);
        self.pump(now);
    }

    fn pauses(&mut self, now: u64) {
        if self.client.active().is_some() {
            return;
        }
        self.wakes_at = match (self.tamper.pause)(self.attempts) {
            Pause::Client => None,
            Pause::Ms(ms) => Some(now + ms),
            Pause::Forever => Some(u64::MAX),
        };
        self.attempts += 1;
    }

    /// Does what the client asks for, and what the app does about entries.
    fn pump(&mut self, now: u64) {
        loop {
            let outputs = self.client.outputs();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                match output {
                    Output::Connect { link, fresh } if self.wakes_at.is_some() => {
                        self.early = Some(Does::Connect { link, fresh });
                    }
                    Output::Connect { link, fresh } => {
                        self.does.push(Does::Connect { link, fresh });
                    }
                    Output::Transmit { link, frame } => {
                        let texts = (self.tamper.outgoing)(frame);
                        let says = texts.into_iter().map(|text| Does::Say { link, text });
                        self.does.extend(says);
                    }
                    Output::Close { link } => self.does.push(Does::Close { link }),
                    Output::Shown { conversation, seq } => self.show(&conversation, seq, now),
                    Output::Accepted { .. } | Output::Refused { .. } => {}
                }
            }
        }
    }

    /// The app: three lines, as the kit's page has them.
    fn show(&mut self, conversation: &str, seq: u64, now: u64) {
        let clock = now + self.ahead_ms;
        self.client.read(conversation, clock);
        let entry = self
            .client
            .shelf()
            .shown(conversation)
            .find(|(place, _)| *place == seq);
        let (_, entry) = entry.expect("what is shown is held");
        let text = entry.body["text"].as_str().unwrap_or_default().to_owned();
        if entry.from == USER {
            return;
        }
        let body = if let Some(text) = text.strip_prefix("send ") {
            if let Wish::Frames(frames) = (self.tamper.wish)(conversation, text) {
                return self.say(frames);
            }
            json!({"kind": "text", "text": text})
        } else if text == "report" {
            if let Wish::Frames(frames) = (self.tamper.wish)(conversation, "report") {
                return self.say(frames);
            }
            let data = json!({"shown": self.report(conversation)});
            json!({"kind": "custom", "type": "conformance.report", "data": data})
        } else {
            return;
        };
        self.client.send(conversation, &ulid(), body, clock);
    }

    fn say(&mut self, frames: Vec<String>) {
        let Some(link) = self.client.active() else {
            return;
        };
        let says = frames.into_iter().map(|text| Does::Say { link, text });
        self.does.extend(says);
    }

    fn report(&mut self, conversation: &str) -> Vec<Value> {
        let shown = self.client.shelf().shown(conversation);
        let mut shown: Vec<(u64, String)> = shown
            .map(|(seq, held)| {
                let kind = held.body["kind"].as_str().unwrap_or_default();
                // An edit has a text as well, and is not shown as one.
                let text = held.body["text"].as_str().filter(|_| kind == "text");
                (seq, text.unwrap_or(kind).to_owned())
            })
            .collect();
        (self.tamper.shown)(&mut shown);
        shown.iter().map(|it| json!([it.0, it.1])).collect()
    }
}
