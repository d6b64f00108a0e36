//! Goal: the five functions, as they are deployed, do their work against what AWS gives them: the Runtime API, events as
//! API Gateway and DynamoDB streams write them, and services behind HTTP.
//! Method: each main as a child process with a Runtime API of ours and recorded events; DynamoDB is the embedded engine,
//! SNS its stand-in, the management API and the issuer are routes that remember. What the processes print is read to the
//! end: metrics that are known, and neither tokens nor texts.

mod authorize;
mod chat;
mod cloud;
mod deliver;
mod failures;
mod function;
mod setup;
mod tap;
