//! The reference client: the rules of the protocol for a device, as a state machine without sockets and without a clock.
//!
//! It is told what happened (a connection opened, a frame came, the app wants to send) and what time it is, and says
//! what is to be done ([`Output`]). The simulation runs hundreds of them; the conformance kit judges it like any other.
//!
//! - [`shelf`]: what the device holds of each log, its cursors, and the gaps
//! - [`outbox`]: what is to be sent, each with its stable `after`, one in flight per conversation
//! - [`link`]: connections: backoff, keep-alive, a new one before the old one ends
//! - [`receipts`]: what was stored and seen, coalesced
//! - `answers`: what a frame of the gateway means

mod answers;
pub mod link;
pub mod outbox;
pub mod receipts;
pub mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchboard::protocol::Action;

use link::Links;
use outbox::Outbox;
use receipts::Receipts;
use shelf::Shelf;

/// How long an answer may take before the socket is given up for dead.
pub const ANSWER_MS: u64 = 15_000;
/// How long a gap may stay open before it is asked for: mostly the missing entry is just behind.
pub const GAP_MS: u64 = 500;
/// Cursors in one `sync`.
const SYNC_CURSORS_MAX: usize = 500;

/// A connection of the device, numbered by the device.
pub type LinkId = u64;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a connection; `fresh`: with a new token.
    Connect {
        /// The connection's number.
        link: LinkId,
        /// Whether the last token is no good any more.
        fresh: bool,
    },
    /// Send a frame.
    Transmit {
        /// Over which connection.
        link: LinkId,
        /// The frame.
        frame: Value,
    },
    /// Close a connection.
    Close {
        /// Which.
        link: LinkId,
    },
    /// An entry of this device is in the log.
    Accepted {
        /// Where.
        conversation: String,
        /// The entry's id.
        id: String,
        /// Its place.
        seq: u64,
        /// When it was accepted.
        ts: u64,
    },
    /// An entry of this device never will be in the log.
    Refused {
        /// Where.
        conversation: String,
        /// The entry's id.
        id: String,
        /// The error's code.
        code: String,
    },
    /// An entry is shown that was not shown before.
    Shown {
        /// Where.
        conversation: String,
        /// Its place.
        seq: u64,
    },
}

/// How much of a log a device that is new to it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// All of it.
    Whole,
    /// The newest entries; older ones only when somebody scrolls.
    Newest,
}

/// What was asked and not yet answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    Hello,
    Sync,
    History {
        conversation: String,
    },
    Send {
        conversation: String,
        id: String,
    },
    Open {
        with: String,
        key: String,
    },
    Register,
    /// The app's own question: the app sees the answer, and asks again if it still wants one.
    Other,
}

/// A question on its way.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) asked: Asked,
    pub(crate) link: LinkId,
    pub(crate) at: u64,
}

/// A device's client.
#[derive(Debug)]
pub struct Client {
    device: Option<String>,
    /// Who the gateway says that we are.
    pub(crate) user: String,
    pub(crate) loads: Loads,
    pub(crate) links: Links,
    pub(crate) shelf: Shelf,
    pub(crate) outbox: Outbox,
    pub(crate) receipts: Receipts,
    pub(crate) questions: BTreeMap<u64, Question>,
    pub(crate) next_ref: u64,
    /// Pairs that are to be opened: with whom, under which key.
    pub(crate) openings: BTreeSet<(String, String)>,
    pub(crate) needs_sync: bool,
    /// A retry after `unavailable` waits until then.
    pub(crate) not_before: u64,
    /// The push token to register, until it is.
    pub(crate) push_token: Option<String>,
    pub(crate) outputs: Vec<Output>,
}

impl Client {
    /// A client that wants no connection yet. The seed is of its jitter.
    pub fn new(device: Option<&str>, loads: Loads, seed: u64) -> Self {
        Self {
            device: device.map(str::to_owned),
            user: String::new(),
            loads,
            links: Links::new(seed),
            shelf: Shelf::default(),
            outbox: Outbox::default(),
            receipts: Receipts::default(),
            questions: BTreeMap::new(),
            next_ref: 0,
            openings: BTreeSet::new(),
            needs_sync: false,
            not_before: 0,
            push_token: None,
            outputs: Vec::new(),
        }
    }

    /// From now on the device wants to be connected.
    pub fn start(&mut self, now: u64) {
        self.links.wanted = true;
        self.pump(now);
    }

    /// The device goes away: politely, every connection is closed.
    pub fn stop(&mut self, now: u64) {
        self.links.wanted = false;
        for link in self.links.ids() {
            self.outputs.push(Output::Close { link });
            self.forget_link(link, now);
        }
    }

