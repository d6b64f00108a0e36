//! What each phase of the run asks of a device, and when the device is through with it.

use super::{Device, Turn};
use crate::clock::{Micros, SECOND};
use crate::plan::Pace;
use crate::settings::Scenario;
use crate::world::Phase;

impl Device {
    pub(super) async fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.is_through = false;
        match phase {
            Phase::Open if self.is_opener() => self.open_at = self.world.slot(),
            Phase::Gather | Phase::Open => {}
            Phase::Away => {
                self.is_away = !self.is_opener();
                if self.is_away {
                    self.leave().await;
                }
            }
            Phase::Run => self.begin(),
            Phase::Storm(_) => {
                self.drop_connection();
                self.intend_after_the_storm();
            }
            Phase::Hush => self.hush(),
            Phase::Settle => {
                self.hush();
                self.is_away = false;
            }
            Phase::Verify => {
                self.link.is_in_sync = self.desks_are_none();
                if self.desks_are_none() {
                    self.greet_again().await;
                }
                if self.is_opener() {
                    self.to_read_back = (0..self.desks.len()).collect();
                }
            }
            Phase::Leave => self.leave().await,
        }
    }

    /// Tells the run once that the device is through with the phase.
    pub(super) fn say_when_through(&mut self) {
        if !self.is_through && self.has_done_its_part() {
            self.is_through = true;
            self.world.is_through(self.phase);
        }
    }

    fn has_done_its_part(&self) -> bool {
        let is_whole = self.link.is_welcomed && self.link.is_in_sync;
        let has_sent = self.turns.is_empty() && self.desks.iter().all(|it| it.flight.is_none());
        match self.phase {
            Phase::Gather => {
                self.link.is_welcomed && (self.is_registered || !self.is_to_register())
            }
            Phase::Open => {
                !self.is_opener()
                    || self.pair.borrow().conversations.len()
                        == self.world.plan.conversations as usize
            }
            Phase::Away => !self.is_away || !self.link.is_open(),
            Phase::Run | Phase::Leave => false,
            Phase::Storm(_) => is_whole && self.dropped_at.is_none(),
            Phase::Hush => has_sent,
            Phase::Settle => is_whole && has_sent,
            Phase::Verify => is_whole && self.to_read_back.is_empty(),
        }
    }

    /// Whether the device wants pushes: those of `offline` who will be away.
    pub(super) fn is_to_register(&self) -> bool {
        self.world.plan.scenario == Scenario::Offline && !self.is_opener()
    }

    fn desks_are_none(&self) -> bool {
        self.pair.borrow().conversations.is_empty()
    }

    /// Messages begin.
    fn begin(&mut self) {
        let now = self.now();
        if let Some(churn) = self.world.plan.churn {
            self.link.drop_at = Some(now + self.exponential(churn.as_secs_f64()));
        }
        if !self.is_writer() {
            return;
        }
        let sends = self.is_opener() || self.world.plan.senders() == 2 * self.world.plan.pairs;
        match self.world.plan.pace {
            Pace::Closed { in_flight, .. } => {
                let mine = if self.is_opener() {
                    in_flight.div_ceil(2)
                } else {
                    in_flight / 2
                };
                let turn = Turn {
                    intended: now,
                    conversation: None,
                };
                self.turns.extend((0..mine).map(|_| turn));
            }
            Pace::Open { interval } if sends => {
                // Somewhere within the interval, so that senders do not march in step.
                self.next_intended = Some(now as f64 + self.random.f64() * interval);
            }
            Pace::Bursts { .. } => self.next_intended = Some((now + SECOND) as f64),
            Pace::Silent | Pace::Storm { .. } | Pace::Open { .. } => {}
        }
    }

    /// Puts what the clock asks for onto the pile.
    pub(super) fn keep_pace(&mut self) {
        let now = self.now();
        while let Some(next) = self.next_intended.filter(|next| *next as Micros <= now) {
            let turn = Turn {
                intended: next as Micros,
                conversation: None,
            };
            match self.world.plan.pace {
                Pace::Open { interval } => {
                    self.turns.push_back(turn);
                    self.next_intended = Some(next + interval);
                }
                Pace::Bursts { messages, period } => {
                    self.turns.extend((0..messages).map(|_| turn));
                    self.next_intended = Some(next + period as f64);
                }
                Pace::Silent | Pace::Closed { .. } | Pace::Storm { .. } => {
                    self.next_intended = None;
                }
            }
        }
        if self.link.drop_at.is_some_and(|at| now >= at) {
            if let Some(churn) = self.world.plan.churn {
                self.link.drop_at = Some(now + self.exponential(churn.as_secs_f64()));
            }
            if self.link.is_open() {
                self.drop_connection();
            }
        }
    }

    fn intend_after_the_storm(&mut self) {
        if let Pace::Storm { messages } = self.world.plan.pace
            && self.is_opener()
        {
            let turn = Turn {
                intended: self.now(),
                conversation: None,
            };
            self.turns.extend((0..messages).map(|_| turn));
        }
    }

    /// Nothing new from now on. What was intended and not sent is counted, unless it is what the scenario is about.
    fn hush(&mut self) {
        self.next_intended = None;
        self.link.drop_at = None;
        if !matches!(self.world.plan.pace, Pace::Storm { .. }) {
            let is_paced = !matches!(self.world.plan.pace, Pace::Closed { .. });
            let unsent = if is_paced { self.turns.len() as u64 } else { 0 };
            self.world.recorder.borrow_mut().counts.unsent += unsent;
            self.turns.clear();
        }
    }

    fn exponential(&mut self, mean_s: f64) -> Micros {
        let dice = 1.0 - self.random.f64();
        (-dice.ln() * mean_s * SECOND as f64) as Micros
    }
}
