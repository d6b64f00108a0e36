//! The way to live connections.

use core::fmt::Debug;

use crate::session::Connection;

/// Posts to live connections.
#[async_trait::async_trait]
pub trait Relay: Debug + Send + Sync {
    /// Posts one frame to one connection, once, in bounded time.
    ///
    /// `Delivered` says that the platform took it, not that anybody heard it.
    async fn post(&self, connection: &Connection, frame: &str) -> Posted;

    /// Closes a connection, as well as it can: one that is already gone is as good as closed.
    async fn close(&self, connection: &Connection);
}

/// What became of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The platform took it.
    Delivered,
    /// There is no such connection any more.
    Gone,
    /// The connection's reader is too slow, or the platform is throttling.
    Throttled,
    /// Anything else, silence included.
    Failed,
}
