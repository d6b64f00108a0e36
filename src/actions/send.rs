//! `send`: the walk along the tail.
//!
//! One read returns the conversation, its members and its newest entries. The entry is put at the next place on
//! condition that the place is free; while that is on its way the other member's connections are read. Then the
//! entry is posted to everybody but the sending connection. Three steps one after the other, one of them a write.

use futures_util::future::join;
use switchboard_protocol::action::{Send, Span};
use switchboard_protocol::event::{Event, Sent};
use switchboard_protocol::{Body, ErrorCode, Refusal, Role, Seq, TimestampMs};

use crate::failure::{Failure, Unavailable, refused, unknown_conversation};
use crate::fanout::{Effort, Post};
use crate::gateway::Gateway;
use crate::log::{Found, LogEntry, Tail, find, next_entry, rewrite, target_rules};
use crate::metric::Metric;
use crate::ports::store::Appended;
use crate::session::{Connection, Session};
use crate::tally::Tally;
use crate::trail::{How, Step, What};

/// How often the next place may turn out to be taken. Each time another entry got in; two members' devices do not do that ten times in a row.
const ATTEMPTS_MAX: usize = 10;
/// Entries that are read at once when a sender lags behind: the tables end a page at 1 MiB, so mostly that decides.
const PAGE: usize = 2_000;

/// An entry that stands in the log, and whether it stood there before.
struct Accepted {
    entry: LogEntry,
    duplicate: bool,
}

impl Gateway {
    pub(super) async fn send(
        &self,
        session: &Session,
        send: &Send,
        tally: &mut Tally,
    ) -> Result<Event, Failure> {
        let arrived = self.now();
        let (tail, mine) = join(
            self.store.tail(&send.conversation),
            self.live_connections([&session.user]),
        )
        .await;
        let tail = tail?.ok_or_else(unknown_conversation)?;
        let role = tail
            .conversation
            .side_of(&session.user)
            .ok_or_else(unknown_conversation)?;
        if send.after > tail.last_seq() {
            return Err(refused(
                ErrorCode::BadRequest,
                "after must not be above last_seq",
            ));
        }
        if matches!(send.body, Body::Attachment { .. }) {
            let message = "body.attachment is not the id of an upload";
            return Err(refused(ErrorCode::BadRequest, message));
        }
        let other = tail.conversation.user(role.other());
        let (accepted, theirs) = match self.sent_before(&tail, session, send).await? {
            Found::Conflict => return Err(conflict().into()),
            Found::Duplicate(entry) => {
                let theirs = self.live_connections([other]).await;
                (
                    Accepted {
                        entry: *entry,
                        duplicate: true,
                    },
                    theirs,
                )
            }
            Found::Nothing if tail.members.of(role.other()).blocks => {
                return Err(refused(
                    ErrorCode::Blocked,
                    "the other member has blocked you",
                ));
            }
            Found::Nothing => {
                // The put and the read do not depend on each other. Who connects in between is told by `deliver`.
                let append = self.append(&tail, role, session, send, arrived);
                let (accepted, theirs) = join(append, self.live_connections([other])).await;
                (accepted?, theirs)
            }
        };
        if accepted.duplicate {
            let (id, seq) = (&accepted.entry.conversation, accepted.entry.seq);
            self.note(Step::new(What::Repeated, id, seq, arrived).by(session));
        }
        let connections = [mine, theirs].concat();
        Ok(self
            .relay_entry(session, accepted, connections, tally)
            .await)
    }

