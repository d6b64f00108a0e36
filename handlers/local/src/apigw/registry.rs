//! The open connections by id.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::apigw::close::Close;
use crate::apigw::connection::Connection;
use crate::apigw::id::Id;

/// Every connection that may be posted to.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    connections: BTreeMap<Id, Arc<Connection>>,
    closed: bool,
    /// How long those that are gone were open, together.
    past_ms: u64,
}

impl Registry {
    /// Adds a connection; false, and it is not added, once everything was told to close.
    pub(crate) fn add(&self, connection: Arc<Connection>) -> bool {
        let mut state = self.state();
        if !state.closed {
            state.connections.insert(connection.peer.id, connection);
        }
        !state.closed
    }

    /// The connection that `id` spells.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Connection>> {
        self.state().connections.get(&Id::parse(id)?).cloned()
    }

    /// Forgets a connection: posts to it are answered 410 from now on.
    pub(crate) fn remove(&self, connection: &Connection, now_ms: u64) {
        connection.outbox.close();
        let mut state = self.state();
        if let Some(gone) = state.connections.remove(&connection.peer.id) {
            state.past_ms += now_ms.saturating_sub(gone.peer.connected_at);
        }
    }

    /// How long connections have been open, together: those that are, and those that were.
    pub(crate) fn open_ms(&self, now_ms: u64) -> u64 {
        let state = self.state();
        let open = state.connections.values();
        let open_ms = open.map(|it| now_ms.saturating_sub(it.peer.connected_at));
        state.past_ms + open_ms.sum::<u64>()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Connection>> {
        self.state().connections.values().cloned().collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.state().connections.len()
    }

    /// Whether no more connections are taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Tells every connection to go away, and takes no more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for connection in state.connections.values() {
            connection.outbox.order(Close::GoingAway);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
