//! What a function answers to API Gateway.

use std::collections::BTreeMap;

use serde::Serialize;

/// A proxy integration's answer. On a two-way route the body becomes one frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl Response {
    /// Done, with nothing to say.
    pub fn ok() -> Self {
        Self::status(200)
    }

    /// An HTTP status; on `$connect` the client sees it.
    pub fn status(status_code: u16) -> Self {
        Self {
            status_code,
            headers: BTreeMap::new(),
            body: None,
        }
    }

    /// Done, with a frame for the client where there is one. The status is 200 even for a refusal: the platform replaces the bodies of others.
    pub fn frame(body: Option<String>) -> Self {
        Self { body, ..Self::ok() }
    }

    /// Accepts our subprotocol.
    #[must_use]
    pub fn speaking_switchboard(mut self) -> Self {
        self.headers
            .insert("Sec-WebSocket-Protocol", "switchboard.v1");
        self
    }
}
