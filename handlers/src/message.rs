//! `message`: a frame, whatever its action.

use switchboard::protocol::Action;
use switchboard::{Gateway, Metric, Tally};

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
    // A send that nobody was there to hear has no such time, and one that stands in the log already was relayed before.
    let relayed =
        answer.tally.of(Metric::Sends) > 0 && answer.tally.of(Metric::RelaysDelivered) > 0;
    if let (true, Some(requested_at)) = (relayed, event.requested_at()) {
        // Two clocks: the platform's and the function's.
        let took = gateway.clock.now_ms().saturating_sub(requested_at);
        tally.took(Metric::SendToRelay, took);
    }
    let frame = answer.frame.map(|frame| frame.to_json());
    if let (Some(frame), false) = (&frame, Action::is_answered(event.route_key())) {
        gateway.tell(&session, frame, tally).await;
        return Ok(Response::ok());
    }
    Ok(Response::frame(frame))
}
