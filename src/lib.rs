//! What the gateway decides: sessions, conversations, delivery, authorisation.
//!
//! The log of a conversation is the truth and a relay is a doorbell: an entry is accepted when it is stored,
//! and everything that follows may fail or repeat. Decisions are pure functions over what was read;
//! around them stand short ends that read and write through the [`ports`].
//!
//! This crate refuses to know AWS, sockets and the environment.
//!
//! - [`auth`]: from a token to a user, or not
//! - [`session`]: who is connected, and how that begins and ends
//! - [`log`]: the log of a conversation and what may be appended to it
//! - [`actions`]: one file per action of the protocol
//! - [`deliver`]: what happens after an entry was stored
//! - [`fanout`]: one frame to many connections
//! - [`census`]: how many are connected, and the rows that nobody else removes
//! - [`feedback`]: what the push service says about devices afterwards
//! - [`metric`], [`tally`]: everything that is counted
//! - [`trail`]: what happened to each entry, for whoever asks where it is; [`lookup`]: what an operator may see of the tables
//! - [`ports`]: what the gateway needs of the world

pub mod actions;
pub mod auth;
pub mod census;
pub mod conversation;
pub mod deliver;
pub mod failure;
pub mod fanout;
pub mod feedback;
mod gateway;
pub mod log;
pub mod lookup;
pub mod metric;
pub mod ports;
pub mod session;
pub mod tally;
pub mod trail;

pub use failure::{Failure, Unavailable};
pub use gateway::{Gateway, PushText};
pub use metric::Metric;
pub use ports::clock::Clock;
pub use session::{Connection, ConnectionId, Session};
pub use switchboard_protocol as protocol;
pub use tally::Tally;
