//! How a Lambda event becomes a call on the gateway, and how AWS serves the ports.
//!
//! Each function is one `handle(&Gateway, event)`, free of the Lambda runtime: in AWS a main of a few lines calls it,
//! on one machine the local host does, with the event that API Gateway would have sent.
//!
//! - [`event`]: the events, parsed once into what the handlers need
//! - [`authorize`], [`connect`], [`disconnect`], [`message`], [`deliver`]: the functions
//! - [`aws`]: the ports on the AWS SDKs
//! - [`config`]: what an operator sets
//! - [`emf`]: counts as CloudWatch metrics

pub mod authorize;
pub mod aws;
pub mod config;
pub mod connect;
pub mod deliver;
pub mod disconnect;
pub mod emf;
pub mod event;
#[cfg(feature = "lambda")]
pub mod function;
pub mod message;
