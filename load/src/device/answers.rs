//! What an answer to `sync` or `history` holds, and what a refusal means for what was asked.

use super::{Asked, Device, Question};
use crate::clock::{Micros, SECOND};
use crate::frame::Heard;
use crate::ledger::Way;
use crate::recorder::Timed;
use crate::tag::Tag;
use crate::world::{Fatal, Phase};

/// How long to wait before the same is tried again, where the gateway does not say.
const RETRY: Micros = SECOND / 2;
/// Answers to `sync` in a row that promise more and bring nothing new; then the audit is left to say what is missing.
const BARREN_MAX: u32 = 3;

impl Device {
    pub(super) fn synced(&mut self, heard: &Heard<'_>) {
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
        self.barren_syncs = if is_progress {
            0
        } else {
            self.barren_syncs + 1
        };
        if heard.more == Some(true) && self.barren_syncs < BARREN_MAX {
            if !is_progress {
                let kind = "sync: more of nothing";
                self.world.recorder.borrow_mut().error(kind);
                self.not_before = self.now() + RETRY;
            }
            return;
        }
        self.barren_syncs = 0;
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

    pub(super) fn page(&mut self, heard: &Heard<'_>, asked: Option<Asked>) {
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

    pub(super) fn refused(&mut self, heard: &Heard<'_>, asked: Option<Asked>) -> Result<(), Fatal> {
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
    pub(super) fn platform_error(&mut self) {
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
