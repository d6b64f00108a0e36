//! An open connection as whoever runs the stand-in may see it.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::apigw::connection::Connection;

/// An open connection. It stays what it was when it ends.
#[derive(Clone, Debug)]
pub struct OpenConnection(Arc<Connection>);

impl OpenConnection {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self(connection)
    }

    /// The platform's name for it.
    pub fn id(&self) -> &str {
        self.0.peer.id.as_str()
    }

    /// When it was opened.
    pub fn connected_at(&self) -> u64 {
        self.0.peer.connected_at
    }

    /// When a data frame last went either way.
    pub fn last_active_at(&self) -> u64 {
        self.0.last_active_at()
    }

    /// What the authorizer said of it, as JSON.
    pub fn authorizer(&self) -> Option<&str> {
        self.0.peer.authorizer.as_deref().map(RawValue::get)
    }
}
