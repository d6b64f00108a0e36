//! Goal: when something fails, what was promised still holds: the rows of `design.md` §8.
//! Method: faults on the wire to the tables, events that come twice or late, sockets that break or do not read.

mod cast;
mod crowd;
mod disconnects;
mod relay;
mod repeats;
mod silence;
mod tables;
