//! `inbox`: the conversations, newest first.

use switchboard_protocol::Conversation;
use switchboard_protocol::action::{Inbox, Position};
use switchboard_protocol::event::{Event, InboxEvent};

use crate::actions::fill::Room;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::session::Session;

impl Gateway {
    pub(super) async fn inbox(&self, session: &Session, inbox: Inbox) -> Result<Event, Failure> {
        let listed = self
            .list(&session.user, inbox.next.as_ref(), inbox.limit)
            .await?;
        let (conversations, cut) =
            Room::in_a_frame().leading(listed.conversations, Conversation::bytes);
        let last = conversations.last().filter(|_| cut || listed.more);
        let next = last.map(|it| {
            Position {
                last_at: it.last_at,
                conversation: it.conversation.clone(),
            }
            .to_next()
        });
        Ok(Event::Inbox(InboxEvent {
            conversations,
            next,
        }))
    }
}
