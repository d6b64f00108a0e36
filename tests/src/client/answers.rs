//! What a frame of the gateway, or of the platform, means to a device.

use serde_json::Value;

use super::shelf::Held;
use super::{Asked, Client, LinkId, Loads, Output};

/// How long to wait where an error asks to try again and does not say when.
const RETRY_MS: u64 = 1_000;

impl Client {
    pub(crate) fn answer(&mut self, link: LinkId, frame: &Value, now: u64) {
        let asked = frame["ref"].as_str().and_then(|it| it.parse().ok());
        let question = asked.and_then(|reference| self.questions.remove(&reference));
        let asked = question.map(|question| question.asked);
        match frame["event"].as_str() {
            Some("welcome") => self.welcomed(link, frame, now),
            Some("opened") => self.learn(text(&frame["conversation"])),
            Some("sent") => self.sent(frame, now),
            Some("entry") => self.entry(frame, now),
            Some("page") => self.page(frame, now),
            Some("synced") => self.synced(frame, now),
            Some("receipt") => self.receipt(frame, now),
            Some("device") => self.push_token = None,
            Some("error") => self.error(link, frame, asked, now),
            // The platform's own: whatever is in flight was not answered.
            None if frame.get("message").is_some() => self.platform_error(link, now),
            Some(_) | None => {}
        }
    }

    fn welcomed(&mut self, link: LinkId, frame: &Value, now: u64) {
        text(&frame["user"]).clone_into(&mut self.user);
        // By the server's clock, since it may be another than ours.
        let life = number(&frame["reconnect_by"]).saturating_sub(number(&frame["now"]));
        let renews = frame["reconnect_by"] == frame["expires_at"];
        for old in self.links.welcome(link, now, life, renews) {
            self.outputs.push(Output::Close { link: old });
            self.forget_replaced(old);
        }
        for listed in frame["conversations"].as_array().into_iter().flatten() {
            let conversation = text(&listed["conversation"]);
            self.learn(conversation);
            let mine = listed["members"].as_array().into_iter().flatten();
            if let Some(me) = mine.into_iter().find(|it| it["user"] == frame["user"]) {
                self.receipts
                    .known(conversation, number(&me["recv"]), number(&me["read"]));
            }
        }
        self.needs_sync = true;
    }

    fn learn(&mut self, conversation: &str) {
        self.shelf.learn(conversation, self.loads == Loads::Whole);
    }

    /// The old connection of a make-before-break: its end is no failure, so there is nothing to back off from.
    fn forget_replaced(&mut self, old: LinkId) {
        self.links.remove(old);
        let lost: Vec<u64> = self
            .questions
            .iter()
            .filter(|(_, question)| question.link == old)
            .map(|(reference, _)| *reference)
            .collect();
        for reference in lost {
            if let Some(question) = self.questions.remove(&reference) {
                self.unanswered(question.asked);
            }
        }
    }

    fn sent(&mut self, frame: &Value, now: u64) {
        let (conversation, id) = (text(&frame["conversation"]), text(&frame["id"]));
        let Some(outgoing) = self.outbox.done(conversation, id) else {
            return;
        };
        let (seq, ts) = (number(&frame["seq"]), number(&frame["ts"]));
        self.receipts
            .implied(conversation, outgoing.after.unwrap_or(0));
        self.outputs.push(Output::Accepted {
            conversation: conversation.to_owned(),
            id: id.to_owned(),
            seq,
            ts,
        });
        let held = Held {
            id: id.to_owned(),
            from: self.user.clone(),
            ts,
            body: outgoing.body,
        };
        // Whatever was loaded before: a log that was empty begins with it.
        self.take(conversation, seq, held, now);
    }

    fn entry(&mut self, frame: &Value, now: u64) {
        let conversation = text(&frame["conversation"]);
        if self.shelf.is_loaded(conversation) {
            self.take(conversation, number(&frame["seq"]), held(frame), now);
        } else {
            // Of a conversation that nobody told us of: `sync` has it.
            self.learn(conversation);
            self.needs_sync = true;
        }
    }

