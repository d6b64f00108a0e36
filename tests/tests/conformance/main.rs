//! Goal: the conformance kit lets a client through that keeps the protocol's rules, and tells one that breaks a rule which.
//! Method: the reference client plays every play, with many seeds of its dice; then it is made to break each rule of the
//! table, by a tampering between it and the gateway, and the verdict has to name that rule. Most of it runs without
//! sockets on a time that the test owns; the rest over real sockets, and with the real executable.

mod bench;
mod bytes;
mod device;
mod driver;
mod program;
mod reference;
mod server;
mod tamper;
mod wrong;
