//! `hello`: who am I, and what is going on?

use futures_util::future::try_join;
use switchboard_protocol::Conversation;
use switchboard_protocol::event::{Event, Limits, Welcome};
use switchboard_protocol::limits::INBOX_DEFAULT;

use crate::actions::fill::Room;
use crate::failure::{Failure, Unavailable};
use crate::gateway::Gateway;
use crate::session::Session;

/// When a client should have opened another connection: at random within these, so that those who came together do not come back together.
const RECONNECT_MS: core::ops::Range<u64> = 100 * 60 * 1_000..115 * 60 * 1_000;

impl Gateway {
    pub(super) async fn hello(&self, session: &Session) -> Result<Event, Failure> {
        let list = self.list(&session.user, None, INBOX_DEFAULT);
        let (listed, ()) = try_join(list, self.stay_reachable(session)).await?;
        let (conversations, cut) =
            Room::in_a_frame().leading(listed.conversations, Conversation::bytes);
        let spread = u128::from(RECONNECT_MS.end - RECONNECT_MS.start);
        // The remainder of a 64-bit span fits into 64 bits.
        let jitter = u64::try_from(self.clock.dice() % spread).unwrap_or(0);
        let reconnect_at = session.connected_at + RECONNECT_MS.start + jitter;
        Ok(Event::Welcome(Welcome {
            user: session.user.clone(),
            role: session.role,
            now: self.now(),
            expires_at: session.expires_at,
            reconnect_by: reconnect_at.min(session.expires_at),
            conversations,
            more: cut || listed.more,
            limits: Limits::default(),
        }))
    }

    /// Puts the connection's row back where it has gone: a post that came before the handshake was through finds nobody,
    /// and takes the row for stale. This is the first that a client sends, so it hears from here on.
    async fn stay_reachable(&self, session: &Session) -> Result<(), Unavailable> {
        let row = self.row_of(session);
        // A list of a moment ago may still have what was removed since.
        if self.store.is_placed(&row).await? {
            return Ok(());
        }
        self.store.restore_connection(&row).await
    }
}
