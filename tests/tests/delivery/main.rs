//! Goal: each entry is, for each other member, confirmed or pushed: once, in time, and to the right phones.
//! Method: real sockets, the stream, the SNS stand-in and its push inbox; the clock moves when the play says so.

mod cast;
mod devices;
mod grace;
mod nobody;
mod payload;
mod private;
mod quiet;
mod redelivery;
mod retries;
