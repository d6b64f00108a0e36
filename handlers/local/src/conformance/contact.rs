//! What goes between a play and its client.

use switchboard::protocol::{DeviceId, TimestampMs};

/// What is to be done to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Send a frame.
    Post {
        /// Over which connection.
        connection: u64,
        /// Its text.
        text: String,
    },
    /// Close a connection.
    Close {
        /// Which.
        connection: u64,
        /// With what code.
        code: u16,
    },
    /// End a connection without a close frame.
    Cut {
        /// Which.
        connection: u64,
    },
}

/// What came of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is a connection: its number, from 1.
    Admitted(u64),
    /// It is refused with this status.
    Refused(u16),
}

/// What a client sent.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// A text frame.
    Text(&'a str),
    /// What ends a connection, with the code that ends it.
    Offence(u16),
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) device: Option<DeviceId>,
    pub(crate) token: String,
    pub(crate) expires_at: TimestampMs,
    pub(crate) reconnect_by: TimestampMs,
    /// Whether the client has said anything that could be understood.
    pub(crate) spoke: bool,
}
