//! How a Lambda event becomes a call on the gateway, and how AWS serves the ports.
//!
//! Each function is one `handle(&Gateway, event)`, free of the Lambda runtime: in AWS a main of a few lines calls it,
//! on one machine the local host does, with the event that API Gateway would have sent.
//!
//! - [`event`]: the events, parsed once into what the handlers need
//! - [`authorize`], [`connect`], [`disconnect`], [`message`], [`deliver`], [`census`], [`feedback`]: the functions
//! - `applications`: one more, for a stack and not for users
//! - [`aws`]: the ports on the AWS SDKs
//! - [`config`]: what an operator sets
//! - [`emf`]: tallies as CloudWatch metrics

#[cfg(feature = "lambda")]
pub mod applications;
pub mod authorize;
pub mod aws;
pub mod census;
pub mod config;
pub mod connect;
pub mod deliver;
pub mod disconnect;
pub mod emf;
pub mod event;
pub mod feedback;
#[cfg(feature = "lambda")]
pub mod function;
pub mod message;