    /// The device dies with what is in its memory; `shelf_too`: its storage is gone as well, all but the outbox.
    pub fn crash(&mut self, shelf_too: bool) {
        self.links.wanted = false;
        for link in self.links.ids() {
            self.links.remove(link);
        }
        self.questions.clear();
        self.outbox.nothing_in_flight();
        self.receipts = Receipts::default();
        self.outputs.clear();
        if shelf_too {
            self.shelf = Shelf::default();
        }
    }

    /// Registers the device for pushes, once it is connected.
    pub fn register(&mut self, push_token: &str) {
        self.push_token = Some(push_token.to_owned());
    }

    /// Opens a conversation.
    pub fn open(&mut self, with: &str, key: &str, now: u64) {
        self.openings.insert((with.to_owned(), key.to_owned()));
        self.pump(now);
    }

    /// Sends a body as a new entry of this id.
    pub fn send(&mut self, conversation: &str, id: &str, body: Value, now: u64) {
        self.outbox.push(conversation, id, body);
        self.pump(now);
    }

    /// Somebody has seen everything that is shown of a conversation.
    pub fn read(&mut self, conversation: &str, now: u64) {
        let cursor = self.shelf.cursor(conversation);
        self.receipts.read(conversation, cursor);
        self.pump(now);
    }

    /// A frame of the app's own: `typing`, or a question whose answer the app waits for.
    pub fn say(&mut self, frame: Value, now: u64) {
        let Some(link) = self.links.active() else {
            return;
        };
        if frame["action"].as_str().is_some_and(Action::is_answered) {
            self.ask(link, Asked::Other, frame, now);
        } else {
            self.transmit(link, frame, now);
        }
        self.pump(now);
    }

    /// A connection is open.
    pub fn opened(&mut self, link: LinkId, now: u64) {
        if self.links.open(link) {
            self.ask(link, Asked::Hello, json!({"action": "hello"}), now);
            self.pump(now);
        }
    }

    /// A handshake was refused; a 401 asks for another token.
    pub fn refused(&mut self, link: LinkId, status: u16, now: u64) {
        self.links.fresh |= status == 401;
        self.closed(link, now);
    }

    /// A connection has ended, or was never made.
    pub fn closed(&mut self, link: LinkId, now: u64) {
        if self.links.has(link) {
            self.forget_link(link, now);
            self.pump(now);
        }
    }

