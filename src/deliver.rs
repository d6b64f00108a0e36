//! What happens after an entry was stored: it is confirmed, or pushed.
//!
//! `deliver` runs on the table's stream, so it sees every stored entry at least once, whatever became of the function
//! that stored it. For each member other than the author it asks the log whether the entry was confirmed. A member
//! without a live connection is pushed to at once; one who has a connection but did not confirm gets a grace period,
//! then the entry again and a push.

use std::collections::BTreeMap;

use futures_util::future::{FutureExt, join};
use futures_util::stream::{self, StreamExt};
use switchboard_protocol::action::Span;
use switchboard_protocol::event::Event;
use switchboard_protocol::{ConversationId, Role, Seq, TimestampMs};

use crate::conversation::READS_IN_FLIGHT;
use crate::failure::Unavailable;
use crate::fanout::{Effort, Post};
use crate::gateway::Gateway;
use crate::log::{LogEntry, Tail};
use crate::metric::Metric;
use crate::ports::store::LIST_STEP_MS;
use crate::tally::Tally;
use crate::trail::{self, What};

mod push;

use push::Addressees;

/// How long a connection has to confirm an entry before it is posted again and pushed.
pub const GRACE_MS: u64 = 3_000;

/// Entries of one conversation that a member with a live connection has not confirmed.
struct Waiting {
    conversation: ConversationId,
    role: Role,
    /// The places of the first and the last of them.
    first: Seq,
    last: Seq,
    /// When the youngest was accepted.
    youngest: TimestampMs,
}

/// What a step came to.
struct Step<T> {
    result: Result<T, Unavailable>,
    conversation: ConversationId,
    tally: Tally,
}

impl Gateway {
    /// Delivers a batch of stored entries. Returns the conversations that have to be tried again; the others are done.
    pub async fn deliver(&self, batch: Vec<LogEntry>, tally: &mut Tally) -> Vec<ConversationId> {
        let begins = self.now();
        for entry in &batch {
            tally.took(Metric::DeliverLag, begins.saturating_sub(entry.ts));
        }
        let mut conversations: BTreeMap<ConversationId, Vec<LogEntry>> = BTreeMap::new();
        for entry in batch {
            conversations
                .entry(entry.conversation.clone())
                .or_default()
                .push(entry);
        }
        let mut failed = Vec::new();
        let mut at_once = Vec::with_capacity(conversations.len());
        for (id, entries) in conversations {
            at_once.push(self.at_once(id, entries).boxed());
        }
        let steps: Vec<Step<Vec<Waiting>>> = stream::iter(at_once)
            .buffered(READS_IN_FLIGHT)
            .collect()
            .await;
        let waiting: Vec<Waiting> = steps
            .into_iter()
            .flat_map(|step| settle(step, &mut failed, tally))
            .collect();
        let Some(youngest) = waiting.iter().map(|it| it.youngest).max() else {
            return failed;
        };
        let ripe_in = (youngest + GRACE_MS).saturating_sub(self.now());
        // A clock that runs ahead of ours makes nobody wait longer than the grace.
        self.clock.sleep(ripe_in.min(GRACE_MS)).await;
        let mut again = Vec::with_capacity(waiting.len());
        for waiting in waiting {
            again.push(self.again(waiting).boxed());
        }
        let steps: Vec<Step<Vec<()>>> = stream::iter(again)
            .buffered(READS_IN_FLIGHT)
            .collect()
            .await;
        for step in steps {
            settle(step, &mut failed, tally);
        }
        failed
    }

    /// What can be done for one conversation without waiting.
    async fn at_once(
        &self,
        conversation: ConversationId,
        entries: Vec<LogEntry>,
    ) -> Step<Vec<Waiting>> {
        let mut tally = Tally::default();
        let result = self.look(&conversation, &entries, &mut tally).await;
        Step {
            result,
            conversation,
            tally,
        }
    }

