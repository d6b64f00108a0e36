//! What the client says that it shows, held against the log.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use switchboard::protocol::event::EntryFields;
use switchboard::protocol::{Body, Seq, TimestampMs};

use super::Judge;
use crate::conformance::log::Log;
use crate::conformance::rule::Rule;
use crate::conformance::verdict::short;

/// The type of the custom body in which a client says what it shows.
pub(crate) const REPORT: &str = "conformance.report";

impl Judge {
    /// A report came that was asked for by the entry at `until`.
    pub(crate) fn report(
        &mut self,
        data: &Map<String, Value>,
        log: &Log,
        until: Seq,
        now: TimestampMs,
    ) {
        let Some(shown) = shown(data) else {
            let why = "the report's `data` is not {\"shown\":[[seq,\"text or kind\"],…]}";
            return self.record.breach(Rule::Harness, why, now);
        };
        for pair in shown.windows(2) {
            if let [(before, _), (after, _)] = pair
                && before > after
            {
                let why = format!("{before} is shown before {after}");
                self.record.breach(Rule::ShownInOrder, why, now);
            }
        }
        let mut by_seq = BTreeMap::new();
        for (seq, text) in &shown {
            if by_seq.insert(*seq, text.as_str()).is_some() {
                let why = format!("{seq} is shown more than once: {:?}", short(text));
                self.record.breach(Rule::ShownOnce, why, now);
            }
            if log.get(*seq).is_none() {
                let why = format!("{seq} is shown, and is not in the log: {:?}", short(text));
                self.record.breach(Rule::ShownAsLogged, why, now);
            }
        }
        for entry in log.entries().iter().filter(|it| it.seq <= until) {
            self.is_shown(entry, by_seq.get(&entry.seq).copied(), log, now);
        }
    }

    fn is_shown(&mut self, entry: &EntryFields, shown: Option<&str>, log: &Log, now: TimestampMs) {
        let seq = entry.seq;
        let breach = match (&entry.body, shown) {
            (Body::Text { text }, Some(shown)) if text == shown => None,
            (Body::Text { text }, Some(shown)) => {
                let rule = if entry.edited_at.is_some() {
                    Rule::AppliesEdits
                } else {
                    Rule::ShownAsLogged
                };
                Some((
                    rule,
                    format!("{seq} is {text:?}, and {:?} is shown", short(shown)),
                ))
            }
            (Body::Text { text }, None) => {
                let elsewhere = entry.from == log.user && !self.sends.contains_key(&entry.id);
                let rule = if elsewhere {
                    Rule::OwnElsewhere
                } else {
                    Rule::ShownAsLogged
                };
                Some((rule, format!("{seq}, {:?}, is not shown", short(text))))
            }
            (Body::Deleted, Some(shown)) if shown != "deleted" => {
                let why = format!("{seq} was deleted, and {:?} is shown", short(shown));
                Some((Rule::AppliesEdits, why))
            }
            // Whether and how an app shows the others is its own business.
            (
                Body::Deleted
                | Body::Attachment { .. }
                | Body::Edit { .. }
                | Body::Delete { .. }
                | Body::Reaction { .. }
                | Body::Custom { .. },
                _,
            ) => None,
        };
        if let Some((rule, why)) = breach {
            self.record.breach(rule, why, now);
        }
    }
}

fn shown(data: &Map<String, Value>) -> Option<Vec<(Seq, String)>> {
    let pairs = data.get("shown")?.as_array()?.iter();
    let pairs = pairs.map(|pair| match pair.as_array()?.as_slice() {
        [seq, text] => Some((seq.as_u64()?, text.as_str()?.to_owned())),
        _ => None,
    });
    pairs.collect()
}
