//! What becomes of a send: stored and acknowledged, unless the script has another fate for it.

use switchboard::protocol::action::{Action, Send};
use switchboard::protocol::event::{Event, Sent};
use switchboard::protocol::{Body, ClientFrame, ErrorCode, Refusal, Seq, ServerFrame, TimestampMs};

use crate::apigw::{frame, id::Id};
use crate::conformance::judge::{Answered, REPORT};
use crate::conformance::play::{Fate, Stored};
use crate::conformance::run::Run;

/// How many sends are held at most.
const HELD_MAX: usize = 100;

impl Run {
    pub(crate) fn send(&mut self, connection: u64, frame: &ClientFrame, now: TimestampMs) {
        let Action::Send(send) = &frame.action else {
            return;
        };
        if let Err(refusal) = self.is_known(&send.conversation) {
            return self.refuse(connection, frame.about(), refusal, now);
        }
        self.judge.sends(send, connection, now);
        let is_text = matches!(send.body, Body::Text { .. });
        let fate = is_text.then(|| self.rig.fates.pop_front()).flatten();
        match fate {
            None => self.acknowledge(connection, frame, send, now),
            Some(Fate::TwiceAcknowledged) => {
                self.acknowledge(connection, frame, send, now);
                self.acknowledge(connection, frame, send, now);
            }
            Some(Fate::LosesAck) => {
                self.store(send, now);
                self.cut(connection, now);
            }
            Some(Fate::Vanishes) => self.cut(connection, now),
            Some(Fate::Errs(code, retry_after_ms)) => {
                self.interject(now);
                self.err(connection, frame, code, retry_after_ms, now);
            }
            Some(Fate::Platform(stored)) => {
                self.interject(now);
                if stored == Stored::Yes {
                    self.store(send, now);
                }
                let answer = Answered::Not { not_before: 0 };
                self.judge.answers(&send.id, connection, answer);
                let text = platform_error(connection, now);
                self.post(connection, text, now);
            }
            Some(Fate::Held) => {
                self.store(send, now);
                self.hold(connection, frame.clone());
            }
        }
    }

    fn hold(&mut self, connection: u64, frame: ClientFrame) {
        if self.rig.held.len() < HELD_MAX {
            self.rig.held.push((connection, frame));
        }
    }

    /// Answers the sends that are held.
    pub(crate) fn release(&mut self, now: TimestampMs) {
        for (connection, frame) in std::mem::take(&mut self.rig.held) {
            if let Action::Send(send) = &frame.action {
                self.acknowledge(connection, &frame, send, now);
            }
        }
    }

    fn acknowledge(&mut self, connection: u64, frame: &ClientFrame, send: &Send, now: TimestampMs) {
        if send.after > self.log.last_seq() {
            let message = "after must not be above last_seq";
            let refusal = Refusal::new(ErrorCode::BadRequest, message);
            self.judge.answers(&send.id, connection, Answered::Refused);
            return self.refuse(connection, frame.about(), refusal, now);
        }
        let duplicate = self.log.with_id(&send.id).is_some();
        let seq = self.store(send, now);
        let Some(entry) = self.log.get(seq) else {
            return;
        };
        let is_same = self
            .judge
            .sends
            .get(&send.id)
            .is_some_and(|it| it.body == send.body);
        if !is_same {
            let message = "the same entry id with another body";
            let refusal = Refusal::new(ErrorCode::Conflict, message);
            return self.refuse(connection, frame.about(), refusal, now);
        }
        let acknowledgement = Sent {
            conversation: send.conversation.clone(),
            id: send.id.clone(),
            seq,
            ts: entry.ts,
            duplicate,
        };
        self.judge.answers(&send.id, connection, Answered::Sent);
        self.judge.gave(seq);
        let (reference, event) = (frame.reference.clone(), Event::Sent(acknowledgement));
        self.tell(connection, &ServerFrame { reference, event }, now);
    }

    /// Puts a send in its place, once, and returns it.
    fn store(&mut self, send: &Send, now: TimestampMs) -> Seq {
        if let Some(seq) = self.log.with_id(&send.id) {
            return seq;
        }
        let (id, user) = (send.id.clone(), self.log.user.clone());
        let seq = self
            .log
            .append(Some(id), user, send.body.clone(), send.reply_to, now);
        self.judge.stored(&send.id, seq);
        if let Body::Custom { custom_type, data } = &send.body
            && custom_type == REPORT
            && let Some(until) = self.rig.report_due.take()
        {
            self.judge.report(data, &self.log, until, now);
        }
        seq
    }

    fn err(
        &mut self,
        connection: u64,
        frame: &ClientFrame,
        code: ErrorCode,
        retry_after_ms: Option<u64>,
        now: TimestampMs,
    ) {
        let mut refusal = Refusal::new(code, "this is what the play is about");
        refusal.retry_after_ms = retry_after_ms;
        let answer = match code {
            ErrorCode::RateLimited | ErrorCode::Unavailable => Answered::Not {
                not_before: now + retry_after_ms.unwrap_or(0),
            },
            ErrorCode::TokenExpired => {
                if let Some(it) = self.connections.get(&connection) {
                    self.judge.expires(&it.token);
                }
                Answered::Not { not_before: 0 }
            }
            ErrorCode::BadRequest
            | ErrorCode::UnknownAction
            | ErrorCode::TooLarge
            | ErrorCode::UnknownConversation
            | ErrorCode::UnknownUser
            | ErrorCode::NotAllowed
            | ErrorCode::Blocked
            | ErrorCode::Conflict => Answered::Refused,
        };
        if let Some(id) = &frame.about().id {
            self.judge.answers(id, connection, answer);
        }
        self.refuse(connection, frame.about(), refusal, now);
    }
}

/// The platform's own error frame.
fn platform_error(connection: u64, now: TimestampMs) -> String {
    let [connection, request] = [connection.into(), now.into()].map(Id::fresh);
    frame::error(frame::INTERNAL, connection, request).to_string()
}
