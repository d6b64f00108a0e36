//! The operator's doors: where a message is, who is connected, a user's state, and the end of a connection.
//!
//! Nothing here holds a message's text, a push token or a user's token: what is answered is made of states and steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard::Unavailable;
use switchboard::protocol::{ConversationId, UserId};

use super::guard::operators;
use super::{Site, metrics, page};
use crate::apigw::OpenConnection;
use crate::trace::Timeline;

/// What a request that changes something has to carry. A page of another origin cannot: its browser would have to ask
/// first whether it may, and nobody here answers that it may.
pub const HEADER: &str = "x-switchboard-operator";

/// Connections that are listed, newest first; the counts are of all.
const LISTED_MAX: usize = 100;
/// Names of devices that are counted by themselves.
const DEVICES_MAX: usize = 12;

/// The doors, and their guard.
pub(super) fn router(site: &Arc<Site>) -> Router<Arc<Site>> {
    page::operators()
        .route("/_local/operator/live", get(live))
        .route("/_local/operator/user", get(user))
        .route("/_local/operator/close", post(close))
        .route("/_local/trace", get(trace))
        .route("/_local/metrics", get(metrics))
        .layer(from_fn_with_state(Arc::clone(site), operators))
}

fn refused(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(json!({ "message": message.into() }))).into_response()
}

fn unavailable(error: &Unavailable) -> Response {
    tracing::warn!(?error, "an operator's question was not answered");
    let message = "the tables cannot be read now: ask again";
    refused(StatusCode::SERVICE_UNAVAILABLE, message)
}

#[derive(Debug, Deserialize)]
struct Place {
    conversation: Option<String>,
    seq: Option<String>,
    /// `text`, or JSON where nothing is said.
    #[serde(rename = "as")]
    form: Option<String>,
}

/// Where a message is.
async fn trace(State(site): State<Arc<Site>>, Query(place): Query<Place>) -> Response {
    let conversation = place.conversation.as_deref().unwrap_or_default();
    let conversation: ConversationId = match conversation.parse() {
        Ok(conversation) => conversation,
        Err(rule) => return refused(StatusCode::BAD_REQUEST, format!("conversation {rule}")),
    };
    let seq = place.seq.and_then(|it| it.parse().ok()).unwrap_or(0);
    if seq == 0 {
        return refused(StatusCode::BAD_REQUEST, "seq must be a number from 1 on");
    }
    if !matches!(place.form.as_deref(), None | Some("json" | "text")) {
        return refused(StatusCode::BAD_REQUEST, "as must be json or text");
    }
    let entry = site.functions.gateway().whereabouts(&conversation, seq);
    let timeline = match entry.await {
        Ok(Some(entry)) => {
            let record = site.trails.of(&conversation, seq);
            Timeline::kept(conversation, seq, entry, record)
        }
        Ok(None) => return refused(StatusCode::NOT_FOUND, "there is no such entry"),
        Err(error) => return unavailable(&error),
    };
    if place.form.as_deref() == Some("text") {
        return timeline.text().into_response();
    }
    Json(timeline.json()).into_response()
}

#[derive(Debug, Deserialize)]
struct OfUser {
    user: Option<String>,
}

/// What there is of a user.
async fn user(State(site): State<Arc<Site>>, Query(of): Query<OfUser>) -> Response {
    let user: UserId = match of.user.as_deref().unwrap_or_default().parse() {
        Ok(user) => user,
        Err(rule) => return refused(StatusCode::BAD_REQUEST, format!("user {rule}")),
    };
    match site.functions.gateway().person(&user).await {
        Ok(Some(person)) => Json(person).into_response(),
        Ok(None) => refused(StatusCode::NOT_FOUND, "nobody of that name ever connected"),
        Err(error) => unavailable(&error),
    }
}

#[derive(Debug, Deserialize)]
struct Doomed {
    connection: String,
}

/// Closes a connection, as the management API does. Its device may connect again.
async fn close(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Json(doomed): Json<Doomed>,
) -> Response {
    if !headers.contains_key(HEADER) {
        let message = format!("the header {HEADER} is missing");
        return refused(StatusCode::FORBIDDEN, message);
    }
    if site.api.close_connection(&doomed.connection) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refused(StatusCode::NOT_FOUND, "there is no such connection")
    }
}

async fn metrics(State(site): State<Arc<Site>>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, metrics::text(&site))
}

/// Who an authorizer said that it is.
#[derive(Debug, Default, Deserialize)]
struct Who {
    #[serde(rename = "principalId", default)]
    user: String,
    #[serde(default)]
    role: String,
    device: Option<String>,
}

impl Who {
    fn of(connection: &OpenConnection) -> Self {
        let context = connection.authorizer();
        context
            .and_then(|it| serde_json::from_str(it).ok())
            .unwrap_or_default()
    }
}

/// Who is connected.
async fn live(State(site): State<Arc<Site>>) -> Json<Value> {
    let mut open = site.api.connections();
    open.sort_by_key(|it| std::cmp::Reverse(it.connected_at()));
    let (mut roles, mut devices) = (BTreeMap::new(), BTreeMap::new());
    let mut listed = Vec::new();
    for connection in &open {
        let who = Who::of(connection);
        if listed.len() < LISTED_MAX {
            listed.push(json!({
                "connection": connection.id(),
                "user": who.user,
                "role": who.role,
                "device": who.device,
                "connected_at": connection.connected_at(),
                "last_active_at": connection.last_active_at(),
            }));
        }
        *roles.entry(who.role).or_insert(0_u64) += 1;
        *devices
            .entry(who.device.unwrap_or_default())
            .or_insert(0_u64) += 1;
    }
    let mut devices: Vec<(String, u64)> = devices.into_iter().collect();
    devices.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    devices.truncate(DEVICES_MAX);
    Json(json!({
        "now": site.clock.now_ms(),
        "version": env!("CARGO_PKG_VERSION"),
        "open": open.len(),
        "roles": roles,
        "devices": devices,
        "connections": listed,
    }))
}
