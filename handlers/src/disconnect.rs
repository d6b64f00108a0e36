//! `disconnect`: a session has ended.

use switchboard::{Gateway, Tally};

use crate::event::{NoSession, Response, WebSocketEvent};

/// Removes the connection's own row. The platform ignores the answer and never asks again: what fails here expires.
pub async fn handle(
    gateway: &Gateway,
    event: &WebSocketEvent,
    tally: &mut Tally,
) -> Result<Response, NoSession> {
    let session = event.session()?;
    if let Err(error) = gateway.disconnect(&session, event.ending(), tally).await {
        tracing::warn!(
            ?error,
            "a connection's row stays until a post finds it gone, or it expires"
        );
    }
    Ok(Response::ok())
}
