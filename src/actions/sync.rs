//! `sync`: everything above these cursors.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use switchboard_protocol::action::{Span, Sync};
use switchboard_protocol::event::{Event, Synced};
use switchboard_protocol::limits::{SYNC_NEWEST, SYNC_RECENT_MAX};
use switchboard_protocol::{ConversationId, Entry, Seq, TimestampMs};

use crate::actions::fill::Room;
use crate::conversation::READS_IN_FLIGHT;
use crate::failure::{Failure, Unavailable};
use crate::gateway::Gateway;
use crate::log::LogEntry;
use crate::session::Session;

/// Entries of one conversation that are read at once: more do not fit into a frame unless they are tiny.
const PAGE: usize = 100;

/// What one conversation has above a cursor.
struct Above {
    entries: Vec<Entry>,
    /// Whether these are all.
    more: bool,
}

impl Gateway {
    pub(super) async fn sync(&self, session: &Session, sync: Sync) -> Result<Event, Failure> {
        let upto = TimestampMs::MAX >> 1;
        let recent = self
            .store
            .recent(&session.user, upto, None, SYNC_RECENT_MAX)
            .await?;
        let mut cursors: BTreeMap<ConversationId, Option<Seq>> = sync
            .cursors
            .into_iter()
            .map(|(id, cursor)| (id, Some(cursor)))
            .collect();
        for position in recent {
            cursors.entry(position.conversation).or_insert(None);
        }
        let mut reads = Vec::with_capacity(cursors.len());
        for (id, cursor) in cursors {
            reads.push(self.above(session, id, cursor).boxed());
        }
        let mut pages = pin!(stream::iter(reads).buffered(READS_IN_FLIGHT));
        let (mut room, mut entries, mut more) = (Room::in_a_frame(), Vec::new(), false);
        while let Some(above) = pages.try_next().await? {
            let (fitting, cut) = room.leading(above.entries, Entry::bytes);
            entries.extend(fitting);
            more = more || above.more;
            if cut {
                more = true;
                break;
            }
        }
        Ok(Event::Synced(Synced { entries, more }))
    }

    /// A conversation's entries above a cursor; the newest where there is none. Somebody else's conversation has nothing.
    async fn above(
        &self,
        session: &Session,
        id: ConversationId,
        cursor: Option<Seq>,
    ) -> Result<Above, Unavailable> {
        let nothing = Above {
            entries: Vec::new(),
            more: false,
        };
        let Some(tail) = self.store.tail(&id).await? else {
            return Ok(nothing);
        };
        if tail.conversation.side_of(&session.user).is_none() {
            return Ok(nothing);
        }
        let newest = tail.last_seq().saturating_sub(SYNC_NEWEST as u64);
        let after = cursor.unwrap_or(newest);
        if after >= tail.last_seq() {
            return Ok(nothing);
        }
        let entries: Vec<LogEntry> = if tail.missing_upto(after) == 0 {
            tail.newest
                .iter()
                .rev()
                .filter(|entry| entry.seq > after)
                .cloned()
                .collect()
        } else {
            self.store.entries(&id, Span::After(after), PAGE).await?
        };
        let more = entries
            .last()
            .is_some_and(|last| last.seq < tail.last_seq());
        Ok(Above {
            entries: entries.iter().map(LogEntry::to_wire).collect(),
            more,
        })
    }
}