    /// A frame came.
    pub fn heard(&mut self, link: LinkId, frame: &Value, now: u64) {
        if self.links.has(link) {
            self.links.heard(link, now);
            self.answer(link, frame, now);
            self.pump(now);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: u64) {
        self.pump(now);
    }

    /// What is to be done; each is said once.
    pub fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// What the device holds.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The device's name.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Whether everything is done: connected, in sync, nothing to send, confirm, open or ask.
    pub fn is_idle(&self) -> bool {
        self.links.active().is_some()
            && self.questions.is_empty()
            && !self.needs_sync
            && self.outbox.is_empty()
            && self.openings.is_empty()
            && self.push_token.is_none()
            && self.shelf.gaps().next().is_none()
            && !self.receipts.is_due(&self.shelf)
    }

    pub(crate) fn forget_link(&mut self, link: LinkId, now: u64) {
        self.links.lose(link, now);
        let lost: Vec<u64> = self
            .questions
            .iter()
            .filter(|(_, question)| question.link == link)
            .map(|(reference, _)| *reference)
            .collect();
        for reference in lost {
            if let Some(question) = self.questions.remove(&reference) {
                self.unanswered(question.asked);
            }
        }
    }

    /// A question got no answer: what it was for is still to be done.
    pub(crate) fn unanswered(&mut self, asked: Asked) {
        match asked {
            Asked::Sync => self.needs_sync = true,
            Asked::History { conversation } => self.shelf.ask_again(&conversation),
            Asked::Send { conversation, id } => self.outbox.not_in_flight(&conversation, &id),
            Asked::Open { with, key } => {
                self.openings.insert((with, key));
            }
            // What is to be registered is kept until it was answered; the rest nobody waits for.
            Asked::Hello | Asked::Register | Asked::Other => {}
        }
    }

    pub(crate) fn ask(&mut self, link: LinkId, asked: Asked, mut frame: Value, now: u64) {
        self.next_ref += 1;
        frame["ref"] = json!(self.next_ref.to_string());
        let question = Question {
            asked,
            link,
            at: now,
        };
        self.questions.insert(self.next_ref, question);
        self.transmit(link, frame, now);
    }

    fn transmit(&mut self, link: LinkId, frame: Value, now: u64) {
        let ping = frame["action"] == "ping";
        self.links.spoke(link, now, ping);
        self.outputs.push(Output::Transmit { link, frame });
    }

    pub(crate) fn is_asking(&self, wanted: impl Fn(&Asked) -> bool) -> bool {
        self.questions.values().any(|it| wanted(&it.asked))
    }

    /// Does whatever is to be done now.
    fn pump(&mut self, now: u64) {
        self.give_up_the_dead(now);
        if let Some((link, fresh)) = self.links.connect(now) {
            self.outputs.push(Output::Connect { link, fresh });
        }
        let Some(link) = self.links.active() else {
            return;
        };
        if now < self.not_before {
            return;
        }
        self.pump_sync(link, now);
        self.pump_rest(link, now);
        if self.links.is_silent(link, now) {
            self.transmit(link, json!({"action": "ping"}), now);
        }
    }

    fn give_up_the_dead(&mut self, now: u64) {
        let late = self
            .questions
            .values()
            .filter(|it| now >= it.at + ANSWER_MS);
        let mut dead: BTreeSet<LinkId> = late.map(|it| it.link).collect();
        dead.extend(self.links.deaf(now, ANSWER_MS));
        for link in dead {
            self.outputs.push(Output::Close { link });
            self.forget_link(link, now);
        }
    }

    fn pump_sync(&mut self, link: LinkId, now: u64) {
        if self.needs_sync && !self.is_asking(|it| *it == Asked::Sync) {
            self.needs_sync = false;
            let cursors = self.shelf.cursors(SYNC_CURSORS_MAX);
            let frame = json!({"action": "sync", "cursors": cursors});
            self.ask(link, Asked::Sync, frame, now);
        }
        let due: Vec<(String, u64)> = self.shelf.gaps_due(now);
        for (conversation, after) in due {
            self.shelf.asked(&conversation);
            let frame = json!({"action": "history", "conversation": conversation, "after": after, "limit": 100});
            self.ask(link, Asked::History { conversation }, frame, now);
        }
    }

    fn pump_rest(&mut self, link: LinkId, now: u64) {
        if let Some(token) = self.push_token.clone()
            && let Some(device) = self.device.clone()
            && !self.is_asking(|it| *it == Asked::Register)
        {
            let frame =
                json!({"action": "device", "platform": "fcm", "token": token, "device": device});
            self.ask(link, Asked::Register, frame, now);
        }
        for (with, key) in std::mem::take(&mut self.openings) {
            let frame = json!({"action": "open", "with": with, "key": key});
            self.ask(link, Asked::Open { with, key }, frame, now);
        }
        for send in self.outbox.due(&self.shelf, now) {
            let asked = Asked::Send {
                conversation: send.conversation.clone(),
                id: send.id.clone(),
            };
            self.ask(link, asked, send.frame(), now);
        }
        if let Some(receipts) = self.receipts.due(&self.shelf, now) {
            self.transmit(
                link,
                json!({"action": "receipt", "receipts": receipts}),
                now,
            );
        }
    }

    /// When `tick` has something to do at the latest, if nothing happens before.
    pub fn next_tick(&self, now: u64) -> Option<u64> {
        let mut due = vec![self.links.next(now)];
        due.extend(self.questions.values().map(|it| Some(it.at + ANSWER_MS)));
        if self.links.active().is_some() {
            due.push((self.not_before > now).then_some(self.not_before));
            due.push(self.shelf.next_gap());
            due.push(self.outbox.next());
            due.push(self.receipts.next(&self.shelf, now));
        }
        due.into_iter().flatten().min().map(|at| at.max(now + 1))
    }

    /// Whether a connection is still one of the device's.
    pub fn has(&self, link: LinkId) -> bool {
        self.links.has(link)
    }

    /// The number of the newest connection that was ever asked for.
    pub fn last_link(&self) -> LinkId {
        self.links.last()
    }

    /// The connection that serves.
    pub fn active(&self) -> Option<LinkId> {
        self.links.active()
    }

    /// What keeps the device from being idle, in words.
    pub fn concerns(&self) -> String {
        format!(
            "active {:?}, asking {:?}, needs sync {}, to send {}, openings {}, registers {}, gaps {:?}, unconfirmed {}",
            self.links.active(),
            self.questions
                .values()
                .map(|it| &it.asked)
                .collect::<Vec<_>>(),
            self.needs_sync,
            self.outbox.waiting().count(),
            self.openings.len(),
            self.push_token.is_some(),
            self.shelf.gaps().collect::<Vec<_>>(),
            self.receipts.is_due(&self.shelf),
        )
    }
}
