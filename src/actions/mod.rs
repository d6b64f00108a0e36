//! The actions of the protocol: one file each, and here the way from a frame's text to the reply's.

mod device;
mod fill;
mod hello;
mod history;
mod inbox;
mod open;
mod presence;
mod receipt;
mod send;
mod settings;
mod sync;
mod typing;

use switchboard_protocol::event::Event;
use switchboard_protocol::frame::About;
use switchboard_protocol::{Action, ClientFrame, ErrorCode, Refusal, ServerFrame};

use crate::failure::{Failure, refused};
use crate::gateway::Gateway;
use crate::metric::Metric;
use crate::session::Session;
use crate::tally::Tally;

/// What a frame leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The reply, where the action has one or was refused.
    pub frame: Option<ServerFrame>,
    /// What was done.
    pub tally: Tally,
}

impl Gateway {
    /// Does what a frame asks for. Whatever the text, it answers; a refused frame has changed nothing.
    pub async fn message(&self, session: &Session, text: &str) -> Answer {
        let mut tally = Tally::default();
        let frame = match ClientFrame::parse(text) {
            Err(it) => Some(refusal(it.about, it.refusal, &mut tally)),
            Ok(frame) => {
                let about = frame.about();
                match self.act(session, frame.action, &mut tally).await {
                    Ok(event) => event.map(|event| ServerFrame {
                        reference: frame.reference,
                        event,
                    }),
                    Err(Failure::Refused(it)) => Some(refusal(about, it, &mut tally)),
                    Err(Failure::Unavailable(it)) => Some(unavailable(about, &it, &mut tally)),
                }
            }
        };
        Answer { frame, tally }
    }

    async fn act(
        &self,
        session: &Session,
        action: Action,
        tally: &mut Tally,
    ) -> Result<Option<Event>, Failure> {
        if session.expires_at <= self.now() {
            return Err(refused(
                ErrorCode::TokenExpired,
                "connect again with a new token",
            ));
        }
        match action {
            Action::Hello => self.hello(session).await.map(Some),
            Action::Ping => Ok(Some(Event::Pong {})),
            Action::Open(open) => self.open(session, open, tally).await.map(Some),
            Action::Send(send) => self.send(session, &send, tally).await.map(Some),
            Action::Receipt(it) => self.receipt(session, &it, tally).await.map(|()| None),
            Action::Typing(it) => self.typing(session, &it, tally).await.map(|()| None),
            Action::History(history) => self.history(session, history).await.map(Some),
            Action::Sync(sync) => self.sync(session, sync).await.map(Some),
            Action::Inbox(inbox) => self.inbox(session, inbox).await.map(Some),
            Action::Presence(presence) => self.presence(session, presence).await.map(Some),
            Action::Device(device) => self.device(session, device).await.map(Some),
            Action::Settings(settings) => self.settings(session, settings).await.map(Some),
        }
    }
}

fn refusal(about: About, refusal: Refusal, tally: &mut Tally) -> ServerFrame {
    tally.add(Metric::Refusals, 1);
    about.error(refusal).into()
}

/// Logs here, once, what the client is not to read.
fn unavailable(about: About, it: &crate::Unavailable, tally: &mut Tally) -> ServerFrame {
    tracing::warn!(error = ?it, "a frame was answered unavailable");
    tally.add(Metric::Unavailables, 1);
    let message = "a dependency failed; nothing was lost: send it again";
    about
        .error(Refusal::new(ErrorCode::Unavailable, message))
        .into()
}
