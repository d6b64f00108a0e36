//! What the gateway needs of the world. A port documents guarantees, not steps.

pub mod clock;
pub mod keys;
pub mod push;
pub mod relay;
pub mod roll;
pub mod store;
