//! `open`: the conversation with a user, new or not.

use futures_util::future::{try_join, try_join4};
use switchboard_protocol::action::Open;
use switchboard_protocol::event::{Event, Opened};
use switchboard_protocol::{ConversationId, ErrorCode, UserId};

use crate::failure::{Failure, Unavailable, refused};
use crate::fanout::{Effort, Post};
use crate::gateway::Gateway;
use crate::log::{Conversation, Sides, Tail};
use crate::ports::store::{Blocks, Created, Pair, Profile};
use crate::session::Session;
use crate::tally::Tally;

/// How often an `open` begins again when somebody else opens or blocks at the same moment.
const ATTEMPTS_MAX: usize = 5;

impl Gateway {
    pub(super) async fn open(
        &self,
        session: &Session,
        open: Open,
        tally: &mut Tally,
    ) -> Result<Event, Failure> {
        let pair = Pair::new(session.user.clone(), session.role, open.with.clone());
        for _ in 0..ATTEMPTS_MAX {
            let (known, profile, creator_blocks, blocked) = try_join4(
                self.store.paired(&pair, &open.key),
                self.store.profile(&open.with),
                self.store.blocks(&session.user, &open.with),
                self.store.blocks(&open.with, &session.user),
            )
            .await?;
            if let Some(id) = known {
                return self.opened(session, &id).await;
            }
            may_meet(session, &open.with, profile.as_ref(), blocked)?;
            let conversation = self.new_conversation(&pair, &open)?;
            let blocks = Blocks { creator_blocks };
            match self
                .store
                .create(&conversation, session.role, blocks)
                .await?
            {
                Created::New => return self.created(session, conversation, tally).await,
                Created::Exists(id) => return self.opened(session, &id).await,
                Created::Contended => self.clock.sleep(self.jitter_ms()).await,
            }
        }
        Err(Unavailable::new("open a conversation", "somebody else kept changing it").into())
    }

    fn new_conversation(&self, pair: &Pair, open: &Open) -> Result<Conversation, Unavailable> {
        let id: ConversationId = self.ulid().parse().map_err(|_| {
            Unavailable::new("name a conversation", "the clock is past the year 10889")
        })?;
        Ok(Conversation {
            id,
            key: open.key.clone(),
            subject: open.subject.clone(),
            pair: pair.clone(),
            created_at: self.now(),
            listed_at: self.now(),
            closed_at: None,
        })
    }

    /// The reply for a conversation that was there before.
    async fn opened(&self, session: &Session, id: &ConversationId) -> Result<Event, Failure> {
        let tail = self.store.tail(id).await?;
        let tail = tail.ok_or_else(|| Unavailable::new("open a conversation", "it has no log"))?;
        let conversation = self.view(&tail, session.role).await?;
        Ok(Event::Opened(Opened {
            conversation,
            created: false,
        }))
    }

    /// The reply for a new conversation, which the other member is told of.
    async fn created(
        &self,
        session: &Session,
        conversation: Conversation,
        tally: &mut Tally,
    ) -> Result<Event, Failure> {
        let tail = Tail {
            conversation,
            members: Sides::default(),
            newest: Vec::new(),
        };
        let role = session.role;
        let (mine, theirs) =
            try_join(self.view(&tail, role), self.view(&tail, role.other())).await?;
        let event = Event::Opened(Opened {
            conversation: theirs,
            created: true,
        });
        let others = self
            .live_connections([tail.conversation.user(role.other())])
            .await;
        let frame = event.unasked().to_json();
        let post = Post::of(&frame, Effort::Retry);
        self.fan_out(&others, None, post, tally).await;
        Ok(Event::Opened(Opened {
            conversation: mine,
            created: true,
        }))
    }
}

/// Whether a user may open a new conversation with the owner of a profile.
fn may_meet(
    session: &Session,
    other: &UserId,
    with: Option<&Profile>,
    blocked: bool,
) -> Result<(), Failure> {
    match with {
        // Whoever changed sides is still not two people.
        Some(profile) if profile.role == session.role.other() && *other != session.user => {}
        Some(_) | None => {
            let message = "nobody of that name, on the other side, has ever connected";
            return Err(refused(ErrorCode::UnknownUser, message));
        }
    }
    if blocked {
        return Err(refused(
            ErrorCode::Blocked,
            "the other user has blocked you",
        ));
    }
    Ok(())
}
