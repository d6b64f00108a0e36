//! Each applied write: what it may do.

use serde_json::Value;

use super::log::{Entry, Member};
use super::{Row, State, digits, text};

impl State {
    /// Takes note of an applied write, and returns the entries that it inserted.
    pub(super) fn applied(&mut self, operation: &str, request: &Value, now: u64) -> Vec<Value> {
        let mut inserted = Vec::new();
        match operation {
            "PutItem" => self.put(&request["Item"], Rewrites::Never, now, &mut inserted),
            "UpdateItem" => self.update(request, now),
            "DeleteItem" => self.delete(&request["Key"]),
            "TransactWriteItems" => self.transact(request, now, &mut inserted),
            _ => self.breaks(format!("{operation} is no write of ours")),
        }
        inserted
    }

    fn transact(&mut self, request: &Value, now: u64, inserted: &mut Vec<Value>) {
        let token = text(&request["ClientRequestToken"]);
        if !token.is_empty() && !self.applied.insert(token.to_owned()) {
            return;
        }
        let actions = request["TransactItems"].as_array();
        for action in actions.into_iter().flatten() {
            if let Some(put) = action.get("Put") {
                self.put(&put["Item"], Rewrites::May, now, inserted);
            } else if action.get("Update").is_some() || action.get("Delete").is_some() {
                self.breaks("a transaction that updates or deletes".to_owned());
            }
        }
    }

    fn put(&mut self, item: &Value, rewrites: Rewrites, now: u64, inserted: &mut Vec<Value>) {
        let (pk, sk) = (text(&item["pk"]["S"]), text(&item["sk"]["S"]));
        if item.get("connection_id").is_some() {
            let row = Row {
                connection: text(&item["connection_id"]["S"]).to_owned(),
                connected_at: digits(&item["connected_at"]),
                expires_at: digits(&item["expires_at"]),
            };
            self.row(pk, sk, row);
        } else if let (Some(conversation), Some(seq)) =
            (pk.strip_prefix("C#"), sk.strip_prefix("E#"))
        {
            let seq = seq.parse().unwrap_or(0);
            if self.entry(conversation, seq, item, rewrites, now) {
                inserted.push(item.clone());
            }
        } else if let (Some(conversation), "META") = (pk.strip_prefix("C#"), sk) {
            let log = self.logs.entry(conversation.to_owned()).or_default();
            let pair = ["customer", "provider"].map(|side| text(&item[side]["S"]).to_owned());
            if log.pair.iter().any(|it| !it.is_empty()) {
                self.breaks(format!("{conversation} was created twice"));
                return;
            }
            log.pair = pair;
        } else if let (Some(conversation), Some(user)) =
            (pk.strip_prefix("C#"), sk.strip_prefix("M#"))
        {
            let blocks = item["blocks"]["BOOL"] == true;
            let member = Member {
                blocked: blocks.then_some(now),
                ever_quiet: blocks,
                ..Member::default()
            };
            let log = self.logs.entry(conversation.to_owned()).or_default();
            log.members.insert(user.to_owned(), member);
        } else if let (Some(user), Some(device)) = (pk.strip_prefix("U#"), sk.strip_prefix("D#")) {
            let device = (user.to_owned(), device.to_owned());
            self.devices.entry(device).or_insert(now);
        }
    }

    fn row(&mut self, pk: &str, sk: &str, row: Row) {
        // Two hours of the platform's and five minutes for the clocks.
        if row.expires_at > row.connected_at + 125 * 60 * 1_000 {
            self.breaks(format!("{}'s row outlives its connection", row.connection));
        }
        let key = (pk.to_owned(), sk.to_owned());
        if let Some(old) = self.rows.get(&key)
            && old.connected_at > row.connected_at
        {
            let (old, new) = (old.connection.clone(), row.connection.clone());
            self.breaks(format!("the older {new} took the place of {old}"));
        }
        self.rows.insert(key, row);
    }