    /// Looks for an earlier attempt of this send, exactly: a device cannot hold its own entry at or below its cursor.
    async fn sent_before(
        &self,
        tail: &Tail,
        session: &Session,
        send: &Send,
    ) -> Result<Found, Unavailable> {
        let above = tail.newest.iter().filter(|entry| entry.seq > send.after);
        let mut found = find(above, &session.user, send);
        let upto = tail.missing_upto(send.after);
        let mut after = send.after;
        while found == Found::Nothing && after < upto {
            let page = self
                .store
                .entries(&send.conversation, Span::After(after), PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            found = find(&page, &session.user, send);
        }
        Ok(found)
    }

    /// Puts the entry at the first free place.
    async fn append(
        &self,
        tail: &Tail,
        role: Role,
        session: &Session,
        send: &Send,
        arrived: TimestampMs,
    ) -> Result<Accepted, Failure> {
        let mut head = tail.head().cloned();
        for _ in 0..ATTEMPTS_MAX {
            let entry = next_entry(&tail.conversation, head.as_ref(), role, send, self.now())?;
            match self.store_entry(&entry, session, send).await? {
                Appended::Stored => {
                    self.note_send(session, &entry, arrived);
                    self.note_implied(session, tail, role, send.after);
                    return Ok(Accepted {
                        entry,
                        duplicate: false,
                    });
                }
                Appended::Stale => self.clock.sleep(self.jitter_ms()).await,
                Appended::Taken(winner) => match find([&*winner], &session.user, send) {
                    Found::Duplicate(entry) => {
                        return Ok(Accepted {
                            entry: *entry,
                            duplicate: true,
                        });
                    }
                    Found::Conflict => return Err(conflict().into()),
                    Found::Nothing => head = Some(*winner),
                },
            }
        }
        Err(Unavailable::new("append an entry", "the next place was taken every time").into())
    }

    async fn store_entry(
        &self,
        entry: &LogEntry,
        session: &Session,
        send: &Send,
    ) -> Result<Appended, Failure> {
        let of = match &send.body {
            Body::Edit { of, .. } | Body::Delete { of } => *of,
            Body::Text { .. }
            | Body::Attachment { .. }
            | Body::Reaction { .. }
            | Body::Custom { .. }
            | Body::Deleted => return Ok(self.store.append(entry).await?),
        };
        let target = self.store.entry(&send.conversation, of).await?;
        let target = target.ok_or_else(|| {
            Failure::Refused(Refusal::new(
                ErrorCode::BadRequest,
                "body.of must be the seq of an entry",
            ))
        })?;
        target_rules(&target, &session.user, &send.body)?;
        match rewrite(&target, &send.body, entry.ts) {
            Some(after) => Ok(self.store.append_rewriting(entry, &target, &after).await?),
            None => Ok(self.store.append(entry).await?),
        }
    }

    /// The steps of an entry that was stored: only now is it known which one it is.
    fn note_send(&self, session: &Session, entry: &LogEntry, arrived: TimestampMs) {
        let (id, seq, now) = (&entry.conversation, entry.seq, self.now());
        self.note(Step::new(What::Accepted, id, seq, arrived).by(session));
        self.note(Step::new(What::Stored, id, seq, now).by(session));
        let change = match entry.body {
            Body::Edit { of, .. } => Some((of, What::Edited(seq))),
            Body::Delete { of } => Some((of, What::Deleted(seq))),
            Body::Text { .. }
            | Body::Attachment { .. }
            | Body::Reaction { .. }
            | Body::Custom { .. }
            | Body::Deleted => None,
        };
        if let Some((of, what)) = change {
            self.note(Step::new(what, id, of, now).by(session));
        }
    }

    /// What a device has when it writes, it has received.
    fn note_implied(&self, session: &Session, tail: &Tail, role: Role, after: Seq) {
        let had = tail.marks(role).recv;
        if after > had {
            let what = What::Confirmed(How::Reply);
            let step = Step::new(what, &tail.conversation.id, after, self.now());
            self.note(step.since(had + 1).by(session));
        }
    }

    /// Tells everybody else, and answers the sender.
    async fn relay_entry(
        &self,
        session: &Session,
        accepted: Accepted,
        connections: Vec<Connection>,
        tally: &mut Tally,
    ) -> Event {
        let Accepted { entry, duplicate } = accepted;
        let metric = if duplicate {
            Metric::Duplicates
        } else {
            Metric::Sends
        };
        tally.add(metric, 1);
        let sent = Sent {
            conversation: entry.conversation.clone(),
            id: entry.id.clone(),
            seq: entry.seq,
            ts: entry.ts,
            duplicate,
        };
        let frame = Event::Entry(entry.to_fields()).unasked().to_json();
        let except = Some(&session.connection);
        let post = Post {
            entry: Some((&entry.conversation, entry.seq)),
            ..Post::of(&frame, Effort::Retry)
        };
        self.fan_out(&connections, except, post, tally).await;
        Event::Sent(sent)
    }
}

fn conflict() -> Refusal {
    Refusal::new(
        ErrorCode::Conflict,
        "the id stands in the log with another body",
    )
}
