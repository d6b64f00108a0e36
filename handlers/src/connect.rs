//! `connect`: a session begins.

use switchboard::session::Entrance;
use switchboard::{Gateway, Tally};

use crate::event::{NoSession, Response, WebSocketEvent};

/// Notes the connection. The answer's status is the handshake's.
pub async fn handle(
    gateway: &Gateway,
    event: &WebSocketEvent,
    tally: &mut Tally,
) -> Result<Response, NoSession> {
    let session = event.session()?;
    match gateway.connect(&session, tally).await {
        Ok(Entrance::Open) if event.offers_protocol() => Ok(Response::ok().speaking_switchboard()),
        Ok(Entrance::Open) => Ok(Response::ok()),
        Ok(Entrance::Suspended) => Ok(Response::status(403)),
        Ok(Entrance::Outdated) => Ok(Response::status(409)),
        Err(error) => {
            tracing::error!(
                ?error,
                "a connection was refused: its row could not be written"
            );
            Ok(Response::status(503))
        }
    }
}
