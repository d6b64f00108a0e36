//! `settings`: mute or block.

use futures_util::stream::{self, StreamExt};
use switchboard_protocol::action::Settings;
use switchboard_protocol::event::{Event, SettingsEvent};
use switchboard_protocol::{ConversationId, ErrorCode, TimestampMs, UserId};

use crate::conversation::READS_IN_FLIGHT;
use crate::failure::{Failure, refused, unknown_conversation};
use crate::gateway::Gateway;
use crate::ports::store::{Block, Pair};
use crate::session::Session;

impl Gateway {
    pub(super) async fn settings(
        &self,
        session: &Session,
        settings: Settings,
    ) -> Result<Event, Failure> {
        let event = match settings {
            Settings::Mute {
                conversation,
                muted_until,
            } => {
                let muted_until = self.mute(session, &conversation, muted_until).await?;
                SettingsEvent::Mute {
                    conversation,
                    muted_until,
                }
            }
            Settings::Block { user, blocked } => {
                let block = if blocked { Block::On } else { Block::Off };
                self.block(session, &user, block).await?;
                SettingsEvent::Block { user, blocked }
            }
        };
        Ok(Event::Settings(event))
    }

    /// Mutes where it is said until when, and returns what is in force.
    async fn mute(
        &self,
        session: &Session,
        conversation: &ConversationId,
        until: Option<TimestampMs>,
    ) -> Result<TimestampMs, Failure> {
        let Some(until) = until else {
            let member = self.store.member(conversation, &session.user).await?;
            return Ok(member.ok_or_else(unknown_conversation)?.muted_until);
        };
        if !self.store.mute(conversation, &session.user, until).await? {
            return Err(unknown_conversation());
        }
        Ok(until)
    }

    /// First the block itself, which a conversation that is being opened checks; then its copies, which sends check.
    async fn block(&self, session: &Session, other: &UserId, block: Block) -> Result<(), Failure> {
        if *other == session.user || self.store.profile(other).await?.is_none() {
            return Err(refused(
                ErrorCode::UnknownUser,
                "nobody of that name has ever connected",
            ));
        }
        self.store.note_block(&session.user, other, block).await?;
        let pair = Pair::new(session.user.clone(), session.role, other.clone());
        let conversations = self.store.conversations_of(&pair).await?;
        let mut writes = Vec::with_capacity(conversations.len());
        for id in &conversations {
            writes.push(self.store.note_block_in(id, &session.user, block));
        }
        // Each is tried before the first failure is told, so that a retry has less to do and not the same.
        let noted: Vec<_> = stream::iter(writes)
            .buffer_unordered(READS_IN_FLIGHT)
            .collect()
            .await;
        noted.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(())
    }
}
