//! An open connection: one task that reads, invokes, writes and watches the time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::{BoxFuture, join3, poll_fn};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::apigw::call::within;
use crate::apigw::close::Close;
use crate::apigw::connection::Connection;
use crate::apigw::edge::Edge;
use crate::apigw::event::Stamp;
use crate::apigw::frame;
use crate::apigw::id::Id;
use crate::apigw::invoke::{Invocation, error};
use crate::apigw::life::{Socket, disconnect};
use crate::apigw::limits::Invocations;
use crate::apigw::routes::{Integration, Replies};
use crate::apigw::writer::Writer;
use crate::meter::{NOBODY, Unit, pieces};

/// The state of an open connection that is its task's alone.
pub(crate) struct Session<'a> {
    edge: &'a Edge,
    connection: &'a Connection,
    socket: Socket,
    writer: Writer<'a>,
    /// Polled by this task: concurrent, and nobody else has to own them.
    in_flight: FuturesUnordered<BoxFuture<'a, Option<Utf8Bytes>>>,
    /// One timer for both limits. It is not moved with every frame: when it fires it looks at the
    /// last activity and is set to what is left.
    timer: BoxFuture<'a, ()>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(edge: &'a Edge, connection: &'a Connection, socket: Socket) -> Self {
        Self {
            edge,
            connection,
            socket,
            writer: Writer::new(edge, connection),
            in_flight: FuturesUnordered::new(),
            timer: edge
                .clock
                .sleep(edge.limits.idle_ms.min(edge.limits.life_ms)),
        }
    }

    /// Serves the socket until it ends, then parts with it, runs what is in flight to its end and
    /// `$disconnect` beside it.
    pub(crate) async fn run(mut self) {
        let close = poll_fn(|cx| self.poll(cx)).await;
        let Self {
            edge,
            connection,
            socket,
            writer,
            in_flight,
            ..
        } = self;
        edge.connections.remove(connection, edge.clock.now_ms());
        edge.counters.closed(close.code());
        let parting = within(
            &*edge.clock,
            edge.limits.linger_ms,
            writer.part(socket, &close),
        );
        let finished = in_flight.for_each(|_unheard| std::future::ready(()));
        let disconnected = disconnect(edge, connection, &close);
        let (parted, (), ()) = Box::pin(join3(parting, finished, disconnected)).await;
        if !matches!(parted, Some(Ok(()))) {
            tracing::debug!(connection = %connection.peer.id, ?parted, "the socket did not end well");
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Close> {
        loop {
            if let Some(close) = self.connection.outbox.poll_order(cx) {
                return Poll::Ready(close);
            }
            if let Poll::Ready(close) = self.poll_timer(cx) {
                return Poll::Ready(close);
            }
            let reading = match self.poll_read(cx) {
                Poll::Ready(Some(close)) => return Poll::Ready(close),
                Poll::Ready(None) => false,
                Poll::Pending => true,
            };
            // Whatever is answered by now goes out in one write.
            while let Poll::Ready(Some(answer)) = self.in_flight.poll_next_unpin(cx) {
                if let Some(reply) = answer {
                    self.writer.reply(reply);
                }
            }
            if let Err(error) = self.writer.poll(&mut self.socket, cx) {
                return Poll::Ready(Close::from_error(&error));
            }
            // Nothing wakes a task that has stopped reading, so see whether it may go on.
            if reading || !self.may_read() {
                return Poll::Pending;
            }
        }
    }

    /// Ready when the connection has been idle or open for too long.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Close> {
        let limits = &self.edge.limits;
        loop {
            ready!(self.timer.poll_unpin(cx));
            let idle_at = self
                .connection
                .last_active_at()
                .saturating_add(limits.idle_ms);
            let old_at = self
                .connection
                .peer
                .connected_at
                .saturating_add(limits.life_ms);
            let left_ms = idle_at.min(old_at).saturating_sub(self.edge.clock.now_ms());
            if left_ms == 0 {
                return Poll::Ready(Close::GoingAway);
            }
            self.timer = self.edge.clock.sleep(left_ms);
        }
    }

    /// Reads what has come. Ready with `None` when it stops although there may be more.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Close>> {
        while self.may_read() {
            let close = match ready!(Pin::new(&mut self.socket).poll_next_unpin(cx)) {
                Some(Ok(message)) => self.hear(message),
                Some(Err(error)) => Some(Close::from_error(&error)),
                None => Some(Close::Lost),
            };
            if close.is_some() {
                return Poll::Ready(close);
            }
        }
        Poll::Ready(None)
    }

    /// Whether another frame may be taken. A frame counts until its answer is written, so that a
    /// peer that sends and does not read holds a bounded number of answers, and loses none.
    fn may_read(&self) -> bool {
        let invoked = self.in_flight.len();
        let in_flight_max = self.edge.limits.in_flight_max;
        match self.edge.limits.invocations {
            Invocations::Serial if invoked > 0 => false,
            Invocations::Serial | Invocations::Concurrent => {
                invoked + self.writer.unsent_replies() < in_flight_max.max(1)
            }
        }
    }

    fn hear(&mut self, message: Message) -> Option<Close> {
        match message {
            Message::Text(text) => self.take(&text),
            Message::Binary(_) => return Some(Close::Binary),
            Message::Close(frame) => {
                return Some(Close::ByClient(
                    frame.map(|it| (it.code.into(), it.reason.as_str().to_owned())),
                ));
            }
            Message::Ping(_) => self.writer.pong(),
            // A pong needs no answer, and raw frames are never read.
            Message::Pong(_) | Message::Frame(_) => {}
        }
        None
    }

    /// Takes a text frame to its route.
    fn take(&mut self, text: &Utf8Bytes) {
        let Self {
            edge, connection, ..
        } = *self;
        let stamp = Stamp::now(&*edge.clock);
        connection.touch(stamp.at);
        edge.counters.heard(text.len());
        let refused = |message| {
            let frame = error(edge, connection, stamp.id, message);
            let nobody = edge.meter.account(NOBODY);
            nobody.charge(Unit::MessagesIn, pieces(text.len()));
            nobody.charge(Unit::MessagesOut, pieces(frame.len()));
            frame
        };
        if !edge.requests.admits(stamp.at) {
            return self.writer.reply(refused(frame::LIMIT_EXCEEDED));
        }
        let Some((key, route)) = edge.routes.select(text) else {
            return self.writer.reply(refused(frame::FORBIDDEN));
        };
        let account = edge.meter.account(key);
        account.charge(Unit::MessagesIn, pieces(text.len()));
        match (&route.integration, route.replies) {
            (Integration::Mock { reply: Some(reply) }, Replies::TwoWay) => {
                account.charge(Unit::MessagesOut, pieces(reply.len()));
                self.writer.reply(reply.as_str().into());
            }
            (Integration::Mock { .. }, _) => {}
            (Integration::Lambda, replies) => {
                let message_id = Id::fresh(edge.clock.dice());
                let event = edge
                    .events
                    .message(&connection.peer, key, message_id, stamp, text);
                let request_id = stamp.id;
                let invocation = Invocation {
                    edge,
                    connection,
                    request_id,
                    key,
                    replies,
                    event,
                };
                self.in_flight.push(invocation.run().boxed());
            }
        }
    }
}
