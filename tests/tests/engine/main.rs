//! The stand-ins, asked by the clients that the product uses.

mod common;
mod database;
mod direct;
mod hot;
mod issuer;
mod outbox;
mod sns;
mod stage;
