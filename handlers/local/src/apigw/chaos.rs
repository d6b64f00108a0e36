//! Switches for what the platform does on a bad day, so that tests can have one.

use std::sync::{Arc, Mutex, PoisonError};

use crate::apigw::close::Close;
use crate::apigw::registry::Registry;

/// How `$disconnect` is run: the platform promises nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disconnects {
    /// Once, as soon as the connection ended.
    #[default]
    Once,
    /// Never.
    Lost,
    /// Two times.
    Twice,
    /// Once, so many milliseconds late.
    Late(u64),
}

/// The switches of one gateway.
#[derive(Debug)]
pub struct Chaos {
    connections: Arc<Registry>,
    disconnects: Mutex<Disconnects>,
}

impl Chaos {
    pub(crate) fn new(connections: Arc<Registry>) -> Self {
        Self {
            connections,
            disconnects: Mutex::default(),
        }
    }

    /// From now on `$disconnect` is run like this.
    pub fn set_disconnects(&self, disconnects: Disconnects) {
        *self
            .disconnects
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = disconnects;
    }

    /// Makes a connection half open: posts answer 200 and nothing is written. False if there is no
    /// such connection.
    pub fn half_open(&self, connection_id: &str) -> bool {
        let connection = self.connections.find(connection_id);
        connection.inspect(|it| it.outbox.halve()).is_some()
    }

    /// Closes a connection with 1001, as for maintenance. False if there is no such connection.
    pub fn go_away(&self, connection_id: &str) -> bool {
        let connection = self.connections.find(connection_id);
        connection.is_some_and(|it| it.outbox.order(Close::GoingAway))
    }

    pub(crate) fn disconnects(&self) -> Disconnects {
        *self
            .disconnects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
