//! Goal: the executable that a user starts does what its help says, says in one line why it does not, and loses nothing
//! that it acknowledged.
//! Method: `switchboard` as cargo builds it, as a child process: flags, environment, signals, real sockets, real time.

mod command;
mod crash;
mod environment;
mod gateway;
mod refusals;
mod restart;
mod serving;
mod writer;
