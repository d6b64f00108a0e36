//! A stage for scenarios: the whole gateway on a free port, a clock that the test owns, and actors with real sockets.

mod actor;
mod bare;
pub mod client;
mod clock;
pub mod events;
mod faults;
mod gate;
pub mod plays;
pub mod program;
pub mod sim;
mod stage;
pub mod venue;
pub mod web;

pub use actor::{Actor, Refused, ulid};
pub use bare::{Bare, BareRelay};
pub use clock::TestClock;
pub use faults::{Observed, Trouble, Wire};
pub use gate::Gate;
pub use stage::{Setting, Stage};
