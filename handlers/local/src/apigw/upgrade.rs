//! The server's half of RFC 6455's opening handshake, without what decides about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_TYPE, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::json;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The platform takes no longer URL.
const URL_BYTES_MAX: usize = 4096;

/// Reads a handshake; answers its `Sec-WebSocket-Accept`, or the status that refuses it.
pub(crate) fn accept(parts: &Parts) -> Result<HeaderValue, StatusCode> {
    let headers = &parts.headers;
    if parts.method != Method::GET {
        return Err(StatusCode::FORBIDDEN);
    }
    if parts
        .uri
        .path_and_query()
        .is_some_and(|it| it.as_str().len() > URL_BYTES_MAX)
    {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let version = headers.get(SEC_WEBSOCKET_VERSION);
    if !has_token(headers, &CONNECTION, "upgrade")
        || !has_token(headers, &UPGRADE, "websocket")
        || version.is_none_or(|it| it != "13")
    {
        return Err(StatusCode::UPGRADE_REQUIRED);
    }
    // RFC 6455, section 4.2.1: a handshake says whom it is for. HTTP/1.1 refuses what does not with 400.
    if !headers.contains_key(HOST) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .map_or(&[][..], HeaderValue::as_bytes);
    if !STANDARD.decode(key).is_ok_and(|it| it.len() == 16) {
        return Err(StatusCode::BAD_REQUEST);
    }
    HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| StatusCode::BAD_REQUEST)
}

/// The 101, with the subprotocol that the function chose.
pub(crate) fn switching(accept: HeaderValue, protocol: Option<HeaderValue>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    response
}

/// A refusal, with the platform's message in its body.
pub(crate) fn refusal(status: StatusCode) -> Response<Bytes> {
    let message = match status {
        // The platform's own errors all read the same.
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_GATEWAY => "Internal server error",
        StatusCode::GATEWAY_TIMEOUT => "Endpoint request timed out",
        _ => status.canonical_reason().unwrap_or_default(),
    };
    let mut response = Response::new(Bytes::from(json!({"message": message}).to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::UPGRADE_REQUIRED {
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    response
}

/// Whether a comma-separated header lists `token`.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|it| it.to_str().ok());
    values
        .flat_map(|it| it.split(','))
        .any(|it| it.trim().eq_ignore_ascii_case(token))
}
