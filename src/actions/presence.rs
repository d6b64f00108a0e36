//! `presence`: who is there?

use std::collections::BTreeMap;

use futures_util::future::{try_join, try_join_all};
use switchboard_protocol::UserId;
use switchboard_protocol::action::Presence;
use switchboard_protocol::event::{Event, PresenceEvent, Present};

use crate::failure::{Failure, Unavailable};
use crate::gateway::Gateway;
use crate::ports::store::Pair;
use crate::session::Session;

impl Gateway {
    pub(super) async fn presence(
        &self,
        session: &Session,
        presence: Presence,
    ) -> Result<Event, Failure> {
        let asked = presence
            .users
            .into_iter()
            .map(|user| self.present(session, user));
        let known: BTreeMap<UserId, Present> =
            try_join_all(asked).await?.into_iter().flatten().collect();
        Ok(Event::Presence(PresenceEvent { users: known }))
    }

    /// Whether a user is there; nothing where the two share no conversation.
    async fn present(
        &self,
        session: &Session,
        user: UserId,
    ) -> Result<Option<(UserId, Present)>, Unavailable> {
        let pair = Pair::new(session.user.clone(), session.role, user.clone());
        if !self.store.acquainted(&pair).await? {
            return Ok(None);
        }
        let (connections, profile) =
            try_join(self.store.connections(&user), self.store.profile(&user)).await?;
        let online = !self.live(connections).is_empty();
        let last_seen = profile.map_or(0, |profile| profile.last_seen);
        let last_seen = if online { self.now() } else { last_seen };
        Ok(Some((user, Present { online, last_seen })))
    }
}
