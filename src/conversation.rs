//! A conversation as one of its members sees it, and the member's list of them.

use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use switchboard_protocol::action::{Position, Span};
use switchboard_protocol::limits::UNREAD_MAX;
use switchboard_protocol::{Conversation, ConversationId, Member, Role, TimestampMs, UserId};

use crate::failure::Unavailable;
use crate::gateway::Gateway;
use crate::log::{LogEntry, Tail};
use crate::ports::store::LIST_STEP_MS;

/// Logs that are read at once.
pub(crate) const READS_IN_FLIGHT: usize = 16;
/// Entries that are read at once when they have to be counted one by one.
const COUNT_PAGE: usize = 100;
/// Pages that are read to count; beyond them the count is what it would be if nothing had been deleted.
const COUNT_PAGES_MAX: usize = 5;
/// Conversations that are read to order a list exactly; beyond them the stored order has to do.
///
/// Only somebody with hundreds of conversations that were all active within half an hour gets there.
const LIST_READ_MAX: usize = 300;

/// Part of a list, newest first.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) conversations: Vec<Conversation>,
    /// Whether there are others below.
    pub(crate) more: bool,
}

impl Gateway {
    /// A conversation as a member sees it.
    pub(crate) async fn view(&self, tail: &Tail, role: Role) -> Result<Conversation, Unavailable> {
        let member = |side: Role| {
            let marks = tail.marks(side);
            Member {
                user: tail.conversation.user(side).clone(),
                role: side,
                recv: marks.recv,
                read: marks.read,
                muted_until: (side == role).then_some(tail.members.of(side).muted_until),
            }
        };
        Ok(Conversation {
            conversation: tail.conversation.id.clone(),
            key: tail.conversation.key.clone(),
            subject: tail.conversation.subject.clone(),
            members: vec![member(Role::Customer), member(Role::Provider)],
            last_seq: tail.last_seq(),
            last_at: tail.last_at(),
            last: tail.head().map(LogEntry::to_wire),
            unread: self.unread(tail, role).await?,
        })
    }

    /// The other's texts and attachments above one's own `read`: a subtraction, unless something was deleted since.
    async fn unread(&self, tail: &Tail, role: Role) -> Result<u64, Unavailable> {
        let member = tail.members.of(role);
        let written = tail.standing(role.other()).written;
        let unread = written.saturating_sub(member.others_written);
        let deletions = tail.head().map_or(0, |entry| entry.standings.deletions);
        if unread == 0 || deletions == member.deletions {
            return Ok(unread.min(UNREAD_MAX));
        }
        let (mut counted, mut after) = (0, member.marks.read);
        for _ in 0..COUNT_PAGES_MAX {
            let span = Span::After(after);
            let page = self
                .store
                .entries(&tail.conversation.id, span, COUNT_PAGE)
                .await?;
            let other = tail.conversation.user(role.other());
            let unread = |it: &&LogEntry| it.from == *other && it.body.counts_as_unread();
            counted += page.iter().filter(unread).count() as u64;
            after = page.last().map_or(after, |last| last.seq);
            if page.len() < COUNT_PAGE || counted >= UNREAD_MAX {
                return Ok(counted.min(UNREAD_MAX));
            }
        }
        Ok(unread.min(UNREAD_MAX))
    }

    /// A user's conversations, newest first, in exact order.
    ///
    /// The stored list trails the logs by less than [`LIST_STEP_MS`], so it is read until nothing below can still belong above.
    pub(crate) async fn list(
        &self,
        user: &UserId,
        below: Option<&Position>,
        limit: usize,
    ) -> Result<Listed, Unavailable> {
        let upto = below.map_or(TimestampMs::MAX >> 1, |position| position.last_at);
        let mut found: Vec<Conversation> = Vec::new();
        let mut last_listed: Option<Position> = None;
        let (mut more_below, mut read) = (true, 0);
        while more_below && read < LIST_READ_MAX {
            let after = last_listed.as_ref();
            let rows = self.store.recent(user, upto, after, limit + 1).await?;
            let ids = rows.iter().map(|row| row.conversation.clone());
            let views = self.views(user, ids).await?;
            let wanted = |it: &Conversation| below.is_none_or(|below| is_below(it, below));
            found.extend(views.into_iter().filter(wanted));
            found.sort_by(|a, b| sort_key(b).cmp(&sort_key(a)));
            read += rows.len();
            more_below = rows.len() > limit;
            last_listed = rows.into_iter().last();
            // Nothing that the list still holds can have a newest entry at or above this time.
            let horizon = last_listed
                .as_ref()
                .map(|last| last.last_at.saturating_add(LIST_STEP_MS));
            let next = found.get(limit);
            let settled = next
                .zip(horizon)
                .is_some_and(|(next, horizon)| next.last_at >= horizon);
            if settled {
                break;
            }
        }
        let more = more_below || found.len() > limit;
        found.truncate(limit);
        Ok(Listed {
            conversations: found,
            more,
        })
    }

    async fn views(
        &self,
        user: &UserId,
        ids: impl Iterator<Item = ConversationId>,
    ) -> Result<Vec<Conversation>, Unavailable> {
        let read = |id: ConversationId| async move {
            let Some(tail) = self.store.tail(&id).await? else {
                return Ok(None);
            };
            match tail.conversation.side_of(user) {
                Some(role) => self.view(&tail, role).await.map(Some),
                None => Ok(None),
            }
        };
        let reads: Vec<_> = ids.map(|id| read(id).boxed()).collect();
        let views: Vec<Option<Conversation>> = stream::iter(reads)
            .buffered(READS_IN_FLIGHT)
            .try_collect()
            .await?;
        Ok(views.into_iter().flatten().collect())
    }
}

fn sort_key(conversation: &Conversation) -> (TimestampMs, &ConversationId) {
    (conversation.last_at, &conversation.conversation)
}

fn is_below(conversation: &Conversation, position: &Position) -> bool {
    sort_key(conversation) < (position.last_at, &position.conversation)
}
