//! The connection: keep-alive, coming back with jitter, and another one before the platform ends it.

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Device, Question};
use crate::clock::{Micros, SECOND};
use crate::frame;
use crate::recorder::Timed;
use crate::socket::{NotConnected, Socket};
use crate::world::{Fatal, Phase};

/// The first backoff's bound, and the bound of all.
const BACKOFF_MIN: Micros = SECOND / 2;
const BACKOFF_MAX: Micros = 60 * SECOND;
/// Silence after which a `ping` goes out: the platform closes after ten minutes.
pub(super) const SILENT: Micros = 9 * 60 * SECOND;
/// A receipt that was sent so shortly before a connection was lost may not have arrived.
const RECENT: Micros = 2 * SECOND;

/// A device's connection, and when to have another one.
#[derive(Debug, Default)]
pub(super) struct Link {
    socket: Option<Socket>,
    /// `hello` was answered.
    pub(super) is_welcomed: bool,
    /// `sync` was answered to its end.
    pub(super) is_in_sync: bool,
    /// The next attempt, where there is no connection.
    pub(super) connect_at: Micros,
    attempts: u32,
    spoke_at: Micros,
    /// When another connection is to be opened.
    pub(super) reconnect_at: Option<Micros>,
    /// When the plan lets the connection drop.
    pub(super) drop_at: Option<Micros>,
}

impl Link {
    pub(super) fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// The next frame; none where the connection is lost; never where there is none.
    pub(super) async fn hear(&mut self) -> Option<Utf8Bytes> {
        match &mut self.socket {
            Some(socket) => socket.hear().await,
            None => std::future::pending().await,
        }
    }

    /// Since when nothing was said.
    pub(super) fn silent_since(&self) -> Micros {
        self.spoke_at
    }

    pub(super) fn next_due(&self, is_wanted: bool) -> Option<Micros> {
        if !self.is_open() {
            return is_wanted.then_some(self.connect_at);
        }
        let planned = self.reconnect_at.into_iter().chain(self.drop_at);
        planned.chain([self.spoke_at + SILENT]).min()
    }

    /// The next attempt waits, anywhere between nothing and a bound that doubles.
    fn back_off(&mut self, now: Micros, random: &mut fastrand::Rng) {
        let bound = (BACKOFF_MIN << self.attempts.min(10)).min(BACKOFF_MAX);
        self.attempts += 1;
        self.connect_at = now + random.u64(0..=bound);
    }
}

impl Device {
    /// Whether the device is to be connected at all.
    pub(super) fn is_wanted(&self) -> bool {
        !self.is_away
    }

    pub(super) fn is_to_connect(&self) -> bool {
        let now = self.now();
        let ends = self.link.reconnect_at.is_some_and(|at| now >= at);
        let lacks_one = !self.link.is_open() && now >= self.link.connect_at;
        self.is_wanted() && (lacks_one || ends)
    }

    /// Opens a connection and says hello. One that is there is replaced: the gateway closes it.
    pub(super) async fn connect(&mut self) -> Result<(), Fatal> {
        if self.phase == Phase::Gather {
            // Everybody at once is what `storm` is for.
            tokio::time::sleep_until(self.world.clock.at(self.world.slot())).await;
        }
        let began = self.now();
        let token = &self.who.person.token;
        let opened =
            Socket::open(&self.world.target, &self.world.trust, &self.who.name, token).await;
        let socket = match opened {
            Ok(socket) => socket,
            Err(NotConnected::Refused(status @ (401 | 403))) => {
                let user = &self.who.person.user;
                return Err(Fatal(format!(
                    "the handshake of {user} was refused with {status}: its token is not valid here"
                )));
            }
            Err(NotConnected::Refused(status)) => {
                self.could_not_connect(&format!("connect: {status}"));
                return Ok(());
            }
            Err(NotConnected::Failed(reason)) => {
                self.could_not_connect(reason);
                return Ok(());
            }
        };
        if self.link.is_open() {
            self.let_go();
        }
        let now = self.now();
        {
            let mut recorder = self.world.recorder.borrow_mut();
            recorder.took(Timed::Handshake, now - began);
            recorder.counts.connects += 1;
        }
        self.world.connections.set(self.world.connections.get() + 1);
        self.link.socket = Some(socket);
        (
            self.link.is_welcomed,
            self.link.is_in_sync,
            self.link.reconnect_at,
        ) = (false, false, None);
        self.greet_again().await;
        Ok(())
    }

    /// Says hello, the first time or once more: whoever answers is alive.
    pub(super) async fn greet_again(&mut self) {
        self.link.is_welcomed = false;
        let reference = self.refers(Question::Hello);
        self.say(frame::hello(reference)).await;
    }

    /// Says something, where there is a connection.
    pub(super) async fn say(&mut self, text: String) {
        let bytes = text.len() as u64;
        let Some(socket) = &mut self.link.socket else {
            return;
        };
        let is_said = socket.say(text).await;
        self.link.spoke_at = self.now();
        if is_said {
            let mut recorder = self.world.recorder.borrow_mut();
            recorder.counts.frames_out += 1;
            recorder.counts.bytes_out += bytes;
        } else {
            self.lose("connection lost");
        }
    }

    /// A connection was lost that should be there: comes back with jitter.
    pub(super) fn lose(&mut self, reason: &str) {
        if !self.link.is_open() {
            return;
        }
        self.let_go();
        let now = self.now();
        self.link.back_off(now, &mut self.random);
        self.dropped_at.get_or_insert(now);
        let mut recorder = self.world.recorder.borrow_mut();
        recorder.counts.drops += 1;
        recorder.error(reason);
    }

    /// Drops the connection because the plan says so, and comes back with jitter.
    pub(super) fn drop_connection(&mut self) {
        self.let_go();
        let now = self.now();
        self.link.attempts = 0;
        self.link.back_off(now, &mut self.random);
        self.dropped_at = Some(now);
    }

    /// Leaves politely.
    pub(super) async fn leave(&mut self) {
        let socket = self.link.socket.take();
        if let Some(socket) = socket {
            self.world
                .connections
                .set(self.world.connections.get().saturating_sub(1));
            self.forget_questions();
            socket.close().await;
        }
    }

    pub(super) fn welcome(&mut self, life: Option<Micros>) {
        let now = self.now();
        self.link.attempts = 0;
        self.link.is_welcomed = true;
        self.link.is_in_sync = self.pair.borrow().conversations.is_empty();
        // Some time ahead, so that a slow handshake is no gap.
        self.link.reconnect_at = life.map(|life| now + life - (60 * SECOND).min(life / 10));
    }

    fn could_not_connect(&mut self, reason: &str) {
        let now = self.now();
        self.link.back_off(now, &mut self.random);
        // Where another connection still serves, the next attempt is as far away.
        self.link.reconnect_at = self.link.reconnect_at.map(|_| self.link.connect_at);
        self.world.recorder.borrow_mut().error(reason);
    }

    fn let_go(&mut self) {
        if self.link.socket.take().is_some() {
            self.world
                .connections
                .set(self.world.connections.get().saturating_sub(1));
        }
        self.forget_questions();
    }

    fn forget_questions(&mut self) {
        let now = self.now();
        (
            self.link.is_welcomed,
            self.link.is_in_sync,
            self.link.reconnect_at,
        ) = (false, false, None);
        self.asked.clear();
        for desk in &mut self.desks {
            if desk.connection_lost(now, RECENT) {
                self.receipt_at.get_or_insert(now);
            }
        }
    }
}
