//! The events of API Gateway, DynamoDB streams, SNS and CloudFormation, parsed once into what the handlers need.
//!
//! The types are our own and not those of `aws_lambda_events`: there nearly every field is optional and the authorizer's
//! context is an untyped map, so each handler would have to ask again; and a function would carry fifty event families.

mod authorizer;
mod notification;
mod resource;
mod response;
mod stream;
mod websocket;

pub use authorizer::{AuthorizerEvent, Policy};
pub use notification::{Dead, NotificationEvent, Unknown};
pub use resource::{Answer, Change, Invalid, Outcome, Platform, ResourceEvent, Wanted};
pub use response::Response;
pub use stream::{BatchFailures, StreamEvent, StreamRecord};
pub use websocket::{NoSession, WebSocketEvent, offers_protocol, subprotocols};
