//! The bounded queue between those who post to a connection and the task that writes to it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Context;

use futures_util::task::AtomicWaker;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::apigw::close::Close;

/// An idle connection keeps no more room than this in its queue.
pub(crate) const IDLE_SLOTS_MAX: usize = 8;

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits for its turn, which is no promise that the peer hears it.
    Queued,
    /// The peer reads too slowly.
    Full,
    /// The connection has ended.
    Closed,
}

/// The messages that wait for one connection, and the order to close it.
#[derive(Debug)]
pub(crate) struct Outbox {
    frames_max: usize,
    bytes_max: usize,
    state: Mutex<State>,
    writer: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Utf8Bytes>,
    /// Messages that were queued or taken, but not yet written to the socket.
    frames: usize,
    bytes: usize,
    order: Option<Close>,
    closed: bool,
    half_open: bool,
}

impl Outbox {
    /// An empty queue with its two bounds.
    pub(crate) fn new(frames_max: usize, bytes_max: usize) -> Self {
        Self {
            frames_max,
            bytes_max,
            state: Mutex::default(),
            writer: AtomicWaker::new(),
        }
    }

    /// Queues a message, or says why not; never waits.
    pub(crate) fn push(&self, message: Utf8Bytes) -> Pushed {
        let mut state = self.state();
        if state.closed || state.order.is_some() {
            return Pushed::Closed;
        }
        if state.half_open {
            return Pushed::Queued;
        }
        let bytes = state.bytes + message.len();
        // A message alone always fits, whatever the bounds.
        if state.frames > 0 && (state.frames >= self.frames_max || bytes > self.bytes_max) {
            return Pushed::Full;
        }
        state.frames += 1;
        state.bytes = bytes;
        state.queue.push_back(message);
        drop(state);
        self.writer.wake();
        Pushed::Queued
    }

    /// Tells the connection's task to close; the first order stands. False if it has ended.
    pub(crate) fn order(&self, close: Close) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        state.order.get_or_insert(close);
        drop(state);
        self.writer.wake();
        true
    }

    /// The order to close, if there is one; the task is woken for later posts and orders.
    pub(crate) fn poll_order(&self, cx: &Context<'_>) -> Option<Close> {
        self.writer.register(cx.waker());
        self.state().order.clone()
    }

    /// Takes the next message to write.
    pub(crate) fn take(&self) -> Option<Utf8Bytes> {
        self.state().queue.pop_front()
    }

    /// Makes room for as much as was written to the socket.
    pub(crate) fn written(&self, frames: usize, bytes: usize) {
        let mut state = self.state();
        state.frames = state.frames.saturating_sub(frames);
        state.bytes = state.bytes.saturating_sub(bytes);
        if state.queue.is_empty() && state.queue.capacity() > IDLE_SLOTS_MAX {
            state.queue = VecDeque::new();
        }
    }

    /// Refuses everything from now on.
    pub(crate) fn close(&self) {
        self.state().closed = true;
    }

    /// From now on posts are accepted and nothing is written, as to a peer that vanished.
    pub(crate) fn halve(&self) {
        self.state().half_open = true;
    }

    /// Whether nothing may be written any more.
    pub(crate) fn is_half_open(&self) -> bool {
        self.state().half_open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
