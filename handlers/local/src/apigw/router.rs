//! HTTP's way in: the routes, the signature's shape, the body's bound.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::routing::any;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use tokio::sync::oneshot;

use crate::apigw::call::within;
use crate::apigw::edge::Edge;
use crate::apigw::event::Arrival;
use crate::apigw::life::{Knock, live};
use crate::apigw::management::{manage, not_signed, too_large, unreadable};
use crate::apigw::upgrade::{accept, refusal};

/// Both APIs of a stage.
pub(crate) fn router(edge: &Arc<Edge>) -> Router {
    Router::new()
        .route(&format!("/{}", edge.events.stage), any(connect))
        // The router matches what was sent, and clients encode the at sign or do not.
        .route("/{stage}/@connections/{id}", any(connections))
        .route("/{stage}/%40connections/{id}", any(connections))
        .route("/@connections/{id}", any(connections))
        .route("/%40connections/{id}", any(connections))
        .with_state(Arc::clone(edge))
}

async fn connect(State(edge): State<Arc<Edge>>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    let knock = accept(&parts).and_then(|accept| {
        // Without it the connection cannot be taken over: it is no HTTP/1.1.
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let upgrade = upgrade.ok_or(StatusCode::UPGRADE_REQUIRED)?;
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let source_ip = address.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |it| it.0.ip());
        let mut headers = std::mem::take(&mut parts.headers);
        forward(
            &mut headers,
            source_ip,
            edge.clock.dice(),
            edge.clock.now_ms(),
        );
        let query = parts.uri.query().map(str::to_owned);
        Ok(Knock {
            arrival: Arrival { headers, query },
            source_ip,
            accept,
            upgrade,
        })
    });
    let knock = match knock {
        Ok(knock) => knock,
        Err(status) => {
            edge.counters.refused(status.as_u16());
            return refusal(status).map(Body::from);
        }
    };
    let (answer, answered) = oneshot::channel();
    let life = live(Arc::clone(&edge), knock, answer);
    edge.tasks
        .spawn(edge.abandon.clone().run_until_cancelled_owned(life));
    // It goes without an answer only when a shutdown has abandoned it.
    let abandoned = |_| refusal(StatusCode::SERVICE_UNAVAILABLE);
    answered.await.unwrap_or_else(abandoned).map(Body::from)
}

/// Adds the headers by which the platform's front tells where a request came from.
fn forward(headers: &mut HeaderMap, source_ip: IpAddr, dice: u128, now_ms: u64) {
    let before = headers
        .get("x-forwarded-for")
        .and_then(|it| it.to_str().ok());
    let hops = before.map_or_else(|| source_ip.to_string(), |it| format!("{it}, {source_ip}"));
    let host = headers
        .get(HOST)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let port = host.rsplit_once(':').map_or("80", |it| it.1).to_owned();
    let trace = format!("Root=1-{:08x}-{:024x}", now_ms / 1000, dice >> 32);
    let added = [
        ("x-amzn-trace-id", trace),
        ("x-forwarded-for", hops),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http".to_owned()),
    ];
    for (name, value) in added {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

async fn connections(State(edge): State<Arc<Edge>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if !is_signed(&parts.headers) {
        return not_signed().map(Body::from);
    }
    let bytes_max = edge.limits.message_bytes_max;
    let declared = parts.headers.get(CONTENT_LENGTH);
    let declared = declared.and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|it| it > bytes_max) {
        return too_large().map(Body::from);
    }
    let reading = to_bytes(body, bytes_max);
    let response = match within(&*edge.clock, edge.limits.integration_timeout_ms, reading).await {
        Some(Ok(data)) => manage(&edge, &http::Request::from_parts(parts, data)),
        // Too long, or broken off: then there is nobody to answer.
        Some(Err(_)) => too_large(),
        None => unreadable(),
    };
    response.map(Body::from)
}

/// Whether a call carries a `SigV4` signature for this service. Its scope alone is looked at: there
/// are no keys here that could verify it, and the host listens where its own processes are.
fn is_signed(headers: &HeaderMap) -> bool {
    let value = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    value.is_some_and(|it| it.starts_with("AWS4-HMAC-SHA256 ") && it.contains("/execute-api/"))
}
