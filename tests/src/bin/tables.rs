//! The embedded engine over HTTP, for programs in other languages that are compared with the gateway: the same tables,
//! empty and gone with the process.
//!
//! It listens on `127.0.0.1` at the port that is given, checks no signature, and ends with its standard input.

use std::net::{Ipv4Addr, SocketAddr};

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use switchboard_local::engine::{Durability, Engine, Place};
use switchboard_local::template;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.expect("a port")));
    let engine = Engine::open(&Place::Memory, Durability::Process).expect("failed to open it");
    let tables = template::tables().expect("failed to read the template");
    let made = engine.ensure_tables(&[tables.chat, tables.connections]);
    made.expect("failed to make the tables");
    let settings = HttpConnectorSettings::builder().build();
    let components = RuntimeComponentsBuilder::for_tests().build();
    let components = components.expect("failed to build components");
    let connector = engine.http_client().http_connector(&settings, &components);
    let listener = TcpListener::bind(address).await.expect("failed to listen");
    let listener = listener.tap_io(|io| {
        // One that is gone already needs no setting up.
        drop(io.set_nodelay(true));
    });
    let router = Router::new().fallback(answer).with_state(connector);
    let mut nothing = Vec::new();
    let mut stdin = tokio::io::stdin();
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served.expect("failed to serve"),
        _ = stdin.read_to_end(&mut nothing) => {}
    }
}

async fn answer(
    State(connector): State<SharedHttpConnector>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|it| it.to_str().ok());
    let mut request = HttpRequest::new(SdkBody::from(body));
    let target = target.unwrap_or_default().to_owned();
    request.headers_mut().insert("x-amz-target", target);
    match connector.call(request).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status().as_u16());
            let body = Bytes::copy_from_slice(answer.body().bytes().unwrap_or_default());
            let kind = [("content-type", "application/x-amz-json-1.0")];
            (status.unwrap_or_default(), kind, body).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error:?}")).into_response(),
    }
}
