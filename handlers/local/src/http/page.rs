//! The chat page and the operator's: static files in the executable, and the configuration that they read.
//!
//! It does not know how the page is made: `page/README.md` does.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Reach, Site};

/// Address and content of each file that the page was built into.
const FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Where the page begins.
const INDEX: &str = "/index.html";
/// The operator's page is in a folder of its own.
const OPERATORS: &str = "/operator/";
/// Below here names carry a hash of the content.
const HASHED: &str = "/assets/";

/// Scripts, styles, pictures and connections of this origin alone, and no HTML made of text by a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What answers here besides the page; each with whether everybody may ask.
const ROUTES: [(&str, &str, Reach); 9] = [
    (
        "WebSocket /local",
        "what a client connects to",
        Reach::Public,
    ),
    (
        "/.well-known/jwks.json",
        "the issuer's public keys",
        Reach::Public,
    ),
    (
        "POST /_local/token",
        "a token for any user and role",
        Reach::Loopback,
    ),
    (
        "/_local/pushes",
        "what phones would have been shown",
        Reach::Loopback,
    ),
    (
        "/_local/operator",
        "what is going on, and where a message is",
        Reach::Loopback,
    ),
    ("/_local/metrics", "counts, for Prometheus", Reach::Loopback),
    ("/_local/health", "readiness", Reach::Loopback),
    (
        "POST /local/@connections/{id}",
        "the management API, for the AWS SDK",
        Reach::Loopback,
    ),
    (
        "/config.json",
        "what this page reads of all that",
        Reach::Public,
    ),
];

/// The page's routes.
pub(super) fn router() -> Router<Arc<Site>> {
    let mut router = Router::new().route("/config.json", get(config));
    for (path, content) in FILES {
        if path.starts_with(OPERATORS) {
            continue;
        }
        let path = if *path == INDEX { "/" } else { path };
        router = router.route(path, get(move || async move { file(path, content) }));
    }
    router
}

/// The operator's page, which not everybody may see.
pub(super) fn operators() -> Router<Arc<Site>> {
    let mut router = Router::new();
    for (name, content) in FILES {
        let Some(below) = name.strip_prefix(OPERATORS) else {
            continue;
        };
        let path = format!("/_local/operator/{below}");
        let route = path.strip_suffix(INDEX).unwrap_or(&path);
        router = router.route(route, get(move || async move { file(name, content) }));
    }
    router
}

fn file(path: &str, content: &'static [u8]) -> Response {
    let kind = match path.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    };
    let keep = if path.contains(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content).into_response()
}

/// Addresses are relative to the page's. Where `/_local` is off, there is neither a source of tokens nor an inbox.
async fn config(State(site): State<Arc<Site>>) -> impl IntoResponse {
    let is_open = |reach: Reach| reach == Reach::Public || reach == site.reach;
    let routes: Vec<Value> = ROUTES
        .iter()
        .filter(|(_, _, reach)| is_open(*reach))
        .map(|(path, meaning, _)| json!([path, meaning]))
        .collect();
    let mut config = json!({
        "endpoint": "local",
        // Another key is another data directory: what a browser remembers of the last one is not of this one.
        "store": site.issuer.kid(),
        "routes": routes,
    });
    if is_open(Reach::Loopback) {
        config["tokens"] = json!("_local/token");
        config["pushes"] = json!("_local/pushes");
    }
    ([(header::CACHE_CONTROL, "no-cache")], Json(config))
}
