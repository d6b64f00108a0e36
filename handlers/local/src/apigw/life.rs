//! A connection's whole life, which is one task: handshake, session, `$disconnect`.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::apigw::call::call;
use crate::apigw::chaos::Disconnects;
use crate::apigw::close::Close;
use crate::apigw::connection::Connection;
use crate::apigw::edge::Edge;
use crate::apigw::event::{Arrival, Stamp};
use crate::apigw::handshake::{Admission, admit};
use crate::apigw::limits::Limits;
use crate::apigw::routes::DISCONNECT;
use crate::apigw::session::Session;
use crate::apigw::upgrade::{refusal, switching};
use crate::apigw::writer::BATCH_BYTES_MAX;

/// The server's side of a socket.
pub(crate) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What an idle connection's reading costs: most frames fit.
const READ_BUFFER_BYTES: usize = 4096;
/// Room in the write buffer for pongs to a peer that pings and does not read.
const PONG_BYTES_MAX: usize = 16 * 1024;

/// A handshake that is well-formed and not yet decided.
#[derive(Debug)]
pub(crate) struct Knock {
    pub(crate) arrival: Arrival,
    pub(crate) source_ip: IpAddr,
    pub(crate) accept: HeaderValue,
    pub(crate) upgrade: OnUpgrade,
}

/// Lives a connection. A task of its own from the start, because the HTTP server drops its handler
/// when the client goes away, and a function that has begun must not be lost half way.
pub(crate) async fn live(edge: Arc<Edge>, knock: Knock, answer: oneshot::Sender<Response<Bytes>>) {
    let Knock {
        arrival,
        source_ip,
        accept,
        upgrade,
    } = knock;
    // Boxed, here and below, so that an idle connection's task does not hold their room.
    let admitted = Box::pin(admit(&edge, arrival, source_ip)).await;
    let Admission {
        connection,
        protocol,
    } = match admitted {
        Ok(admission) => admission,
        Err(status) => return refuse(&edge, answer, status),
    };
    // Postable from here on: the client cannot have seen the 101 before, and never sees it without
    // being postable. What is posted until the socket is there waits in the outbox.
    if !edge.connections.add(Arc::clone(&connection)) {
        refuse(&edge, answer, StatusCode::SERVICE_UNAVAILABLE);
        return Box::pin(disconnect(&edge, &connection, &Close::GoingAway)).await;
    }
    let switched = answer.send(switching(accept, protocol)).is_ok();
    let upgraded = if switched { upgrade.await.ok() } else { None };
    let Some(upgraded) = upgraded else {
        edge.connections.remove(&connection, edge.clock.now_ms());
        edge.counters.closed(Close::Lost.code());
        return Box::pin(disconnect(&edge, &connection, &Close::Lost)).await;
    };
    edge.counters.connected();
    let config = Some(config(&edge.limits));
    let socket = Socket::from_raw_socket(TokioIo::new(upgraded), Role::Server, config).await;
    Session::new(&edge, &connection, socket).run().await;
}

fn refuse(edge: &Edge, answer: oneshot::Sender<Response<Bytes>>, status: StatusCode) {
    edge.counters.refused(status.as_u16());
    if answer.send(refusal(status)).is_err() {
        tracing::debug!(%status, "the client left before its handshake was refused");
    }
}

fn config(limits: &Limits) -> WebSocketConfig {
    // The writer feeds two batches at most, each one message too long, before it flushes.
    let fed_max = limits
        .message_bytes_max
        .saturating_add(BATCH_BYTES_MAX)
        .saturating_mul(2);
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(fed_max)
        .max_write_buffer_size(fed_max.saturating_add(PONG_BYTES_MAX))
        .max_frame_size(Some(limits.frame_bytes_max))
        .max_message_size(Some(limits.message_bytes_max))
}

/// Runs `$disconnect` for a connection that has ended, as unreliably as the switches say.
pub(crate) async fn disconnect(edge: &Edge, connection: &Connection, close: &Close) {
    if !edge.routes.invokes(DISCONNECT) {
        return;
    }
    let (times, late_ms) = match edge.chaos.disconnects() {
        Disconnects::Once => (1, None),
        Disconnects::Lost => (0, None),
        Disconnects::Twice => (2, None),
        Disconnects::Late(ms) => (1, Some(ms)),
    };
    if let Some(ms) = late_ms {
        edge.clock.sleep(ms).await;
    }
    for _ in 0..times {
        let event = edge
            .events
            .disconnect(&connection.peer, close, Stamp::now(&*edge.clock));
        let invocation = edge.functions.disconnect(event);
        let ended = call(edge, DISCONNECT, invocation).await;
        if let Err(failure) = ended {
            tracing::warn!(connection = %connection.peer.id, ?failure, "$disconnect failed");
        }
    }
}
