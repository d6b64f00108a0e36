//! The client conformance kit: a scripted server for authors of clients in any language.
//!
//! It plays golden transcripts with faults, lost acknowledgements, duplicates, gaps, cuts, and says which rule of
//! the protocol a client broke. It holds no data, keeps no promise and shares nothing with the gateway but the
//! protocol's types and the platform's handshake.
//!
//! - `rule`: the rules, as a table
//! - `plays`: the plays, as a table; `play`: what they are made of
//! - `run`: a play under way, without sockets and without a clock, and `contact` what goes in and out; `script` takes its steps, `rig` is what they
//!   set up, `answers` and `sends` are the gateway that is played, `log` what it holds
//! - `judge`: what is known of the client, and what it broke
//! - `verdict`: what came of a play
//! - `kit`: plays over HTTP and WebSocket, with the routes in `server`; `stage` is where a play runs, `socket`
//!   one connection to it, `page` the page that explains it
//! - `limits`: every time and bound

mod answers;
mod contact;
mod handshake;
mod judge;
mod kit;
mod limits;
mod log;
mod page;
mod play;
mod plays;
mod rig;
mod rule;
mod run;
mod script;
mod sends;
mod server;
mod socket;
mod stage;
mod strange;
mod verdict;

pub use contact::{Answer, Deed, Heard};
pub use handshake::Handshake;
pub use kit::{Kit, KitError, KitOptions};
pub use play::Play;
pub use plays::{PLAYS, play};
pub use rule::Rule;
pub use run::Run;
pub use verdict::{Breach, Line, Verdict, Who};
