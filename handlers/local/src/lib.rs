//! The whole gateway in one process: the very handlers that AWS calls, and a stand-in for each service around them.
//!
//! - [`host`]: everything wired together, listening
//! - [`apigw`]: API Gateway: sockets become events, and events' answers become frames
//! - [`engine`]: DynamoDB, embedded, on a file; [`outbox`]: its stream as an event source
//! - [`sns`]: SNS mobile push; [`pushes`]: the push inbox
//! - [`issuer`]: a user pool's tokens
//! - [`functions`]: the functions, called in process
//! - [`template`]: the routes and tables of `infra/`
//! - [`trails`]: what happened to each entry; [`trace`]: where it is, in words
//! - [`meter`]: what all of it would be billed for, by who caused it
//! - [`haste`]: whether somebody waits for what is being done
//! - [`http`]: what is served beside the WebSocket API
//! - [`conformance`]: the client conformance kit
//! - [`wire`]: the SDKs' clients, ending in the stand-ins
//! - [`cli`]: the command line
//!
//! Nothing in here decides anything about messages.

pub mod apigw;
pub mod cli;
pub mod conformance;
pub mod engine;
pub mod functions;
pub mod haste;
pub mod host;
pub mod http;
pub mod issuer;
pub mod meter;
pub mod outbox;
pub mod pushes;
mod relay;
pub mod sns;
pub mod template;
pub mod trace;
pub mod trails;
pub mod wire;
