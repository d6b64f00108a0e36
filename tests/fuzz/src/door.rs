//! The stand-in for API Gateway, listening on pipes: the accept path of the host, without the system's sockets.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, serve};
use serde_json::json;
use switchboard_handlers::event::{AuthorizerEvent, WebSocketEvent};
use switchboard_local::apigw::{
    ApiGateway, FunctionError, Functions, Integration, Limits, Replies, Route, Routes,
};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::PausedClock;

/// What a pipe holds in one direction: what fits is sent without anybody reading.
const PIPE_BYTES: usize = 64 * 1024;

/// What the gateway itself answers to a ping.
pub const PONG: &str = r#"{"event":"pong"}"#;
/// What the function answers to everything.
pub const HEARD: &str = "heard";

/// A gateway that listens, and the way to knock.
#[derive(Debug)]
pub struct Door {
    /// The gateway.
    pub gateway: ApiGateway,
    knocks: mpsc::UnboundedSender<DuplexStream>,
    _server: JoinSet<()>,
}

impl Door {
    /// A gateway with every kind of route. Within a runtime.
    pub fn open() -> Self {
        let clock = Arc::new(PausedClock::start());
        let name = "gateway.test".to_owned();
        let gateway = ApiGateway::new(routes(), Limits::default(), Arc::new(Script), clock, name);
        let (knocks, pipes) = mpsc::unbounded_channel();
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
        let router = gateway.router().layer(Extension(ConnectInfo(peer)));
        let mut server = JoinSet::new();
        server.spawn(async move {
            let ended = serve(Pipes(pipes), router.into_make_service()).await;
            ended.expect("the listener failed");
        });
        Self {
            gateway,
            knocks,
            _server: server,
        }
    }

    /// A client's end of a new connection.
    pub fn knock(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(PIPE_BYTES);
        self.knocks.send(server).expect("somebody listens");
        client
    }
}

fn routes() -> Routes {
    let route = |integration, replies| Route {
        integration,
        replies,
    };
    let pong = Integration::Mock {
        reply: Some(PONG.to_owned()),
    };
    let keys = [
        ("$connect", route(Integration::Lambda, Replies::OneWay)),
        ("$disconnect", route(Integration::Lambda, Replies::OneWay)),
        ("$default", route(Integration::Lambda, Replies::TwoWay)),
        ("send", route(Integration::Lambda, Replies::TwoWay)),
        ("typing", route(Integration::Lambda, Replies::OneWay)),
        ("ping", route(pong, Replies::TwoWay)),
    ];
    Routes {
        stage: "local".to_owned(),
        api_id: "api".to_owned(),
        authorizer: true,
        keys: keys.map(|(key, route)| (key.to_owned(), route)).into(),
    }
}

/// A listener on pipes.
#[derive(Debug)]
struct Pipes(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Pipes {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.0.recv().await {
            Some(pipe) => (pipe, SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000))),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 8_080)))
    }
}

/// Functions that let everybody in and answer one thing, after reading their event as the real ones do.
#[derive(Debug)]
struct Script;

impl Script {
    fn session(event: &str) {
        let event: WebSocketEvent =
            serde_json::from_str(event).expect("an event that a function can read");
        let session = event.session().expect("an event with its session");
        assert_eq!(session.user.as_str(), "alice");
    }

    fn says(body: &str) -> String {
        json!({"statusCode": 200, "body": body}).to_string()
    }
}

#[async_trait::async_trait]
impl Functions for Script {
    async fn authorize(&self, event: String) -> Result<String, FunctionError> {
        let event: AuthorizerEvent =
            serde_json::from_str(&event).expect("an event that the authorizer can read");
        let (_token, _device) = (event.token(), event.device());
        let statement = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event.method_arn()});
        let policy = json!({
            "principalId": "alice",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": {"role": "customer", "expires_at": "1767229200000"},
        });
        Ok(policy.to_string())
    }

    async fn connect(&self, event: String) -> Result<String, FunctionError> {
        Self::session(&event);
        Ok(Self::says(""))
    }

    async fn disconnect(&self, event: String) -> Result<String, FunctionError> {
        Self::session(&event);
        Ok(Self::says(""))
    }

    async fn message(&self, event: String) -> Result<String, FunctionError> {
        Self::session(&event);
        // A function takes time, in which other frames come.
        tokio::task::yield_now().await;
        Ok(Self::says(HEARD))
    }
}
