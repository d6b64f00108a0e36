//! Where a play runs: one task that owns the run, so that everything that happens to it happens in an order.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{Either, pending};
use switchboard::Clock;
use tokio::sync::{mpsc, oneshot};

use crate::conformance::contact::{Answer, Deed, Heard};
use crate::conformance::handshake::Handshake;
use crate::conformance::play::Play;
use crate::conformance::run::Run;
use crate::conformance::verdict::Verdict;

/// Calls that wait for the stage: beyond, sockets are not read.
const CALLS_MAX: usize = 64;
/// Orders that wait for a socket: a client that reads nothing is cut. The longest play has less than two hundred.
const ORDERS_MAX: usize = 1_024;
/// Those who may wait for a verdict; the others are told at once how it stands.
const WAITING_MAX: usize = 64;

/// What the stage is told.
#[derive(Debug)]
pub(crate) enum Call {
    /// Somebody asks to be let in.
    Knock(Handshake, oneshot::Sender<Result<Seat, u16>>),
    /// A text frame came.
    Text(Place, String),
    /// The connection cannot go on.
    Offence(Place, u16),
    /// The connection has ended.
    Left(Place, u16),
    /// How does it stand?
    Verdict(oneshot::Sender<Verdict>),
    /// What came of it, once it has ended?
    Done(oneshot::Sender<Verdict>),
    /// From the beginning.
    Anew,
}

/// A connection: of which run, and its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    run: u64,
    connection: u64,
}

/// What a socket is told.
#[derive(Debug)]
pub(crate) enum Order {
    Post(String),
    Close(u16),
    Cut,
}

/// A connection that was admitted.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) place: Place,
    pub(crate) orders: mpsc::Receiver<Order>,
}

/// A play and whoever is connected to it.
#[derive(Debug)]
pub(crate) struct Stage {
    run: Run,
    number: u64,
    play: &'static Play,
    seats: BTreeMap<u64, mpsc::Sender<Order>>,
    waiting: Vec<oneshot::Sender<Verdict>>,
    /// Whether the verdict was told.
    told: bool,
    clock: Arc<dyn Clock>,
    verdicts: mpsc::UnboundedSender<Verdict>,
}

impl Stage {
    pub(crate) fn new(
        play: &'static Play,
        clock: Arc<dyn Clock>,
        verdicts: mpsc::UnboundedSender<Verdict>,
    ) -> Self {
        Self {
            run: Run::new(play, 1, clock.dice()),
            number: 1,
            play,
            seats: BTreeMap::new(),
            waiting: Vec::new(),
            told: false,
            clock,
            verdicts,
        }
    }

    /// A way to call it.
    pub(crate) fn line() -> (mpsc::Sender<Call>, mpsc::Receiver<Call>) {
        mpsc::channel(CALLS_MAX)
    }

    /// Plays until nobody can call any more.
    pub(crate) async fn play(mut self, mut calls: mpsc::Receiver<Call>) {
        loop {
            let due = self.run.next_tick();
            let due = match due.map(|at| at.saturating_sub(self.clock.now_ms())) {
                Some(ms) => Either::Left(self.clock.sleep(ms)),
                None => Either::Right(pending()),
            };
            let call = tokio::select! {
                call = calls.recv() => match call {
                    Some(call) => Some(call),
                    None => return,
                },
                () = due => None,
            };
            match call {
                Some(call) => self.take(call),
                None => self.run.tick(self.clock.now_ms()),
            }
            self.carry_out();
            self.tell();
        }
    }

    fn take(&mut self, call: Call) {
        let now = self.clock.now_ms();
        match call {
            Call::Knock(handshake, answer) => self.knock(&handshake, answer, now),
            Call::Text(place, text) => self.with(place, |run, connection| {
                run.heard(connection, Heard::Text(&text), now);
            }),
            Call::Offence(place, code) => self.with(place, |run, connection| {
                run.heard(connection, Heard::Offence(code), now);
            }),
            Call::Left(place, code) => self.with(place, |run, connection| {
                run.left(connection, code, now);
            }),
            Call::Verdict(answer) => send(answer, self.run.verdict()),
            Call::Done(answer) if self.run.is_done() || self.waiting.len() >= WAITING_MAX => {
                send(answer, self.run.verdict());
            }
            Call::Done(answer) => self.waiting.push(answer),
            Call::Anew => self.begin_anew(),
        }
    }

    fn with(&mut self, place: Place, tell: impl FnOnce(&mut Run, u64)) {
        if place.run == self.number {
            tell(&mut self.run, place.connection);
        }
    }

    fn knock(
        &mut self,
        handshake: &Handshake,
        answer: oneshot::Sender<Result<Seat, u16>>,
        now: u64,
    ) {
        if self.run.is_done() {
            self.begin_anew();
        }
        let seat = match self.run.knock(handshake, now) {
            Answer::Refused(status) => Err(status),
            Answer::Admitted(connection) => {
                let (orders, taken) = mpsc::channel(ORDERS_MAX);
                self.seats.insert(connection, orders);
                let run = self.number;
                Ok(Seat {
                    place: Place { run, connection },
                    orders: taken,
                })
            }
        };
        let place = seat.as_ref().map(|it| it.place).ok();
        if answer.send(seat).is_err()
            && let Some(place) = place
        {
            self.run.left(place.connection, 1006, now);
        }
    }

    fn begin_anew(&mut self) {
        for (_, orders) in std::mem::take(&mut self.seats) {
            order(&orders, Order::Close(1000));
        }
        self.number += 1;
        self.run = Run::new(self.play, self.number, self.clock.dice());
        self.told = false;
    }

    fn carry_out(&mut self) {
        for deed in self.run.deeds() {
            let (connection, what) = match deed {
                Deed::Post { connection, text } => (connection, Order::Post(text)),
                Deed::Close { connection, code } => (connection, Order::Close(code)),
                Deed::Cut { connection } => (connection, Order::Cut),
            };
            let is_last = !matches!(what, Order::Post(_));
            let taken = self
                .seats
                .get(&connection)
                .is_some_and(|it| order(it, what));
            if is_last || !taken {
                self.seats.remove(&connection);
            }
            if !is_last && !taken {
                self.run.left(connection, 1006, self.clock.now_ms());
            }
        }
    }

    /// Tells whoever waits that the play has ended.
    fn tell(&mut self) {
        if !self.run.is_done() || std::mem::replace(&mut self.told, true) {
            return;
        }
        let verdict = self.run.verdict();
        for waiting in std::mem::take(&mut self.waiting) {
            send(waiting, verdict.clone());
        }
        if self.verdicts.send(verdict).is_err() {
            tracing::debug!(play = self.play.name, "nobody wants to know any more");
        }
    }
}

fn order(orders: &mpsc::Sender<Order>, order: Order) -> bool {
    orders.try_send(order).is_ok()
}

fn send(answer: oneshot::Sender<Verdict>, verdict: Verdict) {
    if answer.send(verdict).is_err() {
        tracing::debug!("whoever asked for the verdict has gone");
    }
}
