//! A stage for scenarios: the whole gateway on a free port, a clock that the test owns, and actors with real sockets.

mod actor;
mod clock;
mod faults;
mod stage;

pub use actor::{Actor, Refused, ulid};
pub use clock::TestClock;
pub use faults::{Observed, Trouble, Wire};
pub use stage::{Setting, Stage};