    /// Somebody has received what we have not: it is on its way, or was lost on it.
    fn receipt(&mut self, frame: &Value, now: u64) {
        let conversation = text(&frame["conversation"]);
        self.shelf.hint(conversation, number(&frame["recv"]), now);
    }

    fn page(&mut self, frame: &Value, now: u64) {
        let conversation = text(&frame["conversation"]);
        self.take_all(frame, now);
        self.shelf.ask_again(conversation);
    }

    fn synced(&mut self, frame: &Value, now: u64) {
        self.take_all(frame, now);
        self.needs_sync |= frame["more"] == true;
    }

    fn take_all(&mut self, frame: &Value, now: u64) {
        for entry in frame["entries"].as_array().into_iter().flatten() {
            let (conversation, seq) = (text(&entry["conversation"]), number(&entry["seq"]));
            // What a page repeats was asked for, not redelivered: nothing to confirm again.
            if seq > self.shelf.cursor(conversation) || !self.shelf.is_loaded(conversation) {
                self.take(conversation, seq, held(entry), now);
            }
        }
    }

    fn take(&mut self, conversation: &str, seq: u64, held: Held, now: u64) {
        for seq in self.shelf.take(conversation, seq, held, now) {
            self.outputs.push(Output::Shown {
                conversation: conversation.to_owned(),
                seq,
            });
        }
        for (conversation, seq) in self.shelf.repeated() {
            // Delivered again: our receipt for it was lost.
            self.receipts.doubt(&conversation, seq);
        }
    }

    fn error(&mut self, link: LinkId, frame: &Value, asked: Option<Asked>, now: u64) {
        if frame["code"] == "token_expired" {
            self.links.fresh = true;
            self.outputs.push(Output::Close { link });
            if let Some(asked) = asked {
                self.unanswered(asked);
            }
            self.forget_link(link, now);
            return;
        }
        let again_at = now + frame["retry_after_ms"].as_u64().unwrap_or(RETRY_MS);
        let retry = frame["retry"] == true;
        match asked {
            Some(Asked::Send { conversation, id }) if retry => {
                self.outbox.retry_at(&conversation, &id, again_at);
            }
            Some(Asked::Send { conversation, id }) => {
                self.outbox.done(&conversation, &id);
                let code = text(&frame["code"]).to_owned();
                self.outputs.push(Output::Refused {
                    conversation,
                    id,
                    code,
                });
            }
            Some(Asked::Hello) => {
                self.outputs.push(Output::Close { link });
                self.forget_link(link, now);
            }
            Some(asked) if retry => {
                self.unanswered(asked);
                self.not_before = again_at;
            }
            Some(Asked::Register) => self.push_token = None,
            Some(Asked::Open { .. } | Asked::Sync | Asked::History { .. } | Asked::Other) => {}
            // A receipt that failed: what is still unconfirmed shows itself.
            None => self.receipts.unsure(),
        }
    }

    fn platform_error(&mut self, link: LinkId, now: u64) {
        let lost: Vec<u64> = self
            .questions
            .iter()
            .filter(|(_, question)| question.link == link)
            .map(|(reference, _)| *reference)
            .collect();
        let mut greeted = true;
        for reference in lost {
            if let Some(question) = self.questions.remove(&reference) {
                greeted &= question.asked != Asked::Hello;
                self.unanswered(question.asked);
            }
        }
        self.not_before = now + RETRY_MS;
        if !greeted {
            self.outputs.push(Output::Close { link });
            self.forget_link(link, now);
        }
    }
}

fn held(entry: &Value) -> Held {
    Held {
        id: text(&entry["id"]).to_owned(),
        from: text(&entry["from"]).to_owned(),
        ts: number(&entry["ts"]),
        body: entry["body"].clone(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}
