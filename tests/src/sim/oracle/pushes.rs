//! Each push that SNS took: to whom, about what, and how often.

use serde_json::Value;

use super::{Oracle, State, text};
use crate::sim::clock::BEGIN_MS;
use crate::sim::fault::Fault;

/// For clocks that are off: what was muted just then may still be pushed.
const MARGIN_MS: u64 = 5_000;

/// How long whoever is connected has to confirm, less what a millisecond clock cuts off.
const GRACE: u64 = 2_990_000;

/// How long before a push was taken what befell it may have been decided.
const ON_ITS_WAY: u64 = 6_000_000;

/// What makes a push that was taken look as if it had not been: the batch comes again, and so may the push.
const DOUBLES: [Fault; 7] = [
    Fault::DeliverDies,
    Fault::PushAnswerLost,
    Fault::PushLate,
    Fault::TableRefuses,
    Fault::TableThrottles,
    Fault::TableAnswerLost,
    Fault::TableLate,
];

impl Oracle {
    /// Takes note of what may make pushes double.
    pub(super) fn note_excuses(&self, state: &mut State) {
        let total = self.plan.count(&DOUBLES);
        if state.excuses.last().is_none_or(|(_, last)| *last < total) {
            state.excuses.push((self.executor.now(), total));
        }
    }

    /// A connection of a user that was there, and known, before an entry was stored.
    fn reachable(&self, state: &State, user: &str, stored: u64) -> Option<String> {
        // What `deliver` sees may be old, and its clock may be off: nothing can be said then.
        if self.plan.has(Fault::ReadStale) || self.plan.has(Fault::ClockSkew) {
            return None;
        }
        let open = self.platform.open();
        let mut mine = open.iter().filter(|it| it.peer.user == user);
        let known = mine.find(|it| {
            let row = state.rows.values().find(|row| row.connection == it.id);
            row.is_some_and(|row| (row.connected_at - BEGIN_MS) * 1_000 + 1_000_000 < stored)
        });
        known.map(|it| it.id.clone())
    }

    /// SNS took a push to a device of a user.
    pub fn pushed(&self, user: &str, device: &str, message: &str) {
        let now = self.executor.now();
        let message: Value = serde_json::from_str(message).unwrap_or_default();
        let payload: Value = serde_json::from_str(text(&message["APNS"])).unwrap_or_default();
        let conversation = text(&payload["conversation"]).to_owned();
        let seq = payload["seq"].as_u64().unwrap_or(0);
        self.trace.line(
            now,
            format_args!("push"),
            format_args!("{user}'s {device}: {conversation} {seq}"),
        );
        let mut state = self.state();
        self.note_excuses(&mut state);
        let Some(log) = state.logs.get(&conversation).filter(|log| log.has(user)) else {
            state.breaks(format!("{user} was pushed something of {conversation}"));
            return;
        };
        let Some(entry) = log.entry(seq) else {
            state.breaks(format!(
                "{user} was pushed entry {seq} of {conversation}, which is not there"
            ));
            return;
        };
        let (stored, own) = (entry.stored, entry.from == user);
        // Counted from the entry's own time: its put may have been on its way for a while.
        // A function whose clock is behind may have dated it before the beginning.
        let accepted = stored.min(entry.ts.saturating_sub(BEGIN_MS) * 1_000);
        let member = log.members.get(user).cloned().unwrap_or_default();
        let now_ms = BEGIN_MS + now / 1_000;
        let muted = member
            .muted
            .is_some_and(|(since, until)| since < stored && until > now_ms + MARGIN_MS);
        let blocked = member.blocked.is_some_and(|since| since < stored);
        if own {
            state.breaks(format!(
                "{user} was pushed an own entry, {seq} of {conversation}"
            ));
        }
        if muted || blocked {
            state.breaks(format!(
                "{user} was pushed {seq} of {conversation}, and wants no pushes"
            ));
        }
        let reached = self.reachable(&state, user, stored);
        if let Some(connection) = reached.filter(|_| now < accepted + GRACE) {
            state.breaks(format!(
                "{user} was pushed {seq} of {conversation} without a grace, and {connection} was there"
            ));
        }
        let key = (user.to_owned(), device.to_owned(), conversation.clone());
        let told = state.pushed.entry(key).or_default();
        // Told before of this very entry, or of a later one.
        let before: Vec<u64> = told.range(seq..).flat_map(|(_, at)| at.clone()).collect();
        told.entry(seq).or_default().push(now);
        let (again, first) = (before.len(), before.iter().min().copied().unwrap_or(now));
        let excuses = state.excuses_since(first.saturating_sub(ON_ITS_WAY));
        if again > excuses {
            state.breaks(format!(
                "{user}'s {device} was told {} times of {seq} of {conversation}, for {excuses} reasons",
                again + 1
            ));
        }
    }
}

impl State {
    /// How often something happened that may make a push double, since then.
    fn excuses_since(&self, since: u64) -> usize {
        let before = self.excuses.iter().rev().find(|(at, _)| *at < since);
        let total = self.excuses.last().map_or(0, |(_, total)| *total);
        total - before.map_or(0, |(_, total)| *total)
    }
}
