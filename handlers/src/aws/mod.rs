//! The ports on the AWS SDKs.
//!
//! - [`store`]: the tables, on DynamoDB; [`item`]: how things look in there
//! - [`relay`]: live connections, on the management API of API Gateway
//! - [`push`]: phones, on SNS
//! - [`keys`]: the issuers' keys, over HTTPS
//! - [`clock`]: the system's time and dice

pub mod clock;
pub mod item;
#[cfg(feature = "lambda")]
pub mod keys;
pub mod push;
pub mod relay;
pub mod store;
