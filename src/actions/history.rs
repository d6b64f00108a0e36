//! `history`: entries of one conversation.

use futures_util::future::try_join;
use switchboard_protocol::action::{History, Span};
use switchboard_protocol::event::{Event, Page};
use switchboard_protocol::{Entry, Seq};

use crate::actions::fill::Room;
use crate::failure::{Failure, unknown_conversation};
use crate::gateway::Gateway;
use crate::log::LogEntry;
use crate::session::Session;

impl Gateway {
    pub(super) async fn history(
        &self,
        session: &Session,
        history: History,
    ) -> Result<Event, Failure> {
        let History {
            conversation,
            from,
            limit,
        } = history;
        // One more than asked for tells whether there are more above.
        let wanted = match from {
            Span::After(_) => limit + 1,
            Span::Before(_) => limit,
        };
        let (member, entries) = try_join(
            self.store.member(&conversation, &session.user),
            self.store.entries(&conversation, from, wanted),
        )
        .await?;
        member.ok_or_else(unknown_conversation)?;
        let entries: Vec<Entry> = entries.iter().map(LogEntry::to_wire).collect();
        let (entries, more) = match from {
            Span::After(_) => ascending(entries, limit),
            Span::Before(_) => descending(entries),
        };
        Ok(Event::Page(Page {
            conversation,
            entries,
            more,
        }))
    }
}

/// The lowest entries that fit, and whether there are others above.
fn ascending(entries: Vec<Entry>, limit: usize) -> (Vec<Entry>, bool) {
    let beyond = entries.len() > limit;
    let (entries, cut) = Room::in_a_frame().leading(entries.into_iter().take(limit), Entry::bytes);
    (entries, beyond || cut)
}

/// The highest entries that fit, ascending, and whether there are others below: a log has no gaps, so its first entry tells.
fn descending(entries: Vec<Entry>) -> (Vec<Entry>, bool) {
    let (mut entries, _) = Room::in_a_frame().leading(entries.into_iter().rev(), Entry::bytes);
    entries.reverse();
    let lowest: Option<Seq> = entries.first().map(|entry| entry.fields.seq);
    (entries, lowest.is_some_and(|seq| seq > 1))
}
