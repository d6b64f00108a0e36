//! Scenarios over real sockets: every action, error code, limit and promise.

mod send;
