//! The simulation: the real gateway, the real store, relay and push on the real SDKs, and the embedded engine, in a world
//! that is made up, hostile, and the same again for the same seed.
//!
//! - [`fault`]: what may go wrong, and what the system must do then
//! - [`executor`], [`clock`]: time and order, which nobody but the seed decides
//! - [`wire`], [`tables`], [`services`]: requests on their way to DynamoDB, SNS and the management API
//! - `clients`, `function`: the adapters and the functions, wired to all that
//! - [`platform`], [`stream`]: API Gateway, and the event source of `deliver`
//! - [`person`]: users and their devices, each with a reference client ([`crate::client`])
//! - [`deed`]: what users do
//! - [`world`]: all of it together; [`run`]: a seed from its beginning to its verdict
//! - [`oracle`]: who judges, at every step and at the end
//! - [`trace`]: what happened; [`shrink`]: the shortest fault script that still fails

mod clients;
pub mod clock;
pub mod deed;
pub mod executor;
pub mod fault;
mod function;
pub mod oracle;
pub mod person;
pub mod platform;
pub mod run;
pub mod services;
pub mod shrink;
pub mod stream;
pub mod tables;
pub mod trace;
pub mod wire;
pub mod world;
