//! A handshake as the client made it, and whom its token speaks for.

use crate::conformance::log::name;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use serde::Deserialize;
use switchboard::protocol::{Role, TimestampMs, UserId};

/// The subprotocol that the gateway speaks.
pub(crate) const PROTOCOL: &str = "switchboard.v1";
/// Names under which tokens travel in URLs where they do.
const TOKEN_FIELDS: [&str; 7] = [
    "access_token",
    "authorization",
    "auth_token",
    "bearer",
    "id_token",
    "jwt",
    "token",
];
/// How every JWT begins: `{"` in base64.
const JWT_BEGINS: &str = "eyJ";

/// A handshake as the client made it.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The query's pairs.
    pub query: Vec<(String, String)>,
    /// The subprotocols that were offered.
    pub protocols: Vec<String>,
    /// The token, from the header or the subprotocols.
    pub token: Option<String>,
    /// The device's name, as it was given.
    pub device: Option<String>,
}

/// Whom a token speaks for. The kit judges clients, not tokens: it believes them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) expires_at: Option<TimestampMs>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: Option<u64>,
    #[serde(rename = "cognito:groups", default)]
    groups: Vec<String>,
}

impl Handshake {
    /// Reads the query and the headers of a request.
    pub fn read(query: Option<&str>, headers: &HeaderMap) -> Self {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        let protocols: Vec<String> = offered
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .map(|it| it.trim().to_owned())
            .collect();
        let header = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = header.and_then(bearer).or_else(|| {
            protocols
                .iter()
                .find_map(|it| Some(it.strip_prefix("bearer.")?.to_owned()))
        });
        let device = query.iter().find(|(name, _)| name == "device");
        Self {
            device: device.map(|(_, device)| device.clone()),
            token: token.filter(|it| !it.is_empty()),
            query,
            protocols,
        }
    }

    /// The subprotocol to answer, where one was offered.
    pub fn protocol(&self) -> Option<&'static str> {
        self.protocols
            .iter()
            .any(|it| it == PROTOCOL)
            .then_some(PROTOCOL)
    }

    /// Whether subprotocols were offered, and ours not.
    pub(crate) fn offers_others(&self) -> bool {
        !self.protocols.is_empty() && self.protocol().is_none()
    }

    /// The field of the query that has a token in it.
    pub(crate) fn token_in_url(&self) -> Option<&str> {
        let is_token = |(name, value): &&(String, String)| {
            let named = TOKEN_FIELDS.iter().any(|it| name.eq_ignore_ascii_case(it));
            let is_ours = self.token.as_ref().is_some_and(|token| value == token);
            !value.is_empty() && (named || is_ours || value.starts_with(JWT_BEGINS))
        };
        let field = self.query.iter().find(is_token);
        field.map(|(name, _)| name.as_str())
    }
}

impl Bearer {
    /// Whom the kit takes a client for whose token does not say.
    pub(crate) fn nobody() -> Self {
        Self {
            user: name("alice"),
            role: Role::Customer,
            expires_at: None,
        }
    }

    /// Whom the token names.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Claims = serde_json::from_slice(&payload).ok()?;
        Some(Self {
            user: claims.sub.parse().ok()?,
            role: claims.groups.iter().find_map(|it| it.parse().ok())?,
            expires_at: claims.exp.map(|it| it.saturating_mul(1_000)),
        })
    }
}

fn bearer(header: &str) -> Option<String> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}
