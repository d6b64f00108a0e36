//! The ports on the AWS SDKs.
//!
//! - [`store`]: the tables, on DynamoDB; [`item`]: how things look in there
//! - [`relay`]: live connections, on the management API of API Gateway
//! - [`push`]: phones, on SNS
//! - [`keys`]: the issuers' keys, over HTTPS
//! - [`roll`]: all connections, for the census alone
//! - [`applications`]: SNS platform applications, with credentials from Secrets Manager
//! - [`http`]: plain requests, without a service's client around them
//! - [`clock`]: the system's time and dice

#[cfg(feature = "lambda")]
pub mod applications;
pub mod clock;
#[cfg(feature = "lambda")]
pub mod http;
pub mod item;
#[cfg(feature = "lambda")]
pub mod keys;
pub mod push;
pub mod relay;
pub mod roll;
pub mod store;
