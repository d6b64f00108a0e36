//! The writing half of a session: posts and replies go out in batches, one flush for each.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Sink, SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::apigw::close::Close;
use crate::apigw::connection::Connection;
use crate::apigw::edge::Edge;
use crate::apigw::frame::fragments;
use crate::apigw::life::Socket;
use crate::apigw::outbox::IDLE_SLOTS_MAX;

/// How much is written in one go: the socket keeps a buffer of the largest batch it has seen.
pub(crate) const BATCH_BYTES_MAX: usize = 16 * 1024;
/// What is read at a time from a peer that is not listened to any more.
const SCRAP_BYTES: usize = 1024;

/// What waits to be written, and what the socket has taken but not sent.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    edge: &'a Edge,
    connection: &'a Connection,
    /// Answers to frames. Bounded by the frames that a session answers at a time.
    replies: VecDeque<Utf8Bytes>,
    fed: Fed,
}

/// What the socket holds since the last flush.
#[derive(Debug, Default)]
struct Fed {
    posts: usize,
    post_bytes: usize,
    replies: usize,
    /// A pong, which the socket makes itself.
    pong: bool,
}

impl Fed {
    fn is_empty(&self) -> bool {
        self.posts == 0 && self.replies == 0 && !self.pong
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn new(edge: &'a Edge, connection: &'a Connection) -> Self {
        Self {
            edge,
            connection,
            replies: VecDeque::new(),
            fed: Fed::default(),
        }
    }

    /// Queues the answer to a frame.
    pub(crate) fn reply(&mut self, reply: Utf8Bytes) {
        self.replies.push_back(reply);
    }

    /// Sees to it that the socket's own pong is sent even while nothing is read.
    pub(crate) fn pong(&mut self) {
        self.fed.pong = true;
    }

    /// How many answers have not reached the socket.
    pub(crate) fn unsent_replies(&self) -> usize {
        self.replies.len() + self.fed.replies
    }

    /// Writes until nothing is left or the socket takes no more.
    pub(crate) fn poll(&mut self, socket: &mut Socket, cx: &mut Context<'_>) -> Result<(), Error> {
        loop {
            if !self.fed.is_empty() {
                let Poll::Ready(flushed) = Pin::new(&mut *socket).poll_flush(cx) else {
                    return Ok(());
                };
                flushed?;
                self.flushed();
            }
            self.feed(socket)?;
            if self.fed.is_empty() {
                return Ok(());
            }
        }
    }

    /// Hands the next batch to an empty socket: posts first, because a function's post to its own
    /// connection comes before its reply.
    fn feed(&mut self, socket: &mut Socket) -> Result<(), Error> {
        if self.connection.outbox.is_half_open() {
            self.replies.clear();
            return Ok(());
        }
        while self.fed.post_bytes < BATCH_BYTES_MAX {
            let Some(post) = self.connection.outbox.take() else {
                break;
            };
            self.fed.posts += 1;
            self.fed.post_bytes += post.len();
            self.write(socket, post)?;
        }
        let mut reply_bytes = 0;
        while reply_bytes < BATCH_BYTES_MAX {
            let Some(reply) = self.replies.pop_front() else {
                break;
            };
            self.fed.replies += 1;
            reply_bytes += reply.len();
            self.write(socket, reply)?;
        }
        Ok(())
    }

    fn write(&self, socket: &mut Socket, message: Utf8Bytes) -> Result<(), Error> {
        self.edge.counters.said(message.len());
        let mut frames = fragments(message, self.edge.limits.frame_bytes_max);
        frames.try_for_each(|it| Pin::new(&mut *socket).start_send(it))
    }

    fn flushed(&mut self) {
        let fed = std::mem::take(&mut self.fed);
        self.connection.outbox.written(fed.posts, fed.post_bytes);
        if fed.posts + fed.replies > 0 {
            self.connection.touch(self.edge.clock.now_ms());
        }
        if self.replies.is_empty() && self.replies.capacity() > IDLE_SLOTS_MAX {
            self.replies = VecDeque::new();
        }
    }

    /// Ends the socket in the way that `close` asks for.
    pub(crate) async fn part(mut self, mut socket: Socket, close: &Close) -> Result<(), Error> {
        if let Some(frame) = close.frame() {
            // What was accepted before the close goes out before it.
            loop {
                socket.flush().await?;
                self.flushed();
                self.feed(&mut socket)?;
                if self.fed.is_empty() {
                    break;
                }
            }
            if !self.connection.outbox.is_half_open() {
                socket.send(Message::Close(Some(frame))).await?;
            }
            socket.get_mut().shutdown().await?;
            // A socket that is dropped with unread bytes resets, which can overtake the close frame.
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    return Ok(());
                }
            }
            // What follows an offence cannot be read as frames.
            let stream = socket.get_mut();
            let mut scrap = vec![0; SCRAP_BYTES];
            while stream.read(&mut scrap).await? > 0 {}
        } else if matches!(close, Close::ByClient(_)) {
            // The socket has its echo ready.
            socket.flush().await?;
            socket.get_mut().shutdown().await?;
        }
        Ok(())
    }
}
