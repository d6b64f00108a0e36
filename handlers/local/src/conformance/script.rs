//! Taking a play's steps: what the script does, what it waits for, and when it gives up.

use switchboard::protocol::event::Event;
use switchboard::protocol::{Body, Seq, TimestampMs};

use crate::conformance::limits::{ANSWER_MS, RECONNECT_MS};
use crate::conformance::play::{Author, Cue, Parting, Step, Told, Writing};
use crate::conformance::rig::Rig;
use crate::conformance::rule::Rule;
use crate::conformance::run::Run;
use crate::conformance::verdict::Who;

/// What the other member says while a send fails: it moves the cursor, and a retry has to keep its `after`.
const MEANWHILE: &str = "meanwhile";
/// What an app is asked to send begins with this.
const SEND: &str = "send ";
/// What asks for a report.
const REPORT: &str = "report";

impl Run {
    /// Takes every step that can be taken now.
    pub(crate) fn advance(&mut self, now: TimestampMs) {
        while self.progress.began && !self.is_done() {
            if self.judge.is_storm() {
                return self.end(now);
            }
            let Some(step) = self.play.steps.get(self.progress.step).copied() else {
                return self.end(now);
            };
            if let Step::Until(cue, rule) = step {
                if !self.holds(cue) {
                    if now >= self.progress.since + patience(cue) {
                        self.give_up(cue, rule, now);
                    }
                    return;
                }
            } else if let Step::Watches(ms) = step {
                if now < self.progress.since + ms {
                    return;
                }
            } else {
                self.take(step, now);
            }
            self.progress.step += 1;
            self.progress.since = now;
            self.progress.heard = false;
        }
    }

    /// When `tick` has something to do, if nothing happens before.
    pub fn next_tick(&self) -> Option<TimestampMs> {
        if !self.progress.began || self.is_done() {
            return None;
        }
        let step = self.play.steps.get(self.progress.step)?;
        let wait_ms = if let Step::Until(cue, _) = step {
            patience(*cue)
        } else if let Step::Watches(ms) = step {
            *ms
        } else {
            0
        };
        Some(self.progress.since + wait_ms)
    }

    /// What the script waits for.
    pub(crate) fn waiting(&self) -> Option<String> {
        if self.is_done() {
            return None;
        }
        if !self.progress.began {
            return Some("a client".to_owned());
        }
        match self.play.steps.get(self.progress.step) {
            Some(Step::Until(cue, _)) => Some(cue.describe()),
            Some(_) | None => None,
        }
    }

    fn end(&mut self, now: TimestampMs) {
        self.note(Who::Kit, None, "the play is over", now);
        self.judge.record.close();
        // Who stays is served as by any gateway.
        self.rig = Rig::default();
    }

    fn give_up(&mut self, cue: Cue, rule: Rule, now: TimestampMs) {
        let waited = cue.describe();
        // Whatever was waited for, it takes a connection on which somebody speaks.
        let rule = if self.progress.heard || self.serves() {
            rule
        } else if self.connections.is_empty() {
            Rule::Reconnects
        } else {
            Rule::SpeaksFirst
        };
        let unanswered = self.judge.unanswered().filter(|_| rule == Rule::Harness);
        let (rule, why) = match unanswered {
            // Behind it the app's other sends wait in vain.
            Some(id) => {
                let why = format!("{id} was not answered and did not come again");
                (Rule::Resends, why)
            }
            None => (rule, format!("gave up waiting for {waited}")),
        };
        self.judge.record.breach(rule, why, now);
        self.progress.gave_up = Some(waited);
        self.end(now);
    }

    fn take(&mut self, step: Step, now: TimestampMs) {
        match step {
            Step::Writes(author, writing, told) => self.write(author, writing, told, now),
            Step::Again(seq) => {
                if let Some(entry) = self.log.get(seq) {
                    self.tell_all(&Event::Entry(entry.clone()), now);
                }
            }
            Step::Raw(text) => {
                for connection in self.connections.keys().copied().collect::<Vec<_>>() {
                    self.post(connection, text.to_owned(), now);
                }
            }
            Step::Meets(fate) => self.rig.fates.push_back(fate),
            Step::Releases => self.release(now),
            Step::Doubles => self.rig.doubles = true,
            Step::HoldsPages => {
                self.rig.pages = Some(Vec::new());
                self.progress.page_asked = false;
            }
            Step::ReleasesPages => {
                for (connection, frame) in self.rig.pages.take().unwrap_or_default() {
                    self.page(connection, frame, now);
                }
            }
            Step::CutsPage(count) => self.rig.cuts_page = Some(count),
            Step::Parts(parting) => self.part(parting, now),
            Step::ShutsDoor(count) => self.rig.refusals = count,
            Step::WatchesPauses => self.judge.watches_pauses(),
            Step::JudgesPauses => self.judge.judge_pauses(now),
            Step::JudgesTakeovers => self.judge.judge_takeovers(now),
            Step::Watches(_) | Step::Until(..) => {}
        }
    }

