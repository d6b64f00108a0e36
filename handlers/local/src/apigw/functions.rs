//! What the stand-in calls, and how it reads what comes back.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use async_trait::async_trait;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// The functions behind the routes; each takes an event's JSON and answers its result's JSON.
///
/// An invocation that exceeds the integration timeout is dropped where it stands, as a function is
/// killed at its own timeout. One whose client has gone runs to its end.
#[async_trait]
pub trait Functions: Debug + Send + Sync {
    /// The REQUEST authorizer: answers a policy; an error that says exactly `Unauthorized` is a 401.
    async fn authorize(&self, event: String) -> Result<String, FunctionError>;
    /// `$connect`: its status decides the handshake.
    async fn connect(&self, event: String) -> Result<String, FunctionError>;
    /// `$disconnect`: its result is ignored.
    async fn disconnect(&self, event: String) -> Result<String, FunctionError>;
    /// Every other route.
    async fn message(&self, event: String) -> Result<String, FunctionError>;
}

/// An invocation that ended without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What the function said.
    pub message: String,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

/// A proxy integration's result, as far as a WebSocket API looks at it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proxied {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    body: Option<String>,
}

impl Proxied {
    /// Reads a result; `None` where the platform would call it malformed.
    pub(crate) fn parse(result: &str) -> Option<Self> {
        // An array would pass for an object whose fields are known by their place.
        let object = result.trim_ascii_start().starts_with('{');
        object.then(|| serde_json::from_str(result).ok()).flatten()
    }

    /// The status, where HTTP can say it as the end of a handshake: a 1xx cannot be one.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.status_code)
            .ok()
            .filter(|it| !it.is_informational())
    }

    /// One header, whatever case the function wrote it in.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?
            .1
            .as_str()
    }

    /// The body, where there is anything to send.
    pub(crate) fn into_body(self) -> Option<String> {
        self.body.filter(|it| !it.is_empty())
    }
}