    /// An entry; true where it is new.
    fn entry(
        &mut self,
        conversation: &str,
        seq: u64,
        item: &Value,
        rewrites: Rewrites,
        now: u64,
    ) -> bool {
        let id = text(&item["id"]["S"]).to_owned();
        let (from, ts) = (text(&item["from"]["S"]).to_owned(), digits(&item["ts"]));
        let body = serde_json::from_str(text(&item["body"]["S"])).unwrap_or_default();
        let Some(log) = self.logs.get_mut(conversation) else {
            self.breaks(format!("an entry of {conversation}, which does not exist"));
            return false;
        };
        let last_seq = log.last_seq();
        if seq <= last_seq {
            return self.rewritten(conversation, seq, &id, body, rewrites);
        }
        let wrong = if seq != last_seq + 1 {
            Some(format!("entry {seq} came after {last_seq}"))
        } else if !log.has(&from) {
            Some(format!("entry {seq} is of {from}, who is no member"))
        } else if log.entries.iter().any(|it| it.id == id) {
            Some(format!("{id} stands twice, the second time as {seq}"))
        } else if log.entries.last().is_some_and(|it| it.ts > ts) {
            Some(format!("entry {seq} is older than the one before"))
        } else if log.sent_within(&from, ts, 10_000) >= 20 {
            Some(format!(
                "entry {seq} is the 21st of {from} within ten seconds"
            ))
        } else if log.blocked(&from, now) {
            Some(format!("entry {seq} is of {from}, who is blocked"))
        } else {
            None
        };
        let standings: Value =
            serde_json::from_str(text(&item["standings"]["S"])).unwrap_or_default();
        let recv = [("customer", 0), ("provider", 1)];
        let recv = recv.map(|(side, place)| (side, standings[place][1].as_u64().unwrap_or(0)));
        if recv.iter().any(|(_, recv)| *recv >= seq) {
            self.breaks(format!(
                "{conversation}: entry {seq} was received before it was there"
            ));
        }
        if let Some(log) = self.logs.get_mut(conversation) {
            log.entries.push(Entry {
                id,
                from,
                ts,
                bodies: vec![body],
                recv: recv.into_iter().collect(),
                stored: now,
            });
        }
        if let Some(wrong) = wrong {
            self.breaks(format!("{conversation}: {wrong}"));
        }
        true
    }

    fn rewritten(
        &mut self,
        conversation: &str,
        seq: u64,
        id: &str,
        body: Value,
        rewrites: Rewrites,
    ) -> bool {
        let entry = self.logs.get_mut(conversation).and_then(|log| {
            let place = usize::try_from(seq.checked_sub(1)?).ok()?;
            log.entries.get_mut(place)
        });
        match entry {
            Some(entry) if rewrites == Rewrites::May && entry.id == id => entry.bodies.push(body),
            _ => self.breaks(format!(
                "{conversation}: entry {seq} was overwritten by {id}"
            )),
        }
        false
    }

    fn update(&mut self, request: &Value, now: u64) {
        let (pk, sk) = (
            text(&request["Key"]["pk"]["S"]),
            text(&request["Key"]["sk"]["S"]),
        );
        let (Some(conversation), Some(user)) = (pk.strip_prefix("C#"), sk.strip_prefix("M#"))
        else {
            if sk.starts_with("E#") {
                self.breaks(format!("{pk} {sk} was updated"));
            }
            return;
        };
        let values = &request["ExpressionAttributeValues"];
        let Some(log) = self.logs.get_mut(conversation) else {
            self.breaks(format!(
                "{user} is updated in {conversation}, which does not exist"
            ));
            return;
        };
        let (last_seq, known) = (log.last_seq(), log.members.get(user).cloned());
        let Some(mut member) = known else {
            self.breaks(format!(
                "{user} is updated in {conversation}, and is no member"
            ));
            return;
        };
        let expression = text(&request["UpdateExpression"]);
        if expression.contains("recv = :recv") {
            let (recv, read) = (digits(&values[":recv"]), digits(&values[":read"]));
            if recv < member.recv || read < member.read {
                self.breaks(format!("{conversation}: {user}'s marks went back"));
            }
            if read > recv || recv > last_seq {
                self.breaks(format!(
                    "{conversation}: {user} has read {read}, received {recv} of {last_seq}"
                ));
            }
            (member.recv, member.read) = (recv, read);
        } else if expression.contains("muted_until") {
            member.muted = Some((now, digits(&values[":until"])));
            member.ever_quiet = true;
        } else if expression.contains("blocks = :blocks") {
            let blocks = values[":blocks"]["BOOL"] == true;
            member.blocked = if blocks {
                member.blocked.or(Some(now))
            } else {
                None
            };
            member.ever_quiet |= blocks;
        }
        if let Some(log) = self.logs.get_mut(conversation) {
            log.members.insert(user.to_owned(), member);
        }
    }

    fn delete(&mut self, key: &Value) {
        let (pk, sk) = (text(&key["pk"]["S"]), text(&key["sk"]["S"]));
        if pk.starts_with("C#") {
            self.breaks(format!("{pk} {sk} was deleted"));
        }
        self.rows.remove(&(pk.to_owned(), sk.to_owned()));
    }
}

/// Whether a put may stand for one that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rewrites {
    Never,
    May,
}
