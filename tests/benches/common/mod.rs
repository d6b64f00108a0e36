//! One message between two people, taken apart: each layer alone, and all of them together.
//!
//! Everything runs on the calling thread, without sockets, so that what is measured around it is its own.
//! The layers are the product's; only what a layer calls is put in its place.

mod canned;
mod clock;
mod layers;
mod memory;
mod recorder;
mod talk;
mod world;

pub use layers::{Layer, Layers};
