//! `typing`: never stored, dropped first.

use switchboard_protocol::ErrorCode;
use switchboard_protocol::action::Typing;
use switchboard_protocol::event::{Event, TypingEvent};

use crate::failure::{Failure, refused, unknown_conversation};
use crate::fanout::{Effort, Post};
use crate::gateway::Gateway;
use crate::session::Session;
use crate::tally::Tally;

impl Gateway {
    pub(super) async fn typing(
        &self,
        session: &Session,
        typing: &Typing,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let tail = self
            .store
            .tail(&typing.conversation)
            .await?
            .ok_or_else(unknown_conversation)?;
        let role = tail
            .conversation
            .side_of(&session.user)
            .ok_or_else(unknown_conversation)?;
        if tail.members.of(role.other()).blocks {
            return Err(refused(
                ErrorCode::Blocked,
                "the other member has blocked you",
            ));
        }
        let event = Event::Typing(TypingEvent {
            conversation: typing.conversation.clone(),
            user: session.user.clone(),
            on: typing.on,
        });
        let others = self
            .live_connections([tail.conversation.user(role.other())])
            .await;
        let frame = event.unasked().to_json();
        let post = Post::of(&frame, Effort::Once);
        self.fan_out(&others, None, post, tally).await;
        Ok(())
    }
}
