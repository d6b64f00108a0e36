//! One frame to many connections: bounded in flight and in time, and never a reason for anything to fail.

use futures_util::future::{BoxFuture, Either, FutureExt, join, join_all, select};
use futures_util::stream::{self, StreamExt};
use switchboard_protocol::{ConversationId, Seq, TimestampMs, UserId};

use crate::gateway::Gateway;
use crate::metric::Metric;
use crate::ports::relay::Posted;
use crate::session::{Connection, ConnectionId, Session};
use crate::tally::Tally;
use crate::trail::{Step, What};

/// Posts in flight at once: enough for two members' devices, little enough for one function's sockets.
const IN_FLIGHT_MAX: usize = 32;
/// How long all attempts at one connection may take together: what a sender may come to wait for a dead peer.
const BUDGET_MS: u64 = 1_000;
/// The pause before the one retry.
const RETRY_AFTER_MS: u64 = 100;

/// How long a handshake may take: the platform gives its functions 29 s, and the clocks of two may differ.
const HANDSHAKE_MS: u64 = 30_000;

/// Whether a connection may still be opening: before its 101 it answers as one that has gone, and that says nothing then.
pub(crate) fn may_be_opening(connection: &Connection, now: TimestampMs) -> bool {
    now < connection.connected_at.saturating_add(HANDSHAKE_MS)
}

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Once, and once more where the platform was busy.
    Retry,
    /// Once: what is lost is not worth a retry.
    Once,
}

/// A frame that is to be posted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post<'a> {
    /// Its text.
    pub(crate) frame: &'a str,
    /// How hard to try.
    pub(crate) effort: Effort,
    /// The entry that it is, where it is one: its trail is told of each attempt.
    pub(crate) entry: Option<(&'a ConversationId, Seq)>,
    /// Whether it was posted before and nobody confirmed.
    pub(crate) again: bool,
}

impl<'a> Post<'a> {
    /// A frame that is no entry.
    pub(crate) fn of(frame: &'a str, effort: Effort) -> Self {
        Self {
            frame,
            effort,
            entry: None,
            again: false,
        }
    }
}

impl Gateway {
    /// A user's connections that are worth posting to.
    pub(crate) fn live(&self, connections: Vec<Connection>) -> Vec<Connection> {
        let now: TimestampMs = self.now();
        connections
            .into_iter()
            .filter(|it| it.expires_at > now)
            .collect()
    }

