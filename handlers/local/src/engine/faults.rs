//! The hook on the wire, for tests: what may go wrong between a caller and the
//! database, and what was said on the way.
//!
//! A hook that delays a call simply takes its time.

use aws_smithy_runtime_api::client::result::ConnectorError;

/// A request on its way to the engine.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The operation's name, as `PutItem`.
    pub operation: &'a str,
    /// The request's JSON.
    pub body: &'a str,
}

/// A response on its way back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The response's JSON: the place to count `ConsumedCapacity`.
    pub body: &'a str,
}

/// What the caller meets in place of the engine's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400 `ProvisionedThroughputExceededException`.
    Throttled,
    /// 500 `InternalServerError`.
    Broken,
    /// The connection breaks.
    Lost,
    /// Nothing comes back in time.
    TimedOut,
}

/// Sees every call, and may spoil it.
#[async_trait::async_trait]
pub trait Faults: std::fmt::Debug + Send + Sync {
    /// Asked before the engine: with a fault, the engine never sees the call.
    async fn before(&self, _call: &Call<'_>) -> Option<Fault> {
        None
    }

    /// Asked after the engine: with a fault, what was applied stays applied.
    async fn after(&self, _call: &Call<'_>, _answer: &Answer<'_>) -> Option<Fault> {
        None
    }
}

impl Fault {
    /// The status and JSON in place of the engine's, or the broken connection.
    pub(super) fn answer(self) -> Result<(u16, String), ConnectorError> {
        let refusal = |status, kind| {
            let json = format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"injected"}}"#
            );
            Ok((status, json))
        };
        match self {
            Self::Throttled => refusal(400, "ProvisionedThroughputExceededException"),
            Self::Broken => refusal(500, "InternalServerError"),
            Self::Lost => Err(ConnectorError::io("injected: connection lost".into())),
            Self::TimedOut => Err(ConnectorError::timeout("injected: no answer".into())),
        }
    }
}
