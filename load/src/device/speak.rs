//! What is due to be said: questions, messages, receipts, and a sign of life.

use super::desk::Flight;
use super::link::SILENT;
use super::{ANSWER, Device, GAP, Question, RECEIPT, Turn};
use crate::frame;
use crate::recorder::Timed;
use crate::settings::Receipts;
use crate::world::Phase;

/// Receipts in one frame.
const RECEIPTS_MAX: usize = switchboard_protocol::limits::RECEIPTS_MAX;

impl Device {
    /// Says whatever is due.
    pub(super) async fn speak(&mut self) {
        self.keep_pace();
        let now = self.now();
        if self.asked.first().is_some_and(|it| now >= it.at + ANSWER) {
            self.lose("no answer within 15 s");
        }
        if !self.link.is_welcomed || now < self.not_before {
            return;
        }
        self.seat();
        self.ask().await;
        if self.link.is_in_sync {
            self.send_again().await;
            self.send_new().await;
        }
        self.confirm().await;
        if now >= self.link.silent_since() + SILENT {
            self.say(frame::ping()).await;
        }
    }

    /// One desk for each conversation of the pair's.
    fn seat(&mut self) {
        let seated = self.desks.len();
        let pair = self.pair.borrow();
        for conversation in pair.conversations.iter().skip(seated) {
            let mut desk = super::Desk::default();
            desk.told_recv = conversation.ledger.cursor(self.who.slot);
            desk.told_read = desk.told_recv;
            self.desks.push(desk);
        }
    }

    async fn ask(&mut self) {
        let now = self.now();
        if self.is_to_register() && !self.is_registered && !self.is_asking(Question::Register) {
            let reference = self.refers(Question::Register);
            let token = format!("load-{:06x}-{}", self.world.run, self.who.number);
            self.say(frame::device(reference, &self.who.name, &token))
                .await;
        }
        if !self.link.is_in_sync && !self.is_asking(Question::Sync) {
            self.sync_began.get_or_insert(now);
            let reference = self.refers(Question::Sync);
            let slot = self.who.slot;
            let text = {
                let pair = self.pair.borrow();
                let cursors = pair
                    .conversations
                    .iter()
                    .map(|it| (it.id.as_str(), it.ledger.cursor(slot)));
                frame::sync(reference, cursors)
            };
            self.say(text).await;
        }
        if self.phase == Phase::Open && self.is_opener() && now >= self.open_at {
            self.open_next().await;
        }
        for index in 0..self.desks.len() {
            let is_due = self.desks[index]
                .gap_since
                .is_some_and(|at| now >= at + GAP);
            if is_due && !self.is_asking(Question::Gap(index)) {
                self.ask_history(Question::Gap(index), index).await;
            }
        }
        if self.phase == Phase::Verify
            && self.link.is_in_sync
            && let Some(index) = self.to_read_back.front().copied()
            && !self.is_asking(Question::ReadBack(index))
        {
            self.ask_history(Question::ReadBack(index), index).await;
        }
    }

    async fn open_next(&mut self) {
        let opened = self.pair.borrow().conversations.len();
        if opened < self.world.plan.conversations as usize && !self.is_asking(Question::Open) {
            let reference = self.refers(Question::Open);
            let text = frame::open(reference, &self.who.other, &format!("load-{opened}"));
            self.say(text).await;
        }
    }

    async fn ask_history(&mut self, question: Question, index: usize) {
        let reference = self.refers(question);
        let text = {
            let pair = self.pair.borrow();
            let conversation = &pair.conversations[index];
            let after = if question == Question::ReadBack(index) {
                conversation.ledger.read_back()
            } else {
                conversation.ledger.cursor(self.who.slot)
            };
            frame::history(reference, &conversation.id, after)
        };
        self.say(text).await;
    }

    /// Repeats what was not answered: the same id, the same `after`.
    async fn send_again(&mut self) {
        let now = self.now();
        for index in 0..self.desks.len() {
            let flight = self.desks[index].flight.as_mut();
            let is_due = flight.is_some_and(|it| {
                let is_due = it.again_at.is_some_and(|at| now >= at);
                if is_due {
                    it.again_at = None;
                }
                is_due
            });
            if is_due {
                self.world.recorder.borrow_mut().counts.resent += 1;
                self.transmit(index).await;
            }
        }
    }

    async fn send_new(&mut self) {
        let now = self.now();
        while let Some(turn) = self.turns.front().copied().filter(|it| it.intended <= now) {
            let Some(index) = self.free_desk(turn, now) else {
                return;
            };
            self.turns.pop_front();
            self.rotation = index;
            let (tag, after) = {
                let mut pair = self.pair.borrow_mut();
                let ledger = &mut pair.conversations[index].ledger;
                let (tag, after) = (ledger.sends(self.who.slot), ledger.cursor(self.who.slot));
                pair.leaves(tag, turn.intended);
                (tag, after)
            };
            let id = tag.to_id(self.world.run, crate::clock::wall_ms());
            let intended = turn.intended;
            let desk = &mut self.desks[index];
            desk.flight = Some(Flight {
                tag,
                id,
                after,
                intended,
                again_at: None,
            });
            // A reply's `after` confirms what it answers.
            desk.told_recv = desk.told_recv.max(after);
            {
                let mut recorder = self.world.recorder.borrow_mut();
                recorder.counts.sent += 1;
                if self.world.is_timed(intended) {
                    recorder.took(Timed::Late, self.world.clock.now().saturating_sub(intended));
                }
            }
            self.transmit(index).await;
            if !self.link.is_welcomed {
                return;
            }
        }
    }

    /// The conversation of the turn if it is free, else the next one that is.
    fn free_desk(&self, turn: Turn, now: u64) -> Option<usize> {
        let is_free = |index: &usize| self.desks[*index].is_free(now);
        let count = self.desks.len();
        let others = (1..=count).map(|step| (self.rotation + step) % count);
        turn.conversation
            .filter(is_free)
            .or_else(|| others.into_iter().find(is_free))
    }

    async fn transmit(&mut self, index: usize) {
        let reference = self.refers(Question::Send(index));
        let text = {
            let pair = self.pair.borrow();
            let Some(flight) = &self.desks[index].flight else {
                return;
            };
            let conversation = &pair.conversations[index].id;
            frame::send(
                reference,
                conversation,
                &flight.id,
                flight.after,
                &self.world.text,
            )
        };
        self.say(text).await;
    }

    /// Confirms what was stored and seen: at most one frame a second.
    async fn confirm(&mut self) {
        let now = self.now();
        if self.receipt_at.is_none_or(|at| now < at) {
            return;
        }
        self.receipt_at = None;
        let reads = match self.world.plan.receipts {
            Receipts::None => return,
            Receipts::Recv => false,
            Receipts::Read => true,
        };
        let text = {
            let pair = self.pair.borrow();
            let mut marks = Vec::new();
            for (desk, conversation) in self.desks.iter_mut().zip(&pair.conversations) {
                let cursor = conversation.ledger.cursor(self.who.slot);
                let Some(upto) = desk.unconfirmed(cursor, reads) else {
                    continue;
                };
                if marks.len() == RECEIPTS_MAX {
                    self.receipt_at = Some(now + RECEIPT);
                    break;
                }
                (desk.told_recv, desk.told_at) = (upto, now);
                if reads {
                    desk.told_read = upto;
                }
                marks.push((conversation.id.as_str(), upto, reads.then_some(upto)));
            }
            (!marks.is_empty()).then(|| frame::receipt(marks.into_iter()))
        };
        if let Some(text) = text {
            self.say(text).await;
        }
    }
}
