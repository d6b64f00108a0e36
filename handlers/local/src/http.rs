//! What is served beside the WebSocket API: tokens, pushes, keys, health, metrics, and the chat page.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard::Clock;
use switchboard::protocol::{Role, UserId};

use crate::apigw::ApiGateway;
use crate::functions::LocalFunctions;
use crate::issuer::{Issuer, TokenRequest, TokenUse};
use crate::meter::Prices;
use crate::outbox::Progress;
use crate::pushes::PushInbox;
use crate::trails::Trails;

mod consumed;
mod guard;
mod metrics;
mod operator;
mod page;

pub use guard::{NoToken, OperatorToken};
pub use operator::HEADER as OPERATOR_HEADER;

/// How long a token lives when it is not said.
pub const TOKEN_S: u64 = 3_600;
/// The longest life of a token: a Cognito token's.
pub const TOKEN_S_MAX: u64 = 86_400;

/// Who may reach `/_local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Peers on this machine.
    Loopback,
    /// Nobody: the host listens to the world.
    Public,
}

/// What the routes look at.
#[derive(Debug)]
pub struct Site {
    /// The API Gateway stand-in.
    pub api: ApiGateway,
    /// The functions.
    pub functions: Arc<LocalFunctions>,
    /// The issuer of tokens.
    pub issuer: Arc<Issuer>,
    /// The push inbox.
    pub pushes: Arc<PushInbox>,
    /// How far delivery has come.
    pub outbox: Progress,
    /// What happened to each entry.
    pub trails: Arc<Trails>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Who may reach `/_local`.
    pub reach: Reach,
    /// What opens the operator's doors to others.
    pub operator_token: Option<OperatorToken>,
    /// What everything costs.
    pub prices: Prices,
    /// How much memory each function has on AWS.
    pub memory_mb: BTreeMap<String, u64>,
}

/// All routes.
pub(crate) fn router(site: &Arc<Site>) -> Router {
    let local = Router::new()
        .route("/_local/token", post(token))
        .route("/_local/pushes", get(pushes))
        .route("/_local/health", get(health))
        .layer(from_fn_with_state(Arc::clone(site), within_reach));
    Router::new()
        .merge(page::router())
        .route("/.well-known/jwks.json", get(jwks))
        .merge(local)
        .merge(operator::router(site))
        .with_state(Arc::clone(site))
        .merge(site.api.router().layer(from_fn_with_state(
            Arc::clone(site),
            management_within_reach,
        )))
}

/// Lets peers on this machine through, and nobody where the host listens to the world.
async fn within_reach(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if site.reach == Reach::Loopback && is_near(peer, &request) {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// The same for the management API, whose signatures nobody here can verify. The gateway itself does not come this way.
async fn management_within_reach(
    state: State<Arc<Site>>,
    peer: ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let manages = path.contains("/@connections/") || path.contains("/%40connections/");
    if manages {
        within_reach(state, peer, request, next).await
    } else {
        next.run(request).await
    }
}

/// Whether a request comes from this machine, and knows it: a page of another site, whose name was made to lead here, does not.
fn is_near(peer: SocketAddr, request: &Request) -> bool {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.parse::<Authority>().ok());
    let meant = name.is_some_and(|name| {
        let name = name.host().trim_matches(['[', ']']);
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    });
    peer.ip().to_canonical().is_loopback() && meant
}

async fn jwks(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(site.issuer.jwks())
}

async fn health(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(json!({ "status": "ok", "connections": site.api.open_connections() }))
}

#[derive(Debug, Deserialize)]
struct OfUser {
    user: Option<String>,
    limit: Option<usize>,
}

async fn pushes(State(site): State<Arc<Site>>, Query(of): Query<OfUser>) -> impl IntoResponse {
    let limit = of.limit.unwrap_or(usize::MAX);
    Json(site.pushes.newest_first(of.user.as_deref(), limit))
}

#[derive(Debug, Deserialize)]
struct TokenAsked {
    user: String,
    role: String,
    expires_s: Option<u64>,
}

/// Issues a token. A page of another origin cannot ask for one: its browser would have to ask first, and is not answered.
async fn token(State(site): State<Arc<Site>>, Json(asked): Json<TokenAsked>) -> Response {
    let user = asked.user.parse::<UserId>().err();
    let role = asked.role.parse::<Role>().err();
    let expires_s = asked.expires_s.unwrap_or(TOKEN_S);
    let problem = match (user, role) {
        (Some(malformed), _) => Some(format!("user {malformed}")),
        (None, Some(malformed)) => Some(format!("role {malformed}")),
        (None, None) if !(1..=TOKEN_S_MAX).contains(&expires_s) => {
            Some(format!("expires_s must be 1 to {TOKEN_S_MAX}"))
        }
        (None, None) => None,
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
