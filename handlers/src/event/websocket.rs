//! `$connect`, `$disconnect` and messages of a WebSocket API.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use switchboard::protocol::DeviceId;
use switchboard::session::Ending;
use switchboard::{ConnectionId, Session};

/// The subprotocol that the gateway speaks.
const PROTOCOL: &str = "switchboard.v1";

/// The reason of a connection that somebody deleted through the management API.
const DELETED: &str = "Connection Closed Normally";
/// The reason of one that was idle or open for too long.
const GOING_AWAY: &str = "Going away";

/// An event of a WebSocket API.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketEvent {
    request_context: RequestContext,
    /// The handshake's headers; absent on messages.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The frame's text; absent where it was empty.
    #[serde(default)]
    body: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    route_key: String,
    connection_id: String,
    connected_at: u64,
    // What only metrics look at may be missing or of any kind: no message is refused for it.
    #[serde(default)]
    request_time_epoch: Value,
    #[serde(default)]
    disconnect_status_code: Value,
    #[serde(default)]
    disconnect_reason: Value,
    #[serde(default)]
    authorizer: BTreeMap<String, Value>,
}

/// The event carries no session: the route was deployed without its authorizer.
#[derive(Debug, thiserror::Error)]
#[error("failed to read `{0}` of the authorizer's context")]
pub struct NoSession(&'static str);

impl WebSocketEvent {
    /// Who sent it, from what the authorizer left with the connection.
    pub fn session(&self) -> Result<Session, NoSession> {
        let context = &self.request_context;
        let expires_at = self
            .context("expires_at")
            .and_then(|text| text.parse().ok());
        let device: Option<DeviceId> = match self.context("device") {
            Some(text) => Some(text.parse().map_err(|_| NoSession("device"))?),
            None => None,
        };
        let named = |name| self.context(name).ok_or(NoSession(name));
        Ok(Session {
            user: named("principalId")?
                .parse()
                .map_err(|_| NoSession("principalId"))?,
            role: named("role")?.parse().map_err(|_| NoSession("role"))?,
            device,
            connection: ConnectionId::new(context.connection_id.as_str()),
            connected_at: context.connected_at,
            expires_at: expires_at.ok_or(NoSession("expires_at"))?,
        })
    }

    /// The route that the platform chose: the frame's action, or `$default`.
    pub fn route_key(&self) -> &str {
        &self.request_context.route_key
    }

    /// When the platform got the frame, where it says so.
    pub fn requested_at(&self) -> Option<u64> {
        self.request_context.request_time_epoch.as_u64()
    }

    /// How the connection ended, by the code and the reason of the platform.
    pub fn ending(&self) -> Ending {
        let context = &self.request_context;
        let reason = context.disconnect_reason.as_str().unwrap_or_default();
        match (context.disconnect_status_code.as_u64(), reason) {
            (Some(1000), DELETED) => Ending::Server,
            (Some(1001), GOING_AWAY) => Ending::GoingAway,
            // Said by a client, by a browser whose page is left, or by nobody; from 3000 on the codes are an app's own.
            (Some(1000 | 1001 | 1005 | 3000..=4999), _) => Ending::Client,
            (Some(1003 | 1009), _) => Ending::Limit,
            (Some(1006), _) => Ending::Lost,
            (Some(_) | None, _) => Ending::Other,
        }
    }

    /// The frame's text.
    pub fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// Whether the client offered our subprotocol.
    pub fn offers_protocol(&self) -> bool {
        offers_protocol(&self.headers)
    }

    /// One value of the context. The platform makes strings of them all; emulators keep numbers.
    fn context(&self, name: &str) -> Option<String> {
        match self.request_context.authorizer.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// Whether our subprotocol is among those that a handshake offers.
pub fn offers_protocol(headers: &BTreeMap<String, String>) -> bool {
    subprotocols(headers).any(|offered| offered == PROTOCOL)
}

/// The subprotocols that a handshake offers. Header names come in any case.
pub fn subprotocols(headers: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
}
