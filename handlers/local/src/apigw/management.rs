//! The `@connections` management API, without its transport.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::apigw::close::Close;
use crate::apigw::connection::Connection;
use crate::apigw::edge::Edge;
use crate::apigw::event::Identity;
use crate::apigw::outbox::Pushed;
use crate::apigw::time::iso8601;
use crate::meter::{NOBODY, Unit, charge, pieces};

/// What SDKs read the error's name from; with a 410 it is all they get.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Answers one call.
pub(crate) fn manage(edge: &Edge, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(id) = connection_id(&edge.events.stage, request.uri().path()) else {
        // A wrong stage or path is not a 404 there.
        return failure(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden");
    };
    if !edge.requests.admits(edge.clock.now_ms()) {
        return limit_exceeded();
    }
    let connection = edge.connections.find(&id);
    match *request.method() {
        Method::POST => post(edge, connection.as_deref(), request.body()),
        Method::GET => connection.map_or_else(gone, |it| get(&it)),
        Method::DELETE => delete(connection.as_deref()),
        _ => failure(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
    }
}

/// The id in `/{stage}/@connections/{id}`, or below no stage, as on a custom domain.
fn connection_id(stage: &str, path: &str) -> Option<String> {
    let decode = |it| percent_decode_str(it).decode_utf8().ok();
    let segments = path
        .trim_start_matches('/')
        .split('/')
        .map(decode)
        .collect::<Option<Vec<_>>>()?;
    match segments.as_slice() {
        [first, connections, id] if first == stage && connections == "@connections" => {
            Some(id.clone().into_owned())
        }
        [connections, id] if connections == "@connections" => Some(id.clone().into_owned()),
        _ => None,
    }
}

fn post(edge: &Edge, connection: Option<&Connection>, data: &Bytes) -> Response<Bytes> {
    if data.len() > edge.limits.message_bytes_max {
        return too_large();
    }
    let Ok(text) = Utf8Bytes::try_from(data.clone()) else {
        return failure(
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            "Data is not UTF-8",
        );
    };
    match connection.map_or(Pushed::Closed, |it| it.outbox.push(text)) {
        Pushed::Queued => {
            let count = pieces(data.len());
            if !charge(Unit::MessagesOut, count) {
                edge.meter.account(NOBODY).charge(Unit::MessagesOut, count);
            }
            empty(StatusCode::OK)
        }
        Pushed::Full => limit_exceeded(),
        Pushed::Closed => gone(),
    }
}

fn get(connection: &Connection) -> Response<Bytes> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Described<'a> {
        connected_at: String,
        identity: Identity<'a>,
        last_active_at: String,
    }
    let described = Described {
        connected_at: iso8601(connection.peer.connected_at),
        identity: Identity::of(&connection.peer),
        last_active_at: iso8601(connection.last_active_at()),
    };
    json_body(
        StatusCode::OK,
        serde_json::to_string(&described).unwrap_or_default(),
    )
}

fn delete(connection: Option<&Connection>) -> Response<Bytes> {
    if connection.is_some_and(|it| it.outbox.order(Close::Deleted)) {
        empty(StatusCode::NO_CONTENT)
    } else {
        gone()
    }
}

/// The answer to a body above the bound, whoever notices it.
pub(crate) fn too_large() -> Response<Bytes> {
    let name = "PayloadTooLargeException";
    failure(StatusCode::PAYLOAD_TOO_LARGE, name, "Message is too long")
}

/// The answer to a call that is not signed.
pub(crate) fn not_signed() -> Response<Bytes> {
    let name = "MissingAuthenticationTokenException";
    failure(StatusCode::FORBIDDEN, name, "Missing Authentication Token")
}

/// The answer to a request that did not arrive whole.
pub(crate) fn unreadable() -> Response<Bytes> {
    failure(
        StatusCode::BAD_REQUEST,
        "BadRequestException",
        "Bad Request",
    )
}

fn limit_exceeded() -> Response<Bytes> {
    failure(
        StatusCode::TOO_MANY_REQUESTS,
        "LimitExceededException",
        "Too Many Requests",
    )
}

fn gone() -> Response<Bytes> {
    let mut response = empty(StatusCode::GONE);
    response
        .headers_mut()
        .insert(ERROR_TYPE, HeaderValue::from_static("GoneException"));
    response
}

fn failure(status: StatusCode, name: &'static str, message: &str) -> Response<Bytes> {
    let mut response = json_body(status, json!({"message": message}).to_string());
    response
        .headers_mut()
        .insert(ERROR_TYPE, HeaderValue::from_static(name));
    response
}

fn json_body(status: StatusCode, json: String) -> Response<Bytes> {
    let mut response = empty(status);
    *response.body_mut() = Bytes::from(json);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
