//! Plays over HTTP and WebSocket: one path for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use serde_json::json;
use switchboard::Clock;
use switchboard::protocol::{Role, UserId};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::apigw::upgrade::{accept, refusal, switching};
use crate::conformance::handshake::Handshake;
use crate::conformance::socket;
use crate::conformance::stage::Call;
use crate::conformance::verdict::Verdict;
use crate::http::{TOKEN_S, TOKEN_S_MAX};
use crate::issuer::{Issuer, TokenRequest, TokenUse};

/// The longest that a request may wait for a verdict.
const WAIT_S_MAX: u64 = 600;

/// What the routes look at.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) plays: BTreeMap<&'static str, mpsc::Sender<Call>>,
    pub(crate) page: String,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connections: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// All routes.
pub(crate) fn router(site: &Arc<Site>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/{play}", any(connect).delete(anew))
        .route("/{play}/token", post(token))
        .route("/{play}/verdict", get(verdict))
        .with_state(Arc::clone(site))
        .layer(from_fn(for_every_origin))
}

/// Lets pages of any origin ask: clients in browsers are judged too, and there is nothing here to protect.
async fn for_every_origin(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
    ] {
        headers.insert(name, HeaderValue::from_static("*"));
    }
    response
}

async fn page(State(site): State<Arc<Site>>) -> String {
    site.page.clone()
}

async fn connect(
    State(site): State<Arc<Site>>,
    Path(play): Path<String>,
    request: Request,
) -> Response {
    let Some(calls) = site.plays.get(play.as_str()).cloned() else {
        return unknown(&play);
    };
    let (mut parts, _) = request.into_parts();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let (accept, upgrade) = match (accept(&parts), upgrade) {
        (Ok(accept), Some(upgrade)) => (accept, upgrade),
        (Ok(_), None) => return refuse(StatusCode::UPGRADE_REQUIRED),
        (Err(status), _) => return refuse(status),
    };
    let handshake = Handshake::read(parts.uri.query(), &parts.headers);
    let protocol = handshake.protocol().map(HeaderValue::from_static);
    let (answer, answered) = oneshot::channel();
    if calls.send(Call::Knock(handshake, answer)).await.is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE);
    }
    let seat = match answered.await {
        Ok(Ok(seat)) => seat,
        Ok(Err(status)) => {
            return refuse(StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE));
        }
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE),
    };
    let serving = async move {
        match upgrade.await {
            Ok(upgraded) => socket::serve(upgraded, seat, calls).await,
            Err(error) => {
                tracing::debug!(%error, "the client left before it was connected");
                if calls.send(Call::Left(seat.place, 1006)).await.is_err() {
                    tracing::debug!("the play is not on any more");
                }
            }
        }
    };
    let stop = site.stop.clone();
    site.connections
        .spawn(stop.run_until_cancelled_owned(serving));
    switching(accept, protocol).map(Body::from)
}

async fn anew(State(site): State<Arc<Site>>, Path(play): Path<String>) -> Response {
    match site.plays.get(play.as_str()) {
        Some(calls) if calls.send(Call::Anew).await.is_ok() => {
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        None => unknown(&play),
    }
}

#[derive(Debug, Deserialize)]
struct Waits {
    /// For how many seconds, at most, the answer may wait for the end of the play.
    wait: Option<u64>,
}

async fn verdict(
    State(site): State<Arc<Site>>,
    Path(play): Path<String>,
    Query(waits): Query<Waits>,
) -> Response {
    let Some(calls) = site.plays.get(play.as_str()) else {
        return unknown(&play);
    };
    let wait_ms = waits.wait.unwrap_or(0).min(WAIT_S_MAX) * 1_000;
    if wait_ms > 0 {
        tokio::select! {
            verdict = ask(calls, Call::Done) => return told(verdict),
            () = site.clock.sleep(wait_ms) => {}
        }
    }
    told(ask(calls, Call::Verdict).await)
}

async fn ask(
    calls: &mpsc::Sender<Call>,
    call: impl FnOnce(oneshot::Sender<Verdict>) -> Call,
) -> Option<Verdict> {
    let (answer, answered) = oneshot::channel();
    calls.send(call(answer)).await.ok()?;
    answered.await.ok()
}

fn told(verdict: Option<Verdict>) -> Response {
    match verdict {
        Some(verdict) => Json(verdict).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct TokenAsked {
    user: String,
    role: String,
    expires_s: Option<u64>,
}

/// Issues a token, in the shape of the local gateway's `/_local/token`. Each is another one.
async fn token(
    State(site): State<Arc<Site>>,
    Path(play): Path<String>,
    Json(asked): Json<TokenAsked>,
) -> Response {
    if !site.plays.contains_key(play.as_str()) {
        return unknown(&play);
    }
    let expires_s = asked.expires_s.unwrap_or(TOKEN_S);
    let problem = match (asked.user.parse::<UserId>(), asked.role.parse::<Role>()) {
        (Err(malformed), _) => Some(format!("user {malformed}")),
        (_, Err(malformed)) => Some(format!("role {malformed}")),
        (Ok(_), Ok(_)) => (!(1..=TOKEN_S_MAX).contains(&expires_s))
            .then(|| format!("expires_s must be 1 to {TOKEN_S_MAX}")),
    };
    if let Some(message) = problem {
        return (StatusCode::BAD_REQUEST, Json(json!({ "message": message }))).into_response();
    }
    let request = TokenRequest {
        user: asked.user,
        role: asked.role,
        expires_s,
        token_use: TokenUse::Id,
        jti: site.clock.dice(),
    };
    let now_s = site.clock.now_ms() / 1_000;
    match site.issuer.token(now_s, &request) {
        Ok(token) => {
            let expires_at = (now_s + expires_s) * 1_000;
            Json(json!({ "token": token, "expires_at": expires_at })).into_response()
        }
        Err(error) => {
            tracing::error!(?error, "a token could not be signed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refuse(status: StatusCode) -> Response {
    refusal(status).map(Body::from)
}

fn unknown(play: &str) -> Response {
    let message = format!("there is no play {play:?} on");
    (StatusCode::NOT_FOUND, Json(json!({ "message": message }))).into_response()
}
