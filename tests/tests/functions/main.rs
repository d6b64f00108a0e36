//! Goal: the functions, as they are deployed, do their work against what AWS gives them: the Runtime API, events as
//! API Gateway, DynamoDB streams, SNS and CloudFormation write them, and services behind HTTP.
//! Method: each main as a child process with a Runtime API of ours and recorded events; DynamoDB is the embedded engine,
//! SNS its stand-in, the management API, the issuer, Secrets Manager and CloudFormation's answer box are routes that remember. What the processes print is read to the
//! end: metrics that are known, and neither tokens nor texts.

mod applications;
mod authorize;
mod census;
mod chat;
mod cloud;
mod deliver;
mod failures;
mod feedback;
mod function;
mod platform;
mod setup;
mod tap;
mod trace;
