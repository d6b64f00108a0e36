//! A conversation as the one who writes in it knows it, and what a log has to say to agree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchboard_tests::ulid;

/// A send that was tried.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    id: String,
    after: u64,
    text: String,
    /// As it was acknowledged.
    ts: u64,
}

/// How far a member got.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) recv: u64,
    pub(crate) read: u64,
}

/// A conversation in which nobody else writes.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) conversation: String,
    /// What was acknowledged: every one of 1, 2, 3, …
    acknowledged: BTreeMap<u64, Said>,
    /// What was sent and not answered.
    pub(crate) pending: Option<Said>,
    /// How far the other member got, as far as was told.
    marks: Marks,
}

impl Talk {
    pub(crate) fn new(conversation: &str) -> Self {
        Self {
            conversation: conversation.to_owned(),
            acknowledged: BTreeMap::new(),
            pending: None,
            marks: Marks::default(),
        }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    pub(crate) fn marks(&self) -> Marks {
        self.marks
    }

    /// A new send.
    pub(crate) fn say(&mut self, text: String) -> Value {
        let (id, after, ts) = (ulid(), self.last(), 0);
        let said = Said {
            id,
            after,
            text,
            ts,
        };
        let frame = self.frame(&said);
        self.pending = Some(said);
        frame
    }

    /// A send, the same each time.
    pub(crate) fn frame(&self, said: &Said) -> Value {
        json!({"action": "send", "conversation": self.conversation, "id": said.id, "after": said.after,
            "body": {"kind": "text", "text": said.text}})
    }

    pub(crate) fn last(&self) -> u64 {
        self.acknowledged
            .last_key_value()
            .map_or(0, |(seq, _)| *seq)
    }

    pub(crate) fn acknowledge(&mut self, sent: &Value, at: &str) {
        let mut said = self.pending.take().expect("something was sent");
        assert_eq!(sent["id"], said.id.as_str(), "{at}: {sent}");
        assert_eq!(sent["seq"], self.last() + 1, "{at}: {sent}");
        said.ts = sent["ts"].as_u64().expect("it has a time");
        self.acknowledged.insert(self.last() + 1, said);
    }

    /// Takes note of how far the other one got: never back.
    pub(crate) fn told(&mut self, marks: &Value, at: &str) {
        let told = ["recv", "read"].map(|it| marks[it].as_u64().expect("it is a place"));
        let [recv, read] = told;
        assert!(read <= recv, "{at}: {marks}");
        // Frames that were on their way at the same time may come in any order.
        self.marks.recv = self.marks.recv.max(recv);
        self.marks.read = self.marks.read.max(read);
    }

    /// Asserts that a conversation as it is listed has not gone back.
    pub(crate) fn judge_marks(&mut self, other: &str, listed: &Value, at: &str) {
        let at = format!("{at}: {listed}, and it was told {:?}", self.marks);
        let members = listed["members"].as_array().unwrap();
        let member = members.iter().find(|it| it["user"] == other).expect(&at);
        let last = listed["last_seq"].as_u64().unwrap();
        let [recv, read] = ["recv", "read"].map(|it| member[it].as_u64().unwrap());
        assert!(recv >= self.marks.recv && read >= self.marks.read, "{at}");
        assert!(read <= recv && recv <= last, "{at}");
        assert!(
            last >= self.last(),
            "{at}: {} was acknowledged",
            self.last()
        );
        self.marks = Marks { recv, read };
    }

    /// Asserts that a log holds what was acknowledged and nothing that was not sent; says whether it holds what is pending.
    pub(crate) fn judge(&self, user: &str, log: &[Value], at: &str) -> bool {
        let at = format!("{at}: {user} in {}", self.conversation);
        let ids: BTreeSet<&str> = log.iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(ids.len(), log.len(), "{at}: an id stands twice in {log:?}");
        for (entry, seq) in log.iter().zip(1_u64..) {
            assert_eq!(entry["seq"], seq, "{at}: a gap in {log:?}");
            let acknowledged = self.acknowledged.get(&seq);
            let said = acknowledged.or(self.pending.as_ref());
            let said = said.unwrap_or_else(|| panic!("{at}: nobody sent {entry}"));
            assert_eq!(entry["id"], said.id.as_str(), "{at}: {entry}");
            assert_eq!(entry["body"]["text"], said.text.as_str(), "{at}: {entry}");
            assert_eq!(entry["from"], user, "{at}: {entry}");
            if acknowledged.is_some() {
                assert_eq!(entry["ts"], said.ts, "{at}: {entry}");
            }
        }
        let acknowledged = self.acknowledged.len();
        assert!(
            log.len() >= acknowledged,
            "{at}: {acknowledged} were acknowledged, {} are there",
            log.len()
        );
        log.len() > acknowledged
    }
}
