//! A simulated device: it keeps the protocol's rules for clients, and does what the phase of the run asks of it.
//!
//! One task for each. It waits for a frame, a moment, or the next phase, whichever comes first, and then does whatever
//! is due.
//!
//! - `link`: the connection, and coming back when it is lost
//! - `hear`: what a frame of the gateway means
//! - `answers`: what answers and refusals mean
//! - `speak`: what is due to be said
//! - `phases`: what each phase asks
//! - `desk`: one conversation's state

mod answers;
mod desk;
mod hear;
mod link;
mod phases;
mod speak;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::watch;

use crate::clock::Micros;
use crate::pair::Pair;
use crate::people::Person;
use crate::world::{Fatal, Phase, World};
use desk::Desk;
use link::Link;

/// How long an answer may take before the connection is given up for dead.
const ANSWER: Micros = 15_000_000;
/// How long a gap may stay open before it is asked for: mostly the missing entry is just behind.
const GAP: Micros = 500_000;
/// The least time between two receipts.
const RECEIPT: Micros = 1_000_000;

/// Who a device is.
#[derive(Debug)]
pub struct Who {
    /// The run's number for it.
    pub number: u32,
    /// Its place in the pair.
    pub slot: usize,
    /// Its user.
    pub person: Rc<Person>,
    /// The other user's name.
    pub other: Rc<str>,
    /// The device's own name.
    pub name: String,
}

/// What was asked and is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Hello,
    Sync,
    Open,
    Register,
    /// What is missing in a conversation.
    Gap(usize),
    /// The log of a conversation, from the beginning of the run.
    ReadBack(usize),
    Send(usize),
}

/// A question on its way.
#[derive(Clone, Copy, Debug)]
struct Asked {
    reference: u64,
    question: Question,
    at: Micros,
}

/// A message that is to be sent.
#[derive(Clone, Copy, Debug)]
struct Turn {
    intended: Micros,
    /// The conversation that it belongs to best.
    conversation: Option<usize>,
}

/// A simulated device.
#[derive(Debug)]
pub struct Device {
    world: Rc<World>,
    pair: Rc<RefCell<Pair>>,
    who: Who,
    link: Link,
    asked: Vec<Asked>,
    next_reference: u64,
    desks: Vec<Desk>,
    turns: VecDeque<Turn>,
    /// The next message by the clock.
    next_intended: Option<f64>,
    /// Where the search for a free conversation begins.
    rotation: usize,
    receipt_at: Option<Micros>,
    /// Nothing is asked before, after an error.
    not_before: Micros,
    open_at: Micros,
    /// Since when the device has been trying to be whole again.
    dropped_at: Option<Micros>,
    sync_began: Option<Micros>,
    /// Answers to `sync` in a row that brought nothing new.
    barren_syncs: u32,
    is_registered: bool,
    is_away: bool,
    /// Conversations whose logs are still to be read back.
    to_read_back: VecDeque<usize>,
    phase: Phase,
    is_through: bool,
    random: fastrand::Rng,
}

impl Device {
    /// A device that is not connected.
    pub fn new(world: Rc<World>, pair: Rc<RefCell<Pair>>, who: Who) -> Self {
        let seed = world
            .plan
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(u64::from(who.number));
        Self {
            world,
            pair,
            who,
            link: Link::default(),
            asked: Vec::new(),
            next_reference: 0,
            desks: Vec::new(),
            turns: VecDeque::new(),
            next_intended: None,
            rotation: 0,
            receipt_at: None,
            not_before: 0,
            open_at: 0,
            dropped_at: None,
            sync_began: None,
            barren_syncs: 0,
            is_registered: false,
            is_away: false,
            to_read_back: VecDeque::new(),
            phase: Phase::Gather,
            is_through: false,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Lives until the run ends.
    pub async fn live(mut self, mut phases: watch::Receiver<Phase>) -> Result<(), Fatal> {
        loop {
            let phase = *phases.borrow_and_update();
            if phase != self.phase {
                self.enter(phase).await;
            }
            if phase == Phase::Leave {
                return Ok(());
            }
            if self.is_to_connect() {
                self.connect().await?;
            }
            self.speak().await;
            self.say_when_through();
            let due = self.next_due().map(|it| self.world.clock.at(it));
            let heard = tokio::select! {
                biased;
                heard = self.link.hear() => Some(heard),
                changed = phases.changed() => {
                    changed.map_err(|_| Fatal("the run was given up".to_owned()))?;
                    None
                }
                () = moment(due) => None,
            };
            match heard {
                None => {}
                Some(Some(text)) => self.hear(text.as_str())?,
                Some(None) => self.lose("connection lost"),
            }
        }
    }

    fn now(&self) -> Micros {
        self.world.clock.now()
    }

    /// Whether the device opens the pair's conversations and reads their logs back.
    fn is_opener(&self) -> bool {
        self.who.slot == 0
    }

    /// Whether the device writes for its user: of a user's devices, the first.
    fn is_writer(&self) -> bool {
        self.who.slot <= 1
    }

    fn is_asking(&self, question: Question) -> bool {
        self.asked.iter().any(|it| it.question == question)
    }

    fn refers(&mut self, question: Question) -> u64 {
        self.next_reference += 1;
        let (reference, at) = (self.next_reference, self.now());
        self.asked.push(Asked {
            reference,
            question,
            at,
        });
        reference
    }

    /// When something is due if nothing happens before.
    fn next_due(&self) -> Option<Micros> {
        let mut due = self.link.next_due(self.is_wanted());
        let mut sooner = |at: Micros| due = Some(due.map_or(at, |due| due.min(at)));
        if let Some(oldest) = self.asked.first() {
            sooner(oldest.at + ANSWER);
        }
        if let Some(next) = self.next_intended {
            sooner(next as Micros);
        }
        if !self.link.is_welcomed {
            return due;
        }
        let now = self.now();
        if self.not_before > now {
            sooner(self.not_before);
            return due;
        }
        if self.phase == Phase::Open && self.open_at > now {
            sooner(self.open_at);
        }
        if let Some(at) = self.receipt_at {
            sooner(at);
        }
        if !self.link.is_in_sync {
            return due;
        }
        for (index, desk) in self.desks.iter().enumerate() {
            if let Some(at) = desk
                .gap_since
                .filter(|_| !self.is_asking(Question::Gap(index)))
            {
                sooner(at + GAP);
            }
            if let Some(at) = desk.flight.as_ref().and_then(|it| it.again_at) {
                sooner(at);
            }
        }
        if let Some(turn) = self.turns.front() {
            if turn.intended > now {
                sooner(turn.intended);
            }
            let waiting = self.desks.iter().filter(|it| it.flight.is_none());
            if let Some(at) = waiting.map(Desk::allowed_at).min().filter(|at| *at > now) {
                sooner(at);
            }
        }
        due
    }
}

/// That moment, or never.
async fn moment(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
