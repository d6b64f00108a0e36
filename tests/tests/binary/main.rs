//! Goal: the executable that a user starts does what its help says, says in one line why it does not, and loses nothing
//! that it acknowledged.
//! Method: `switchboard` as cargo builds it, as a child process: flags, environment, signals, real sockets, real time.

mod before;
mod cast;
mod command;
mod crash;
mod damage;
mod environment;
#[cfg(target_os = "linux")]
mod full;
mod gateway;
mod harm;
mod moment;
mod notes;
mod reader;
mod refusals;
mod restart;
mod serving;
mod talk;
mod tracing;
mod writer;
