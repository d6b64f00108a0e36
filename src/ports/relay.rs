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

    /// Asks whether the platform knows a connection, once, in bounded time.
    ///
    /// `Gone` before the handshake is through says nothing, as with a post.
    async fn presence(&self, connection: &Connection) -> Presence;
}

/// What the platform says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is open, as far as the platform knows.
    Open,
    /// There is no such connection any more.
    Gone,
    /// The platform is throttling: asking on would make it worse.
    Throttled,
    /// It did not say.
    Unsaid,
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
    /// Anything else: another status, or none where there was no answer.
    Failed(Option<u16>),
}
