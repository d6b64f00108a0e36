//! Where a message is: its steps as a timeline, and a last line in words.
//!
//! The same for the local host, whose steps are in memory and whose tables can be asked, and for the logs of functions,
//! where steps are all there is.

use serde_json::{Value, json};
use switchboard::lookup::Whereabouts;
use switchboard::protocol::{ConversationId, Seq, TimestampMs, UserId};
use switchboard::trail::{Step, What};

use crate::trails::Record;

pub mod logs;
mod objects;
mod place;
mod words;

/// Everything that is known of an entry.
#[derive(Clone, Debug)]
pub struct Timeline {
    conversation: ConversationId,
    seq: Seq,
    /// What the tables say, where they could be asked.
    entry: Option<Whereabouts>,
    /// In the order of their times.
    steps: Vec<Step>,
    /// From when on no step is missing; `None` where nobody can say.
    whole_since: Option<TimestampMs>,
}

impl Timeline {
    /// Of an entry that stands in the tables.
    pub fn kept(
        conversation: ConversationId,
        seq: Seq,
        entry: Whereabouts,
        record: Record,
    ) -> Self {
        Self {
            conversation,
            seq,
            entry: Some(entry),
            steps: record.steps,
            whole_since: Some(record.whole_since),
        }
    }

    /// Of an entry in logs; `None` where they name none.
    pub fn logged(conversation: ConversationId, seq: Seq, found: Vec<Step>) -> Option<Self> {
        let mut steps: Vec<Step> = Vec::new();
        for step in found {
            // Lines are read twice where two exports overlap.
            if step.is_of(&conversation, seq) && !steps.contains(&step) {
                steps.push(step);
            }
        }
        // Of what happened in one millisecond, a log group keeps no order: the words' own has to do.
        steps.sort_by_key(|it| (it.at, it.what.place()));
        (!steps.is_empty()).then_some(Self {
            conversation,
            seq,
            entry: None,
            steps,
            whole_since: None,
        })
    }

    /// The author, where anything tells.
    fn author(&self) -> Option<&UserId> {
        let known = self.entry.as_ref().map(|it| &it.from);
        known.or_else(|| {
            let sent =
                |it: &&Step| matches!(it.what, What::Accepted | What::Repeated | What::Stored);
            self.steps.iter().find(sent)?.user.as_ref()
        })
    }

    /// When it was stored, as exactly as anything tells.
    fn stored_at(&self) -> Option<TimestampMs> {
        let of = |what| self.steps.iter().find(|it| it.what == what).map(|it| it.at);
        let accepted = self.entry.as_ref().map(|it| it.at);
        of(What::Stored).or(accepted).or_else(|| of(What::Repeated))
    }

    /// Those that are about it: an author's own receipts cover it too, and say nothing.
    fn telling(&self) -> impl Iterator<Item = &Step> {
        let author = self.author();
        self.steps.iter().filter(move |it| match it.what {
            What::Confirmed(_) | What::Read | What::Waits | What::Pushed(_) | What::Unpushed(_) => {
                author.is_none() || it.user.as_ref() != author
            }
            What::Accepted
            | What::Repeated
            | What::Stored
            | What::Edited(_)
            | What::Deleted(_)
            | What::Posted(_)
            | What::Reposted(_) => true,
        })
    }

    /// Whether steps may be missing because they made room for others.
    fn is_torn(&self) -> bool {
        let since = self.whole_since;
        since.is_some_and(|since| self.stored_at().is_none_or(|at| at < since))
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let step = |it: &Step| {
            let mut json = serde_json::to_value(it).unwrap_or_default();
            json["words"] = json!(words::of(it));
            json
        };
        json!({
            "conversation": self.conversation,
            "seq": self.seq,
            "entry": self.entry,
            "whole_since": self.whole_since,
            "torn": self.is_torn(),
            "steps": self.telling().map(step).collect::<Vec<_>>(),
            "where": self.place(),
        })
    }

    /// For people: a line for each step, and one that says where the message is.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("{}, entry {}", self.conversation, self.seq)];
        let from = self.telling().map(|it| it.at).min();
        for step in self.telling() {
            let later = step.at - from.unwrap_or(step.at);
            let later = format!("+{later} ms");
            let (time, says) = (words::time(step.at), words::of(step));
            lines.push(format!("{time}  {later:>10}  {says}"));
        }
        if self.is_torn() {
            let since = self.whole_since.map(words::time).unwrap_or_default();
            lines.push(format!(
                "Steps before {since} are no longer held; what the tables say stands."
            ));
        }
        lines.push(self.place());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use switchboard::lookup::Progress;
    use switchboard::protocol::Role;

    use super::*;

    /// Entry 7 of alice's, stored at 1,000, of which bob has everything up to `recv`.
    fn timeline(recv: Seq, whole_since: TimestampMs) -> Timeline {
        let member = |user: &str, role, recv| Progress {
            user: user.parse().unwrap(),
            role,
            recv,
            read: 0,
            muted_until: None,
        };
        let entry = Whereabouts {
            from: "alice".parse().unwrap(),
            at: 1_000,
            edited_at: None,
            deleted: false,
            members: vec![
                member("alice", Role::Customer, 7),
                member("bob", Role::Provider, recv),
            ],
            to: "bob".parse().unwrap(),
            connections: Vec::new(),
        };
        let steps = Vec::new();
        let record = Record { steps, whole_since };
        let conversation = "01JD8Z3KQ5W9T0000000000001".parse().unwrap();
        Timeline::kept(conversation, 7, entry, record)
    }

    #[test]
    fn steps_that_made_room_are_no_longer_held_and_the_tables_still_tell() {
        let rows = [
            (7, "confirmed by bob; when is not known"),
            (
                6,
                "waits: bob has no connection; whether it was pushed is no longer held",
            ),
        ];
        for (recv, expected) in rows {
            let torn = timeline(recv, 1_001);
            assert_eq!(torn.place(), expected);
            assert_eq!(torn.json()["torn"], true);
            let since = "Steps before 1970-01-01T00:00:01.001Z are no longer held; what the tables say stands.";
            assert!(torn.text().contains(since), "{}", torn.text());
        }
    }

    #[test]
    fn where_nothing_made_room_nothing_is_said_to_be_missing() {
        let whole = timeline(6, 1_000);
        let expected = "waits: bob has no connection; its delivery has not begun";
        assert_eq!(whole.place(), expected);
        assert_eq!(whole.json()["torn"], false);
        assert!(!whole.text().contains("no longer held"), "{}", whole.text());
    }
}
