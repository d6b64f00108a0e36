//! API Gateway's WebSocket API on one machine: what the platform does between a socket and a
//! function, and nothing of what the functions decide.
//!
//! It behaves as the platform was documented and seen to: the handshake's answers, the events' JSON, route
//! selection, the exact error frames, the limits and their close codes, the management API with
//! its 410, and `$disconnect` as unreliable as the platform's own. It knows no table, no token and
//! no chat message; what runs behind a route is a [`Functions`].

mod call;
mod chaos;
pub(crate) mod close;
mod connection;
mod counts;
mod edge;
mod event;
pub(crate) mod frame;
mod functions;
mod gateway;
mod handshake;
pub(crate) mod id;
mod invoke;
mod life;
mod limits;
mod management;
mod open;
mod outbox;
mod policy;
mod registry;
mod router;
mod routes;
mod session;
mod throttle;
mod time;
pub(crate) mod upgrade;
mod writer;

pub use chaos::{Chaos, Disconnects};
pub use counts::Counts;
pub use functions::{FunctionError, Functions};
pub use gateway::ApiGateway;
pub use limits::{Invocations, Limits};
pub use open::OpenConnection;
pub use routes::{Integration, Replies, Route, Routes};
