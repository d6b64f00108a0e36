//! One frame's invocation, and what the client hears of it.

use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::apigw::call::{Failure, call};
use crate::apigw::connection::Connection;
use crate::apigw::edge::Edge;
use crate::apigw::frame;
use crate::apigw::functions::Proxied;
use crate::apigw::id::Id;
use crate::apigw::routes::Replies;
use crate::haste::without_haste;
use crate::meter::{Unit, pieces};

/// An invocation that is to be made.
#[derive(Debug)]
pub(crate) struct Invocation<'a> {
    pub(crate) edge: &'a Edge,
    pub(crate) connection: &'a Connection,
    pub(crate) request_id: Id,
    /// The route.
    pub(crate) key: &'a str,
    pub(crate) replies: Replies,
    pub(crate) event: String,
}

impl Invocation<'_> {
    /// Runs the function; answers the frame that the client gets, if any.
    pub(crate) async fn run(self) -> Option<Utf8Bytes> {
        let account = self.edge.meter.account(self.key);
        let answer = self.answer().await;
        if let Some(frame) = &answer {
            account.charge(Unit::MessagesOut, pieces(frame.len()));
        }
        answer
    }

    /// A failure is told on both kinds of routes, and a result on two-way routes alone.
    async fn answer(self) -> Option<Utf8Bytes> {
        let Self {
            edge,
            connection,
            request_id,
            key,
            replies,
            event,
        } = self;
        let failed = |why: &str| {
            let connection_id = connection.peer.id;
            tracing::warn!(connection = %connection_id, request = %request_id, why, "a function failed");
            error(edge, connection, request_id, frame::INTERNAL)
        };
        let message = edge.functions.message(event);
        let called = match replies {
            Replies::TwoWay => call(edge, key, message).await,
            Replies::OneWay => call(edge, key, without_haste(message)).await,
        };
        let result = match called {
            Ok(result) => result,
            Err(Failure::Failed(error)) => return Some(failed(&error.message)),
            Err(Failure::TimedOut) => {
                return Some(error(edge, connection, request_id, frame::TIMED_OUT));
            }
        };
        let Some(proxied) = Proxied::parse(&result) else {
            return Some(failed("its result is malformed"));
        };
        match (replies, proxied.into_body()) {
            (Replies::OneWay, _) | (Replies::TwoWay, None) => None,
            (Replies::TwoWay, Some(body)) if body.len() > edge.limits.message_bytes_max => {
                Some(failed("its reply is too long"))
            }
            (Replies::TwoWay, Some(body)) => Some(body.into()),
        }
    }
}

/// An error frame, counted.
pub(crate) fn error(
    edge: &Edge,
    connection: &Connection,
    request_id: Id,
    message: &str,
) -> Utf8Bytes {
    edge.counters.erred();
    frame::error(message, connection.peer.id, request_id)
}