    /// The live connections of several users. A user whose connections cannot be read has none: a doorbell is not worth a failure.
    pub(crate) async fn live_connections<'a>(
        &self,
        users: impl IntoIterator<Item = &'a UserId>,
    ) -> Vec<Connection> {
        let read = |user| async move {
            self.store.connections(user).await.unwrap_or_else(|unavailable| {
                tracing::warn!(error = ?unavailable, "connections could not be read: nobody is told live");
                Vec::new()
            })
        };
        let all = join_all(users.into_iter().map(read)).await;
        self.live(all.into_iter().flatten().collect())
    }

    /// Posts a frame to all of these connections but one. Rows of connections that have gone are removed.
    pub(crate) async fn fan_out(
        &self,
        connections: &[Connection],
        except: Option<&ConnectionId>,
        post: Post<'_>,
        tally: &mut Tally,
    ) {
        let mut posts: Vec<BoxFuture<'_, Posted>> = Vec::with_capacity(connections.len());
        for connection in connections {
            if Some(&connection.id) != except {
                posts.push(self.settle(connection, post).boxed());
            }
        }
        let posted = stream::iter(posts).buffer_unordered(IN_FLIGHT_MAX);
        let posted: Vec<Posted> = posted.collect().await;
        for outcome in posted {
            tally.add(metric_of(outcome), 1);
        }
    }

    /// Posts frames to all of these connections, to each in order and until it fails.
    pub(crate) async fn post_in_order(
        &self,
        connections: &[Connection],
        frames: &[Post<'_>],
    ) -> Tally {
        let mut posts: Vec<BoxFuture<'_, Tally>> = Vec::with_capacity(connections.len());
        for connection in connections {
            posts.push(self.post_until_failed(connection, frames).boxed());
        }
        let mut tally = Tally::default();
        let posted: Vec<Tally> = stream::iter(posts)
            .buffer_unordered(IN_FLIGHT_MAX)
            .collect()
            .await;
        for posted in &posted {
            tally.merge(posted);
        }
        tally
    }

    async fn post_until_failed(&self, connection: &Connection, frames: &[Post<'_>]) -> Tally {
        let mut tally = Tally::default();
        for frame in frames {
            let outcome = self.settle(connection, *frame).await;
            tally.add(metric_of(outcome), 1);
            if outcome != Posted::Delivered {
                break;
            }
        }
        tally
    }

    /// Posts a frame to the session's own connection: the way to it from a route that has no answer.
    pub async fn tell(&self, session: &Session, frame: &str, tally: &mut Tally) {
        let own = [self.row_of(session)];
        let post = Post::of(frame, Effort::Retry);
        self.fan_out(&own, None, post, tally).await;
    }

    /// Posts to one connection within the budget, and removes its row if it has gone.
    async fn settle(&self, connection: &Connection, post: Post<'_>) -> Posted {
        let begun = self.now();
        let attempts = self.attempt(connection, post);
        let outcome = match select(attempts, self.clock.sleep(BUDGET_MS)).await {
            Either::Left((posted, _)) => posted,
            Either::Right(((), _)) => {
                let silence = Posted::Failed(None);
                self.note_post(connection, post, begun, silence);
                silence
            }
        };
        if outcome == Posted::Gone && !may_be_opening(connection, self.now()) {
            let (user, device) = (&connection.user, connection.device.as_ref());
            let removed = self
                .store
                .delete_connection(user, device, &connection.id)
                .await;
            if let Err(unavailable) = removed {
                tracing::warn!(error = ?unavailable, "a stale row stays until it expires");
            }
        }
        outcome
    }

    fn attempt<'a>(&'a self, connection: &'a Connection, post: Post<'a>) -> BoxFuture<'a, Posted> {
        Box::pin(async move {
            let posted = self.post(connection, post).await;
            match (posted, post.effort) {
                (Posted::Throttled | Posted::Failed(_), Effort::Retry) => {
                    self.clock.sleep(RETRY_AFTER_MS).await;
                    self.post(connection, post).await
                }
                (Posted::Delivered | Posted::Gone, _)
                | (Posted::Throttled | Posted::Failed(_), Effort::Once) => posted,
            }
        })
    }

    async fn post(&self, connection: &Connection, post: Post<'_>) -> Posted {
        let begun = self.now();
        let posted = self.relay.post(connection, post.frame).await;
        self.note_post(connection, post, begun, posted);
        posted
    }

    fn note_post(
        &self,
        connection: &Connection,
        post: Post<'_>,
        begun: TimestampMs,
        posted: Posted,
    ) {
        let Some((conversation, seq)) = post.entry else {
            return;
        };
        let what = if post.again {
            What::Reposted(posted)
        } else {
            What::Posted(posted)
        };
        let step = Step::new(what, conversation, seq, begun);
        self.note(step.over(connection).until(self.now()));
    }

    /// Reads two users' live connections at the same time.
    pub(crate) async fn both_live(&self, one: &UserId, other: &UserId) -> Vec<Connection> {
        let (mut mine, theirs) =
            join(self.live_connections([one]), self.live_connections([other])).await;
        mine.extend(theirs);
        mine
    }
}

fn metric_of(outcome: Posted) -> Metric {
    match outcome {
        Posted::Delivered => Metric::RelaysDelivered,
        Posted::Gone => Metric::RelaysGone,
        Posted::Throttled => Metric::RelaysThrottled,
        Posted::Failed(_) => Metric::RelaysFailed,
    }
}
