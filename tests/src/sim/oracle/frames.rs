//! Each frame that a device hears: whose business it is, and whether it is true.

use serde_json::Value;

use super::{Oracle, State, text};

impl Oracle {
    /// A device of a user hears a frame.
    pub fn heard(&self, user: &str, frame: &Value) {
        let mut state = self.state();
        match frame["event"].as_str() {
            Some("entry") => state.entry_heard(user, frame),
            Some("page" | "synced") => state.page_heard(user, frame),
            Some("welcome" | "inbox") => {
                for listed in frame["conversations"].as_array().into_iter().flatten() {
                    state.conversation_heard(user, listed);
                }
            }
            Some("opened") => state.conversation_heard(user, frame),
            Some("receipt") => state.receipt_heard(user, frame),
            Some("typing") => state.member_heard(user, frame),
            // To a send no recipient, connection or push is a reason.
            Some("error")
                if frame["code"] == "unavailable"
                    && frame["id"].is_string()
                    && self.tables_are_sound() =>
            {
                state.breaks(format!(
                    "{user} was answered {frame}, and the tables were sound"
                ));
            }
            _ => {}
        }
    }
}

impl State {
    fn member_heard(&mut self, user: &str, frame: &Value) {
        let conversation = text(&frame["conversation"]);
        let log = self.logs.get(conversation);
        if !log.is_some_and(|log| log.has(user)) {
            self.breaks(format!("{user} heard of {conversation}: {frame}"));
        }
    }

    fn entry_heard(&mut self, user: &str, entry: &Value) {
        self.member_heard(user, entry);
        let conversation = text(&entry["conversation"]);
        let seq = entry["seq"].as_u64().unwrap_or(0);
        let log = self.logs.get(conversation);
        let Some(stored) = log.and_then(|log| log.entry(seq)) else {
            self.breaks(format!(
                "{user} heard entry {seq} of {conversation}, which is not there"
            ));
            return;
        };
        let same = stored.id == text(&entry["id"])
            && stored.from == text(&entry["from"])
            && Some(stored.ts) == entry["ts"].as_u64()
            && stored.bodies.contains(&entry["body"]);
        if !same {
            let stored = format!("{stored:?}");
            self.breaks(format!("{user} heard {entry}, and the log has {stored}"));
        }
    }

    fn page_heard(&mut self, user: &str, page: &Value) {
        let mut last: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for entry in page["entries"].as_array().into_iter().flatten() {
            self.entry_heard(user, entry);
            let seq = entry["seq"].as_u64().unwrap_or(0);
            let before = last.insert(text(&entry["conversation"]), seq);
            if before.is_some_and(|before| before + 1 != seq) {
                self.breaks(format!(
                    "{user} got a page that jumps from {before:?} to {seq}"
                ));
            }
        }
    }

    fn conversation_heard(&mut self, user: &str, listed: &Value) {
        self.member_heard(user, listed);
        let conversation = text(&listed["conversation"]);
        let last_seq = listed["last_seq"].as_u64().unwrap_or(0);
        let there = self
            .logs
            .get(conversation)
            .map_or(0, super::log::Log::last_seq);
        if last_seq > there {
            self.breaks(format!(
                "{conversation} has {there} entries, and {user} heard of {last_seq}"
            ));
        }
        for member in listed["members"].as_array().into_iter().flatten() {
            let (recv, read) = (member["recv"].as_u64(), member["read"].as_u64());
            if read > recv || recv > Some(last_seq) {
                self.breaks(format!("{user} heard of marks that cannot be: {listed}"));
            }
        }
        if listed["last"].is_object() {
            self.entry_heard(user, &listed["last"]);
        }
    }

    fn receipt_heard(&mut self, user: &str, receipt: &Value) {
        self.member_heard(user, receipt);
        let conversation = text(&receipt["conversation"]);
        let of = text(&receipt["user"]);
        let Some(log) = self.logs.get(conversation) else {
            return;
        };
        let recv = receipt["recv"].as_u64().unwrap_or(u64::MAX);
        let read = receipt["read"].as_u64().unwrap_or(u64::MAX);
        let said = log.members.get(of).map_or(0, |member| member.read);
        let (known, last_seq) = (log.recv(of), log.last_seq());
        if read > recv || recv > last_seq || recv > known || read > said {
            self.breaks(format!(
                "{user} heard a receipt ahead of the tables: {receipt}"
            ));
        }
    }
}
