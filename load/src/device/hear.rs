//! What a frame of the gateway means to a device.

use super::{Asked, Device, Question, RECEIPT, Turn};
use crate::clock::Micros;
use crate::frame::{Entry, Heard};
use crate::ledger::{Arrival, Way};
use crate::plan::Pace;
use crate::recorder::Timed;
use crate::settings::Scenario;
use crate::tag::Tag;
use crate::world::{Fatal, Phase};

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
    fn answered(&mut self, heard: &Heard<'_>) -> Option<Asked> {
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
    pub(super) fn entry(&mut self, entry: &Entry<'_>, way: Way) -> bool {
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
        // How long somebody was away is not a latency.
        let is_away = self.world.plan.scenario == Scenario::Offline;
        if self.world.is_timed(intended) && !is_away {
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

    fn sent(&mut self, heard: &Heard<'_>, asked: Option<Asked>) {
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

    fn welcomed(&mut self, heard: &Heard<'_>, asked: Option<Asked>) -> Result<(), Fatal> {
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

    fn opened(&mut self, heard: &Heard<'_>, asked: Option<Asked>) {
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
}
