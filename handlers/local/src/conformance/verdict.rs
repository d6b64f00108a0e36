//! What came of a play: the rules that were broken, and everything that was said.

use serde::Serialize;

use crate::conformance::limits::{BREACHES_PER_RULE_MAX, LINE_CHARS_MAX, LINES_MAX};
use crate::conformance::rule::Rule;

/// What came of a play, so far.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Which play.
    pub play: &'static str,
    /// How often it was begun.
    pub run: u64,
    /// Whether it has ended.
    pub done: bool,
    /// Whether it has ended and no rule was broken.
    pub passed: bool,
    /// What it is waiting for, or gave up waiting for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
    /// What was broken, in the order in which it was.
    pub broken: Vec<Breach>,
    /// What was said and done.
    pub transcript: Vec<Line>,
    /// Lines that the transcript has no room for.
    pub omitted: usize,
}

/// A rule that was broken.
#[derive(Clone, Debug, Serialize)]
pub struct Breach {
    /// Which.
    pub rule: Rule,
    /// What it asks.
    pub sentence: &'static str,
    /// Where the protocol says so.
    pub section: &'static str,
    /// How it was broken.
    pub why: String,
    /// When, in milliseconds from the play's beginning.
    pub at: u64,
}

/// Something that was said or done.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// When, in milliseconds from the play's beginning.
    pub at: u64,
    /// Who.
    pub who: Who,
    /// Over which connection, where it was over one: they are numbered from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
    /// What: a frame, or a sentence.
    pub what: String,
}

/// Who says or does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The client that is judged.
    Client,
    /// The gateway that is played.
    Server,
    /// The kit.
    Kit,
}

/// What is known of a play while it runs.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) broken: Vec<Breach>,
    lines: Vec<Line>,
    omitted: usize,
    /// When the play began.
    began: Option<u64>,
    /// Nothing is judged any more.
    closed: bool,
}

impl Record {
    pub(crate) fn begin(&mut self, now: u64) {
        self.began.get_or_insert(now);
    }

    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn breach(&mut self, rule: Rule, why: impl Into<String>, now: u64) {
        let before = self.broken.iter().filter(|it| it.rule == rule).count();
        if self.closed || before >= BREACHES_PER_RULE_MAX {
            return;
        }
        let breach = Breach {
            rule,
            sentence: rule.sentence(),
            section: rule.section(),
            why: short(&why.into()),
            at: self.since(now),
        };
        self.note(
            Who::Kit,
            None,
            &format!("broken: {rule}: {}", breach.why),
            now,
        );
        self.broken.push(breach);
    }

    pub(crate) fn note(&mut self, who: Who, connection: Option<u64>, what: &str, now: u64) {
        if self.lines.len() >= LINES_MAX {
            self.omitted += 1;
            return;
        }
        self.lines.push(Line {
            at: self.since(now),
            who,
            connection,
            what: short(what),
        });
    }

    pub(crate) fn verdict(&self, play: &'static str, run: u64, waiting: Option<String>) -> Verdict {
        Verdict {
            play,
            run,
            done: self.closed,
            passed: self.closed && self.broken.is_empty(),
            waiting,
            broken: self.broken.clone(),
            transcript: self.lines.clone(),
            omitted: self.omitted,
        }
    }

    fn since(&self, now: u64) -> u64 {
        now.saturating_sub(self.began.unwrap_or(now))
    }
}

/// The beginning of a text: what a client sends may be long.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
