//! Who may connect: the throttle, the authorizer, then the `$connect` function.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use http::{HeaderValue, StatusCode};
use serde_json::value::RawValue;

use crate::apigw::call::{Failure, call};
use crate::apigw::connection::{Connection, Peer};
use crate::apigw::edge::Edge;
use crate::apigw::event::{Arrival, Stamp};
use crate::apigw::functions::Proxied;
use crate::apigw::id::Id;
use crate::apigw::policy::{Verdict, evaluate};
use crate::apigw::routes::CONNECT;
use crate::meter::AUTHORIZE;

/// A client that may connect.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) connection: Arc<Connection>,
    /// The subprotocol that the function answered, to be echoed.
    pub(crate) protocol: Option<HeaderValue>,
}

/// Decides about a handshake: an admission, or the status that refuses it.
pub(crate) async fn admit(
    edge: &Edge,
    arrival: Arrival,
    source_ip: IpAddr,
) -> Result<Admission, StatusCode> {
    let stamp = Stamp::now(&*edge.clock);
    if edge.connections.is_closed() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    if !edge.connects.admits(stamp.at) {
        return Err(StatusCode::TOO_MANY_REQUESTS);
    }
    let user_agent = arrival
        .headers
        .get(USER_AGENT)
        .and_then(|it| it.to_str().ok());
    let mut peer = Peer {
        id: Id::fresh(edge.clock.dice()),
        connected_at: stamp.at,
        source_ip,
        user_agent: user_agent.map(Box::from),
        authorizer: None,
    };
    if edge.routes.authorizer {
        peer.authorizer = Some(authorize(edge, &arrival, &peer, stamp).await?);
    }
    let protocol = connect(edge, &arrival, &peer, stamp).await?;
    let connection = Arc::new(Connection::new(peer, &edge.limits));
    Ok(Admission {
        connection,
        protocol,
    })
}

async fn authorize(
    edge: &Edge,
    arrival: &Arrival,
    peer: &Peer,
    stamp: Stamp,
) -> Result<Box<RawValue>, StatusCode> {
    let invocation = edge
        .functions
        .authorize(edge.events.authorize(arrival, peer, stamp));
    let answer = match call(edge, AUTHORIZE, invocation).await {
        Ok(answer) => answer,
        Err(Failure::Failed(error)) if error.message == "Unauthorized" => {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Err(failure) => {
            tracing::warn!(connection = %peer.id, ?failure, "the authorizer failed");
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    match evaluate(&answer, &edge.events.method_arn()) {
        Some(Verdict::Allow(context)) => Ok(context),
        Some(Verdict::Deny) => Err(StatusCode::FORBIDDEN),
        None => {
            tracing::warn!(connection = %peer.id, "the authorizer's answer is malformed");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

async fn connect(
    edge: &Edge,
    arrival: &Arrival,
    peer: &Peer,
    stamp: Stamp,
) -> Result<Option<HeaderValue>, StatusCode> {
    if !edge.routes.invokes(CONNECT) {
        return Ok(None);
    }
    let invocation = edge
        .functions
        .connect(edge.events.connect(arrival, peer, stamp));
    let result = match call(edge, CONNECT, invocation).await {
        Ok(result) => result,
        Err(failure) => {
            tracing::warn!(connection = %peer.id, ?failure, "$connect failed");
            return Err(match failure {
                Failure::Failed(_) => StatusCode::BAD_GATEWAY,
                Failure::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            });
        }
    };
    let proxied = Proxied::parse(&result).ok_or(StatusCode::BAD_GATEWAY)?;
    let status = proxied.status().ok_or(StatusCode::BAD_GATEWAY)?;
    if !status.is_success() {
        return Err(status);
    }
    let protocol = proxied.header(SEC_WEBSOCKET_PROTOCOL.as_str());
    // A value that no header can hold makes the result malformed.
    protocol
        .map(HeaderValue::from_str)
        .transpose()
        .map_err(|_| StatusCode::BAD_GATEWAY)
}
