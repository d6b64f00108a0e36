//! How fast, how many, what it costs: simulated users with real sockets, who keep the protocol's rules, and an audit of
//! what the gateway does with their messages.
//!
//! It names the protocol alone: a client must not peek. One thread drives everybody, so that the other processors are the
//! server's, and so that nothing between two devices needs a lock.
//!
//! - [`cli`]: the command line
//! - [`settings`], [`plan`], [`limits`]: what is to be played, within which bounds
//! - [`run`]: a run from beginning to end
//! - [`device`], [`socket`], [`frame`], [`pair`], [`people`]: who plays
//! - [`tag`], [`ledger`], [`audit`]: whether all is well
//! - [`clock`], [`recorder`], [`meter`]: what is measured
//! - [`target`], [`local`]: what is under load
//! - [`report`]: what is told
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and counts of a run are far below 2^52, and become figures for people"
)]

pub mod audit;
pub mod cli;
pub mod clock;
pub mod cost;
pub mod device;
pub mod frame;
pub mod ledger;
pub mod limits;
pub mod local;
pub mod meter;
pub mod pair;
pub mod people;
pub mod plan;
pub mod recorder;
pub mod report;
pub mod run;
pub mod settings;
pub mod socket;
pub mod tag;
pub mod target;
pub mod world;
