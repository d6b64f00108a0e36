//! Scenarios over real sockets: every action, error code, limit and promise.

#![expect(
    clippy::unwrap_used,
    reason = "what a play's helpers cannot read fails the test"
)]

mod blocking;
mod bodies;
mod census;
mod common;
mod connecting;
mod device;
mod errors;
mod haste;
mod hello;
mod history;
mod inbox;
mod lifetime;
mod limits;
mod open;
mod presence;
mod rate;
mod receipt;
mod room;
mod send;
mod settings;
mod strangers;
mod suspension;
mod sync;
mod typing;
mod unread;
