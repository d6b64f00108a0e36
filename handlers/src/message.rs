//! `message`: a frame, whatever its action.

use switchboard::protocol::Action;
use switchboard::{Gateway, Tally};

use crate::event::{NoSession, Response, WebSocketEvent};

/// Does what the frame asks for.
///
/// On a two-way route the body of the answer is the reply. A one-way route discards it, so what an action without a
/// reply has to refuse is posted instead.
pub async fn handle(
    gateway: &Gateway,
    event: &WebSocketEvent,
    tally: &mut Tally,
) -> Result<Response, NoSession> {
    let session = event.session()?;
    let answer = gateway.message(&session, event.body()).await;
    tally.merge(&answer.tally);
    let frame = answer.frame.map(|frame| frame.to_json());
    if let (Some(frame), false) = (&frame, Action::is_answered(event.route_key())) {
        gateway.tell(&session, frame, tally).await;
        return Ok(Response::ok());
    }
    Ok(Response::frame(frame))
}
