//! `receipt`: what was stored and seen.

use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use switchboard_protocol::action::{Marks, Receipt};
use switchboard_protocol::event::{Event, ReceiptEvent};
use switchboard_protocol::{ConversationId, ErrorCode, Role};

use crate::conversation::READS_IN_FLIGHT;
use crate::failure::{Failure, Unavailable, refused, unknown_conversation};
use crate::fanout::{Effort, Post};
use crate::gateway::Gateway;
use crate::log::{Member, Tail};
use crate::ports::store::{Marked, Progress};
use crate::session::Session;
use crate::tally::Tally;
use crate::trail::{How, Step, What};

/// How often the marks may move while they are being moved: another device of the same user did.
const ATTEMPTS_MAX: usize = 5;

impl Gateway {
    pub(super) async fn receipt(
        &self,
        session: &Session,
        receipt: &Receipt,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        // All are looked at before the first is written: a refused frame changes nothing.
        let mut reads = Vec::with_capacity(receipt.receipts.len());
        for (id, marks) in &receipt.receipts {
            reads.push(self.receivable(session, id, *marks).boxed());
        }
        let reads = stream::iter(reads);
        let tails: Vec<(Tail, Role, Marks)> = reads.buffered(READS_IN_FLIGHT).try_collect().await?;
        let mut attempts = Vec::with_capacity(tails.len());
        for (tail, role, marks) in &tails {
            attempts.push(self.raise_and_tell(session, tail, *role, *marks).boxed());
        }
        let raised: Vec<Result<Tally, Unavailable>> = stream::iter(attempts)
            .buffer_unordered(READS_IN_FLIGHT)
            .collect()
            .await;
        for raised in raised {
            tally.merge(&raised?);
        }
        Ok(())
    }

    async fn raise_and_tell(
        &self,
        session: &Session,
        tail: &Tail,
        role: Role,
        marks: Marks,
    ) -> Result<Tally, Unavailable> {
        let mut tally = Tally::default();
        if let Some((from, marks)) = self.raise(tail, role, marks).await? {
            self.note_receipt(session, tail, from, marks);
            self.tell_receipt(session, tail, marks, &mut tally).await;
        }
        Ok(tally)
    }

    async fn receivable(
        &self,
        session: &Session,
        id: &ConversationId,
        marks: Marks,
    ) -> Result<(Tail, Role, Marks), Failure> {
        // What a device has received was stored before. A read of a moment ago that knows of it is enough: marks are
        // raised from where they stand or not at all.
        let knows = |tail: &Tail| marks.recv.max(marks.read) <= tail.last_seq();
        let glanced = self.store.glance(id).await?.filter(knows);
        let tail = match glanced {
            Some(tail) => tail,
            None => self
                .store
                .tail(id)
                .await?
                .ok_or_else(unknown_conversation)?,
        };
        let role = tail
            .conversation
            .side_of(&session.user)
            .ok_or_else(unknown_conversation)?;
        for (field, seq) in [("recv", marks.recv), ("read", marks.read)] {
            if seq > tail.last_seq() {
                let message = format!("receipts.{field} must not be above last_seq");
                return Err(refused(ErrorCode::BadRequest, message));
            }
        }
        Ok((tail, role, marks))
    }

    fn note_receipt(&self, session: &Session, tail: &Tail, from: Marks, to: Marks) {
        let (id, now) = (&tail.conversation.id, self.now());
        let raised = [
            (What::Confirmed(How::Receipt), from.recv, to.recv),
            (What::Read, from.read, to.read),
        ];
        for (what, above, upto) in raised {
            if upto > above {
                let step = Step::new(what, id, upto, now).since(above + 1);
                self.note(step.by(session));
            }
        }
    }

    /// Raises a member's marks and returns where they stood and stand; `None` where nothing changed.
    async fn raise(
        &self,
        tail: &Tail,
        role: Role,
        wanted: Marks,
    ) -> Result<Option<(Marks, Marks)>, Unavailable> {
        let (id, user) = (&tail.conversation.id, tail.conversation.user(role));
        let mut member: Member = tail.members.of(role).clone();
        for _ in 0..ATTEMPTS_MAX {
            let from = member.marks;
            let read = from.read.max(wanted.read);
            // What was seen has been stored, and what the log implies is not taken back.
            let implied = tail.standing(role).recv;
            let recv = from.recv.max(wanted.recv).max(read);
            let marks = Marks {
                recv: if recv == from.recv {
                    recv
                } else {
                    recv.max(implied)
                },
                read,
            };
            if marks == from {
                return Ok(None);
            }
            let stood = Marks {
                recv: from.recv.max(implied),
                read: from.read,
            };
            let progress = self.progress(tail, role, &member, marks).await?;
            match self.store.mark(id, user, from, &progress).await? {
                Marked::Done => return Ok(Some((stood, marks))),
                // An earlier attempt of ours, whose answer was lost: the others have not been told.
                Marked::Moved(moved) if moved.marks == marks => return Ok(Some((stood, marks))),
                Marked::Moved(moved) => member = *moved,
            }
        }
        Err(Unavailable::new(
            "move a member's marks",
            "they kept moving",
        ))
    }

    /// The counts at the new `read`, from the entry that stands there.
    async fn progress(
        &self,
        tail: &Tail,
        role: Role,
        member: &Member,
        marks: Marks,
    ) -> Result<Progress, Unavailable> {
        let unmoved = Progress {
            marks,
            others_written: member.others_written,
            deletions: member.deletions,
        };
        if marks.read == member.marks.read {
            return Ok(unmoved);
        }
        let known = tail
            .newest
            .iter()
            .find(|entry| entry.seq == marks.read)
            .cloned();
        let entry = match known {
            Some(entry) => Some(entry),
            None => self.store.entry(&tail.conversation.id, marks.read).await?,
        };
        Ok(entry.map_or(unmoved, |entry| Progress {
            marks,
            others_written: entry.standings.sides.of(role.other()).written,
            deletions: entry.standings.deletions,
        }))
    }

    async fn tell_receipt(&self, session: &Session, tail: &Tail, marks: Marks, tally: &mut Tally) {
        let event = Event::Receipt(ReceiptEvent {
            conversation: tail.conversation.id.clone(),
            user: session.user.clone(),
            recv: marks.recv,
            read: marks.read,
        });
        let pair = &tail.conversation.pair;
        let connections = self.both_live(&pair.customer, &pair.provider).await;
        let (frame, except) = (event.unasked().to_json(), Some(&session.connection));
        let post = Post::of(&frame, Effort::Retry);
        self.fan_out(&connections, except, post, tally).await;
    }
}
