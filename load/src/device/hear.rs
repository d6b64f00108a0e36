//! What a frame of the gateway means to a device.

use super::{Device, Question, RECEIPT, Turn};
use crate::clock::{Micros, SECOND};
use crate::frame::{Entry, Heard};
use crate::ledger::{Arrival, Way};
use crate::plan::Pace;
use crate::recorder::Timed;
use crate::settings::Scenario;
use crate::tag::Tag;
use crate::world::{Fatal, Phase};

/// How long to wait before the same is tried again, where the gateway does not say.
const RETRY: Micros = SECOND / 2;

impl Device {
    pub(super) fn hear(&mut self, text: &str) -> Result<(), Fatal> {
        {
            let mut recorder = self.world.recorder.borrow_mut();
            recorder.counts.frames_in += 1;
            recorder.counts.bytes_in += text.len() as u64;
        }
        let Ok(heard) = serde_json::from_str::<Heard<'_>>(text) else {
            self.world
                .recorder
                .borrow_mut()
                .error("a frame that is not of the protocol");
            return Ok(());
        };
        let question = self.answered(&heard);
        match heard.event.as_deref() {
            Some("entry") => self.live_entry(&heard),
            Some("sent") => self.sent(&heard, question),
            Some("receipt") => self.own_receipt(&heard),
            Some("welcome") => self.welcomed(&heard, question)?,
            Some("opened") => self.opened(&heard, question),
            Some("synced") => self.synced(&heard),
            Some("page") => self.page(&heard, question),
            Some("device") => self.is_registered = true,
            Some("error") => self.refused(&heard, question)?,
            None => self.platform_error(),
            // Unknown events are ignored: that is the protocol's rule.
            Some(_) => {}
        }
        Ok(())
    }

    /// The question that a frame answers.
    fn answered(&mut self, heard: &Heard<'_>) -> Option<super::Asked> {
        let reference: u64 = heard.reference.as_deref()?.parse().ok()?;
        let place = self.asked.iter().position(|it| it.reference == reference)?;
        Some(self.asked.remove(place))
    }

    fn live_entry(&mut self, heard: &Heard<'_>) {
        if let (Some(conversation), Some(seq), Some(id)) = (heard.conversation, heard.seq, heard.id)
        {
            self.entry(
                &Entry {
                    conversation,
                    seq,
                    id,
                },
                Way::Live,
            );
        }
    }

    /// An entry came; says whether it was new.
    fn entry(&mut self, entry: &Entry<'_>, way: Way) -> bool {
        let now = self.now();
        let tag = Tag::from_id(self.world.run, entry.id);
        let mut pair = self.pair.borrow_mut();
        let Some(index) = pair.index(entry.conversation) else {
            // Of an earlier run of the same users; if it is of this one, it should never have come here.
            pair.strays += u64::from(tag.is_some());
            return false;
        };
        let ledger = &mut pair.conversations[index].ledger;
        let arrival = ledger.arrived(self.who.slot, entry.seq, tag, way);
        let has_gap = ledger.has_gap(self.who.slot);
        let is_own = tag.is_some_and(|it| it.device() == self.who.number);
        let reached = tag
            .filter(|_| arrival == Arrival::New && !is_own)
            .and_then(|it| pair.reaches(it));
        drop(pair);
        if let Some(desk) = self.desks.get_mut(index) {
            desk.gap_since = if has_gap {
                desk.gap_since.or(Some(now))
            } else {
                None
            };
            if !is_own {
                desk.owed = desk.owed.max(entry.seq);
                self.receipt_at.get_or_insert(now + RECEIPT);
            }
            if arrival == Arrival::Again && way == Way::Live {
                // Delivered again: our receipt for it was lost.
                desk.told_recv = desk.told_recv.min(entry.seq.saturating_sub(1));
            }
        }
        if let Some((intended, is_last)) = reached {
            self.received(now, intended, is_last, way);
            self.reply(now, index);
        }
        arrival == Arrival::New
    }

    fn received(&self, now: Micros, intended: Micros, is_last: bool, way: Way) {
        let mut recorder = self.world.recorder.borrow_mut();
        recorder.counts.received += 1;
        recorder.counts.caught_up += u64::from(way == Way::Asked);
        if self.world.is_timed(intended) {
            recorder.took(Timed::Received, now.saturating_sub(intended));
            if is_last && self.world.plan.devices > 1 {
                recorder.took(Timed::LastDevice, now.saturating_sub(intended));
            }
        }
    }

    /// In a closed loop, what was received is answered.
    fn reply(&mut self, now: Micros, index: usize) {
        if let Pace::Closed { think, .. } = self.world.plan.pace
            && self.phase == Phase::Run
            && self.is_writer()
        {
            self.turns.push_back(Turn {
                intended: now + think,
                conversation: Some(index),
            });
        }
    }

    fn sent(&mut self, heard: &Heard<'_>, asked: Option<super::Asked>) {
        let now = self.now();
        let (Some(Question::Send(index)), Some(seq)) = (asked.map(|it| it.question), heard.seq)
        else {
            return;
        };
        let slot = self.who.slot;
        let Some(flight) = self.desks[index]
            .flight
            .take_if(|it| heard.id == Some(it.id.as_str()))
        else {
            return;
        };
        let has_gap = {
            let mut pair = self.pair.borrow_mut();
            let ledger = &mut pair.conversations[index].ledger;
            ledger.acknowledged(slot, flight.tag, seq);
            let has_gap = ledger.has_gap(slot);
            if self.world.plan.scenario == Scenario::Offline {
                pair.conversations[index]
                    .accepted
                    .push((seq, heard.ts.unwrap_or(0)));
            }
            has_gap
        };
        let desk = &mut self.desks[index];
        desk.acknowledged(now);
        desk.gap_since = if has_gap {
            desk.gap_since.or(Some(now))
        } else {
            None
        };
        let mut recorder = self.world.recorder.borrow_mut();
        recorder.counts.acknowledged += 1;
        if self.world.is_timed(flight.intended) {
            recorder.took(Timed::Sent, now.saturating_sub(flight.intended));
        }
    }

    /// Another device of the same user confirmed: there is no need to.
    fn own_receipt(&mut self, heard: &Heard<'_>) {
        if heard.user.as_deref() != Some(self.who.person.user.as_str()) {
            return;
        }
        let index = heard
            .conversation
            .and_then(|it| self.pair.borrow().index(it));
        if let Some(desk) = index.and_then(|it| self.desks.get_mut(it)) {
            desk.told_recv = desk.told_recv.max(heard.recv.unwrap_or(0));
            desk.told_read = desk.told_read.max(heard.read.unwrap_or(0));
        }
    }

    fn welcomed(&mut self, heard: &Heard<'_>, asked: Option<super::Asked>) -> Result<(), Fatal> {
        let now = self.now();
        if let Some(asked) = asked {
            self.world
                .recorder
                .borrow_mut()
                .took(Timed::Hello, now - asked.at);
        }
        let here = heard.now.unwrap_or(0);
        let span = |until: Option<u64>| until.map(|it| it.saturating_sub(here) * 1_000);
        let needed = u64::try_from(self.world.plan.duration.as_micros()).unwrap_or(Micros::MAX);
        if self.phase == Phase::Gather && span(heard.expires_at).is_some_and(|life| life < needed) {
            return Err(Fatal(format!(
                "the token of {} ends before the run does",
                self.who.person.user
            )));
        }
        self.welcome(span(heard.reconnect_by));
        if self.link.is_in_sync {
            self.dropped_at = None;
        }
        Ok(())
    }

    fn opened(&mut self, heard: &Heard<'_>, asked: Option<super::Asked>) {
        let Some(asked) = asked.filter(|it| it.question == Question::Open) else {
            return;
        };
        if let Some(conversation) = heard.conversation {
            let now = self.now();
            self.world
                .recorder
                .borrow_mut()
                .took(Timed::Open, now - asked.at);
            self.pair
                .borrow_mut()
                .opened(conversation, heard.last_seq.unwrap_or(0));
        }
    }

    fn synced(&mut self, heard: &Heard<'_>) {
        let entries = heard.entries.as_deref().unwrap_or_default();
        let mut last: Vec<(&str, u64)> = Vec::new();
        let mut is_progress = false;
        for entry in entries {
            let seen = last.iter_mut().find(|it| it.0 == entry.conversation);
            if seen.as_ref().is_some_and(|it| entry.seq <= it.1) {
                self.note_disorder(entry.conversation);
            }
            match seen {
                Some(it) => it.1 = entry.seq,
                None => last.push((entry.conversation, entry.seq)),
            }
            is_progress |= self.entry(entry, Way::Asked);
        }
        if heard.more == Some(true) {
            if !is_progress {
                self.world
                    .recorder
                    .borrow_mut()
                    .error("sync: more of nothing");
                self.not_before = self.now() + RETRY;
            }
            return;
        }
        let now = self.now();
        self.link.is_in_sync = true;
        let mut recorder = self.world.recorder.borrow_mut();
        if let Some(began) = self.sync_began.take()
            && self.phase != Phase::Verify
        {
            recorder.took(Timed::Sync, now - began);
        }
        if let Some(dropped) = self.dropped_at.take() {
            recorder.took(Timed::Back, now - dropped);
        }
    }

    fn page(&mut self, heard: &Heard<'_>, asked: Option<super::Asked>) {
        let entries = heard.entries.as_deref().unwrap_or_default();
        match asked.map(|it| it.question) {
            Some(Question::Gap(index)) => {
                for entry in entries {
                    self.entry(entry, Way::Asked);
                }
                let now = self.now();
                if let Some(desk) = self.desks.get_mut(index) {
                    // What is still missing is asked for again, a while later.
                    desk.gap_since = desk.gap_since.map(|_| now);
                }
            }
            Some(Question::ReadBack(index)) => {
                let mut pair = self.pair.borrow_mut();
                let ledger = &mut pair.conversations[index].ledger;
                for entry in entries {
                    ledger.reads_back(entry.seq, Tag::from_id(self.world.run, entry.id));
                }
                if heard.more != Some(true) || entries.is_empty() {
                    self.to_read_back.pop_front();
                }
            }
            Some(
                Question::Hello
                | Question::Sync
                | Question::Open
                | Question::Register
                | Question::Send(_),
            )
            | None => {}
        }
    }

    fn note_disorder(&self, conversation: &str) {
        let mut pair = self.pair.borrow_mut();
        if let Some(index) = pair.index(conversation) {
            pair.conversations[index].ledger.page_is_disordered();
        }
    }

    fn refused(&mut self, heard: &Heard<'_>, asked: Option<super::Asked>) -> Result<(), Fatal> {
        let code = heard.code.as_deref().unwrap_or_default();
        let question = asked.map(|it| it.question);
        let action = match question {
            Some(Question::Hello) => "hello",
            Some(Question::Sync) => "sync",
            Some(Question::Open) => "open",
            Some(Question::Register) => "device",
            Some(Question::Gap(_) | Question::ReadBack(_)) => "history",
            Some(Question::Send(_)) => "send",
            None => "receipt",
        };
        self.world.recorder.borrow_mut().refused(action, code);
        let is_final = heard.retry != Some(true);
        let now = self.now();
        let again_at = now
            + heard
                .retry_after_ms
                .map_or(RETRY, |it| it.min(60_000) * 1_000);
        match question {
            Some(Question::Send(index)) if is_final => self.desks[index].flight = None,
            Some(Question::Send(index)) => {
                if let Some(flight) = &mut self.desks[index].flight {
                    flight.again_at = Some(again_at);
                }
            }
            Some(Question::Hello) => self.lose("hello was refused"),
            Some(Question::Open | Question::Register) if is_final => {
                let message = heard.message.as_deref().unwrap_or_default();
                return Err(Fatal(format!(
                    "{action} of {} was refused: {code}: {message}",
                    self.who.person.user
                )));
            }
            Some(_) | None => self.not_before = again_at,
        }
        Ok(())
    }

    /// The platform's own error names no question: none of them is answered.
    fn platform_error(&mut self) {
        self.world
            .recorder
            .borrow_mut()
            .error("the platform's error frame");
        let now = self.now();
        let is_greeted = self.link.is_welcomed;
        self.asked.clear();
        self.not_before = now + RETRY;
        for desk in &mut self.desks {
            if let Some(flight) = &mut desk.flight {
                flight.again_at.get_or_insert(now + RETRY);
            }
        }
        if !is_greeted {
            self.lose("hello was not answered");
        }
    }
}
