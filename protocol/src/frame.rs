//! From the text of a client frame to an action.

use serde_json::Value;

use crate::action::{Action, Settings};
use crate::error::{ErrorCode, Refusal};
use crate::event::ErrorEvent;
use crate::fields::Fields;
use crate::ids::{ConversationId, EntryId, Reference};

/// A client frame that can be acted upon.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFrame {
    /// What comes back on the reply.
    pub reference: Option<Reference>,
    /// What is asked for.
    pub action: Action,
}

/// A client frame that cannot, with what of it is worth echoing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFrame {
    /// What comes back on the error.
    pub about: About,
    /// Why.
    pub refusal: Refusal,
}

/// What an error is about, so that a client can match it to what it has in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The frame's `ref`.
    pub reference: Option<Reference>,
    /// The entry that the frame would have appended.
    pub id: Option<EntryId>,
    /// The conversation that it named.
    pub conversation: Option<ConversationId>,
}

impl About {
    /// The error event that tells the client of a refusal.
    pub fn error(self, refusal: Refusal) -> ErrorEvent {
        ErrorEvent::new(self, refusal)
    }
}

impl ClientFrame {
    /// Reads a frame. It changes nothing and never panics, whatever the text.
    pub fn parse(text: &str) -> Result<Self, RefusedFrame> {
        let refuse = |about, message: String| RefusedFrame {
            about,
            refusal: Refusal::new(ErrorCode::BadRequest, message),
        };
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            return Err(refuse(About::default(), "the frame is not JSON".to_owned()));
        };
        let Value::Object(map) = value else {
            return Err(refuse(
                About::default(),
                "the frame is not a JSON object".to_owned(),
            ));
        };
        let fields = Fields::new(&map, "");
        let reference = fields.parsed_if_there::<Reference>("ref");
        let about = || About {
            reference: reference.clone().unwrap_or(None),
            id: fields.parsed_if_there("id").unwrap_or(None),
            conversation: fields.parsed_if_there("conversation").unwrap_or(None),
        };
        let read = reference
            .clone()
            .and_then(|_| Action::read(fields.text("action")?, &fields));
        match read {
            Ok(action) => Ok(Self {
                reference: about().reference,
                action,
            }),
            Err(refusal) => Err(RefusedFrame {
                about: about(),
                refusal,
            }),
        }
    }

    /// What a refusal of this frame is about.
    pub fn about(&self) -> About {
        let (id, conversation) = match &self.action {
            Action::Send(send) => (Some(send.id.clone()), Some(send.conversation.clone())),
            Action::Typing(typing) => (None, Some(typing.conversation.clone())),
            Action::History(history) => (None, Some(history.conversation.clone())),
            Action::Settings(Settings::Mute { conversation, .. }) => {
                (None, Some(conversation.clone()))
            }
            Action::Hello
            | Action::Ping
            | Action::Open(_)
            | Action::Receipt(_)
            | Action::Sync(_)
            | Action::Inbox(_)
            | Action::Presence(_)
            | Action::Device(_)
            | Action::Settings(Settings::Block { .. }) => (None, None),
        };
        About {
            reference: self.reference.clone(),
            id,
            conversation,
        }
    }
}