    async fn look(
        &self,
        conversation: &ConversationId,
        entries: &[LogEntry],
        tally: &mut Tally,
    ) -> Result<Vec<Waiting>, Unavailable> {
        let newest = entries.iter().map(|entry| entry.ts).max().unwrap_or(0);
        let must_touch = |tail: &Tail| newest >= tail.conversation.listed_at + LIST_STEP_MS;
        // What was confirmed a moment ago is confirmed: mostly that is all there is to see.
        let glanced = self.store.glance(conversation).await?;
        let is_done = |tail: &Tail| {
            let roles = [Role::Customer, Role::Provider];
            let open = roles.map(|role| pending(tail, role, entries));
            open.iter().all(Option::is_none) && !must_touch(tail)
        };
        if glanced.as_ref().is_some_and(is_done) {
            return Ok(Vec::new());
        }
        // Erased meanwhile: there is nobody to deliver to.
        let Some(tail) = self.store.tail(conversation).await? else {
            return Ok(Vec::new());
        };
        if must_touch(&tail) {
            self.store.touch(&tail.conversation, newest).await?;
        }
        let mut waiting = Vec::new();
        for role in [Role::Customer, Role::Provider] {
            let Some(pending) = pending(&tail, role, entries) else {
                continue;
            };
            let user = tail.conversation.user(role);
            if self.live(self.store.connections(user).await?).is_empty() {
                let told = pending.first..=pending.last;
                let addressees = self.push_entry(&tail, role, told, tally).await?;
                if addressees == Addressees::None {
                    tally.add(Metric::Undelivered, 1);
                }
            } else {
                let step = trail::Step::new(What::Waits, conversation, pending.last, self.now());
                self.note(step.since(pending.first).to(user, None));
                waiting.push(pending);
            }
        }
        Ok(waiting)
    }

    /// The second look at what was not confirmed, after the grace.
    async fn again(&self, waiting: Waiting) -> Step<Vec<()>> {
        let mut tally = Tally::default();
        let result = self
            .redeliver(&waiting, &mut tally)
            .await
            .map(|()| Vec::new());
        Step {
            result,
            conversation: waiting.conversation,
            tally,
        }
    }

    async fn redeliver(&self, waiting: &Waiting, tally: &mut Tally) -> Result<(), Unavailable> {
        let Waiting {
            conversation,
            role,
            first,
            last,
            ..
        } = waiting;
        let Some(tail) = self.store.tail(conversation).await? else {
            return Ok(());
        };
        let first = (tail.marks(*role).recv + 1).max(*first);
        if first > *last {
            return Ok(());
        }
        let connections = self.live(
            self.store
                .connections(tail.conversation.user(*role))
                .await?,
        );
        // As they read now: what was deleted meanwhile is not told again.
        let limit = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        let entries = self
            .store
            .entries(conversation, Span::After(first - 1), limit)
            .await?;
        let own = tail.conversation.user(*role);
        let others = entries.iter().filter(|it| it.from != *own);
        let frames: Vec<(Seq, String)> = others
            .map(|it| (it.seq, Event::Entry(it.to_fields()).unasked().to_json()))
            .collect();
        let posts: Vec<Post<'_>> = frames
            .iter()
            .map(|(seq, frame)| Post {
                entry: Some((conversation, *seq)),
                again: true,
                ..Post::of(frame, Effort::Once)
            })
            .collect();
        tally.add(Metric::Redeliveries, posts.len() as u64);
        // A connection that hangs must not hold the push up.
        let mut push_tally = Tally::default();
        let (post_tally, pushed) = join(
            self.post_in_order(&connections, &posts),
            self.push_entry(&tail, *role, first..=*last, &mut push_tally),
        )
        .await;
        tally.merge(&post_tally);
        tally.merge(&push_tally);
        pushed.map(|_whom| ())
    }
}

/// The entries of a batch that a member has neither written nor confirmed.
fn pending(tail: &Tail, role: Role, entries: &[LogEntry]) -> Option<Waiting> {
    let recv = tail.marks(role).recv;
    let user = tail.conversation.user(role);
    let open: Vec<_> = entries
        .iter()
        .filter(|it| it.from != *user && it.seq > recv)
        .collect();
    Some(Waiting {
        conversation: tail.conversation.id.clone(),
        role,
        first: open.iter().map(|it| it.seq).min()?,
        last: open.iter().map(|it| it.seq).max()?,
        youngest: open.iter().map(|it| it.ts).max()?,
    })
}

/// Adds a step's counts up, notes its conversation where it failed, and returns what it came to.
fn settle<T: Default>(step: Step<T>, failed: &mut Vec<ConversationId>, tally: &mut Tally) -> T {
    tally.merge(&step.tally);
    step.result.unwrap_or_else(|unavailable| {
        let conversation = step.conversation.as_str();
        tracing::warn!(error = ?unavailable, conversation, "a delivery will be tried again");
        failed.push(step.conversation);
        T::default()
    })
}
