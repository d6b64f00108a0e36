//! What SNS tells a function of its platform applications' endpoints.

use std::fmt;

use serde::Deserialize;
use switchboard::protocol::TimestampMs;

/// A batch of notifications; mostly one.
#[derive(Clone, Debug, Deserialize)]
pub struct NotificationEvent {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Clone, Debug, Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Notification,
}

#[derive(Clone, Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
}

/// The message of an endpoint event may hold the endpoint's token: it is not shown.
impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification").finish_non_exhaustive()
    }
}

/// An event of an endpoint, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EndpointEvent {
    event_type: String,
    #[serde(default)]
    endpoint_arn: Option<String>,
    #[serde(default)]
    failure_type: Option<String>,
    #[serde(default)]
    time: Option<String>,
}

/// An endpoint that is dead, and since when it is known to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// The endpoint.
    pub endpoint: String,
    /// When it was found dead, where that was said.
    pub at: Option<TimestampMs>,
}

/// A notification that is none of an endpoint. Its text is not repeated: it may hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read a notification as an event of an endpoint")]
pub struct Unknown;

impl NotificationEvent {
    /// For each notification the endpoint that it calls dead, or `None` where it calls none dead.
    pub fn dead(&self) -> impl Iterator<Item = Result<Option<Dead>, Unknown>> + '_ {
        self.records.iter().map(|record| read(&record.sns.message))
    }
}

fn read(message: &str) -> Result<Option<Dead>, Unknown> {
    let event: EndpointEvent = serde_json::from_str(message).map_err(|_| Unknown)?;
    let dead = match event.event_type.as_str() {
        "EndpointDeleted" => true,
        "DeliveryFailure" => event.failure_type.as_deref().is_some_and(is_death),
        _ => false,
    };
    match (dead, event.endpoint_arn) {
        (false, _) => Ok(None),
        (true, Some(endpoint)) if !endpoint.is_empty() => Ok(Some(Dead {
            endpoint,
            at: event.time.as_deref().and_then(millis),
        })),
        (true, _) => Err(Unknown),
    }
}

/// Whether a failed delivery means that the token is dead. A throttle, an expired credential or a push that is too long
/// says nothing about the device.
fn is_death(failure: &str) -> bool {
    matches!(
        failure,
        "InvalidPlatformToken" | "PlatformTokenInvalid" | "EndpointNotFound" | "EndpointDisabled"
    )
}

/// `2025-04-26T17:29:48.732Z` as milliseconds since 1970.
fn millis(text: &str) -> Option<TimestampMs> {
    use aws_smithy_types::date_time::{DateTime, Format};
    let time = DateTime::from_str(text, Format::DateTime).ok()?;
    u64::try_from(time.to_millis().ok()?).ok()
}