    fn write(&mut self, author: Author, writing: Writing, told: Told, now: TimestampMs) {
        let bodies = match writing {
            Writing::Text(text) => vec![text_of(text)],
            Writing::Many(count) => (1..=count)
                .map(|place| text_of(&format!("number {place} of {count}")))
                .collect(),
            Writing::Edit(of, text) => vec![Body::Edit {
                of,
                text: text.to_owned(),
            }],
            Writing::Delete(of) => vec![Body::Delete { of }],
        };
        for body in bodies {
            self.append(author, body, told, now);
        }
    }

    fn append(&mut self, author: Author, body: Body, told: Told, now: TimestampMs) {
        let from = match author {
            Author::Peer => self.log.peer.clone(),
            Author::Elsewhere => self.log.user.clone(),
        };
        let text = if let Body::Text { text } = &body {
            text.clone()
        } else {
            String::new()
        };
        let seq = self.log.append(None, from, body, None, now);
        if let Some(text) = text.strip_prefix(SEND) {
            self.judge.asks_for(text);
        } else if text == REPORT {
            self.rig.report_due = Some(seq);
        }
        let entry = self.log.get(seq).filter(|_| told == Told::Live).cloned();
        match entry {
            Some(entry) => self.tell_all(&Event::Entry(entry), now),
            None => self.note(Who::Kit, None, &format!("entry {seq} is not told"), now),
        }
    }

    /// The other member writes while a send is in flight.
    pub(crate) fn interject(&mut self, now: TimestampMs) {
        self.append(Author::Peer, text_of(MEANWHILE), Told::Live, now);
    }

    fn part(&mut self, parting: Parting, now: TimestampMs) {
        for connection in self.connections.keys().copied().collect::<Vec<_>>() {
            match parting {
                Parting::Cut => self.cut(connection, now),
                Parting::GoingAway => self.close(connection, 1001, now),
                Parting::Replaced => self.close(connection, 1000, now),
            }
        }
        self.progress.page_asked = false;
    }

    /// Whether there is a connection on which the client has spoken.
    fn serves(&self) -> bool {
        self.connections.values().any(|it| it.spoke)
    }

    fn holds(&self, cue: Cue) -> bool {
        let has_all = || self.judge.held() >= self.log.last_seq();
        match cue {
            Cue::Greeted => self.serves(),
            Cue::Tried(text) => self.judge.send_of(text).is_some(),
            Cue::Settled(text) => {
                let seq: Option<Seq> = self.judge.send_of(text).and_then(|it| it.seq);
                seq.is_some_and(|seq| self.judge.has(seq))
            }
            Cue::Confirmed => self.judge.recv >= self.log.last_of_others(),
            Cue::AsksForPage => self.progress.page_asked || has_all(),
            Cue::Whole => has_all(),
            Cue::Reported => self.rig.report_due.is_none(),
            Cue::Renewed(_) => self.connected > 1 && self.serves(),
            Cue::Alone => {
                let newest = self.connections.keys().next_back();
                self.connections.len() == 1 && newest == Some(&self.connected)
            }
        }
    }
}

impl Cue {
    fn describe(self) -> String {
        match self {
            Self::Greeted => "a connection on which the client speaks".to_owned(),
            Self::Tried(text) => format!("a send of the text {text:?}"),
            Self::Settled(text) => format!("the text {text:?} to be sent until it is answered"),
            Self::Confirmed => "a receipt for the newest entry".to_owned(),
            Self::AsksForPage => "history or sync".to_owned(),
            Self::Whole => "history or sync for everything that is missing".to_owned(),
            Self::Reported => "the report that an entry asks for".to_owned(),
            Self::Renewed(_) => "a new connection".to_owned(),
            Self::Alone => "the old connection to be closed".to_owned(),
        }
    }
}

fn patience(cue: Cue) -> u64 {
    match cue {
        Cue::Greeted => RECONNECT_MS,
        Cue::Renewed(ms) => ms,
        Cue::Tried(_)
        | Cue::Settled(_)
        | Cue::Confirmed
        | Cue::AsksForPage
        | Cue::Whole
        | Cue::Reported
        | Cue::Alone => ANSWER_MS,
    }
}

fn text_of(text: &str) -> Body {
    let text = text.to_owned();
    Body::Text { text }
}
