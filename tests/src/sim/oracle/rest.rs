//! What must hold when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Oracle, text};
use crate::client::Client;

impl Oracle {
    /// Everything was delivered: each entry was confirmed by each other member, or pushed to each of the member's devices.
    pub fn check_delivered(&self) {
        let mut state = self.state();
        let mut missing = None;
        for (conversation, log) in &state.logs {
            for user in &log.pair {
                let recv = log.recv(user);
                let quiet = log.members.get(user).is_some_and(|it| it.ever_quiet);
                for (entry, seq) in log.entries.iter().zip(1_u64..) {
                    if entry.from == *user || seq <= recv || quiet {
                        continue;
                    }
                    for ((owner, device), since) in &state.devices {
                        // Reads of devices may lag by a second.
                        let registered = owner == user && since + 2_000_000 < entry.stored;
                        let key = (user.clone(), device.clone(), conversation.clone());
                        let told = state.pushed.get(&key);
                        let told = told.and_then(|told| told.last_key_value());
                        if registered && told.is_none_or(|(upto, _)| *upto < seq) {
                            missing = Some(format!(
                                "{user} neither confirmed {seq} of {conversation} ({recv}) nor was {device} told of it ({told:?})"
                            ));
                        }
                    }
                }
            }
        }
        if let Some(missing) = missing {
            state.breaks(missing);
        }
    }

    /// A device that came back holds the full log of each of its user's conversations, from where it began to load.
    pub fn check_held(&self, user: &str, client: &Client) {
        let mut state = self.state();
        let mut wrong = None;
        let known: BTreeSet<&str> = client.shelf().conversations().collect();
        for (conversation, log) in state.logs.iter().filter(|(_, log)| log.has(user)) {
            let shelf = client.shelf();
            let base = shelf.base(conversation);
            let mut next = base + 1;
            for (seq, held) in shelf.shown(conversation) {
                let entry = log.entry(seq);
                let same = entry.is_some_and(|entry| {
                    entry.id == held.id
                        && entry.from == held.from
                        && entry.ts == held.ts
                        && held.body == *entry.body()
                });
                if seq != next || !same {
                    wrong = Some(format!(
                        "{user} shows {held:?} as {seq} of {conversation}; the log has {entry:?}"
                    ));
                }
                next = seq + 1;
            }
            if next != log.last_seq() + 1 {
                wrong = Some(format!(
                    "{user} holds {base}..{next} of {conversation}, which has {} entries (known: {})",
                    log.last_seq(),
                    known.contains(conversation.as_str()),
                ));
            }
        }
        if let Some(wrong) = wrong {
            state.breaks(wrong);
        }
    }

    /// The inbox says what the logs say.
    pub fn check_inbox(&self, user: &str, inbox: &Value) {
        let mut state = self.state();
        let listed = inbox["conversations"].as_array();
        let by_id: BTreeMap<&str, &Value> = listed
            .into_iter()
            .flatten()
            .map(|it| (text(&it["conversation"]), it))
            .collect();
        let mut wrong = None;
        for (conversation, log) in state.logs.iter().filter(|(_, log)| log.has(user)) {
            let Some(listed) = by_id.get(conversation.as_str()) else {
                wrong = Some(format!("{user}'s inbox lacks {conversation}"));
                continue;
            };
            if listed["unread"] != log.unread(user) || listed["last_seq"] != log.last_seq() {
                wrong = Some(format!(
                    "{user}'s inbox says {listed}; the log has {} entries, {} unread",
                    log.last_seq(),
                    log.unread(user)
                ));
            }
            for member in listed["members"].as_array().into_iter().flatten() {
                let of = text(&member["user"]);
                let read = log.members.get(of).map_or(0, |it| it.read);
                if member["recv"] != log.recv(of) || member["read"] != read {
                    wrong = Some(format!("{user}'s inbox is wrong about {of}: {listed}"));
                }
            }
        }
        if let Some(wrong) = wrong {
            state.breaks(wrong);
        }
    }

    /// Everything that was accepted is there.
    pub fn check_accepted(&self) {
        let mut state = self.state();
        let lost = state
            .accepted
            .iter()
            .find(|((conversation, id), (seq, _))| {
                let entry = state.logs.get(conversation).and_then(|log| log.entry(*seq));
                entry.is_none_or(|entry| entry.id != *id)
            });
        if let Some(((conversation, id), place)) = lost {
            let lost = format!("{id} of {conversation} was accepted as {place:?} and is not there");
            state.breaks(lost);
        }
    }

    /// The rows of the connection table, by connection.
    pub fn rows(&self) -> BTreeMap<String, super::Row> {
        let state = self.state();
        let rows = state.rows.values();
        rows.map(|row| (row.connection.clone(), row.clone()))
            .collect()
    }
}
