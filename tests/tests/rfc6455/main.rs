//! Goal: the local listener speaks RFC 6455, and where the platform has rules of its own, those.
//! Method: raw bytes over a TCP socket after a real handshake; behind the listener a function that echoes.
//! Each case is played in one write, octet by octet, and in pieces that end anywhere.
//! Everything that the server says is compared, until the socket ends.
//!
//! | module | RFC 6455 | Autobahn's groups |
//! |---|---|---|
//! | [`opening`] | 1.3, 4, 9.1 | |
//! | [`framing`] | 5.1, 5.2, 5.6, 5.7 | 1, 3, 4, 9 |
//! | [`control`] | 5.5.2, 5.5.3 | 2 |
//! | [`fragments`] | 5.4 | 5 |
//! | [`utf8`] | 8.1 | 6 |
//! | [`closing`] | 5.5.1, 7 | 7 |
//!
//! Where the platform is documented to be stricter, or the RFC leaves it open:
//! - Binary messages close with 1003 ("Working with binary media types for WebSocket APIs" in API Gateway's developer guide).
//! - Frames above 32 KiB and messages above 128 KiB close with 1009 (the quotas of WebSocket APIs, same guide).
//!   That is noticed at the header, before anything else about the frame.
//! - A length in more bytes than it needs is read as what it says: 5.2 forbids it to the sender and is silent about the receiver.
//! - An empty reply of a function is no message, so the echo of an empty message is `(empty)`.

mod case;
mod closing;
mod control;
mod fragments;
mod framing;
mod opening;
mod peer;
mod server;
mod utf8;
