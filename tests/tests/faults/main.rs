//! Goal: when something fails, what was promised still holds.
//! Method: faults on the wire to the tables, events that come twice or late, sockets that break or do not read.

mod cast;
mod crowd;
mod disconnects;
mod relay;
mod repeats;
mod rows;
mod silence;
mod tables;
