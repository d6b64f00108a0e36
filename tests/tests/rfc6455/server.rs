//! The local listener with a function behind it that says what it hears.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use switchboard_local::apigw::{
    ApiGateway, FunctionError, Functions, Integration, Invocations, Limits, Replies, Route, Routes,
};
use switchboard_tests::TestClock;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A gateway on a free port, whose clock stands still.
pub(crate) struct Server {
    pub(crate) gateway: ApiGateway,
    pub(crate) address: SocketAddr,
    _listening: JoinSet<()>,
}

#[derive(Debug)]
struct Echo;

#[async_trait]
impl Functions for Echo {
    async fn authorize(&self, _event: String) -> Result<String, FunctionError> {
        unreachable!("there is no authorizer")
    }

    async fn connect(&self, _event: String) -> Result<String, FunctionError> {
        Ok(json!({"statusCode": 200}).to_string())
    }

    async fn disconnect(&self, _event: String) -> Result<String, FunctionError> {
        Ok(json!({"statusCode": 200}).to_string())
    }

    async fn message(&self, event: String) -> Result<String, FunctionError> {
        let event: Value = serde_json::from_str(&event).expect("an event is JSON");
        let body = match event["body"].as_str().expect("an event has a body") {
            "" => "(empty)",
            body => body,
        };
        Ok(json!({"statusCode": 200, "body": body}).to_string())
    }
}

impl Server {
    /// One route for all frames. They are answered one after the other, so that what a client hears has one order.
    pub(crate) async fn start() -> Self {
        let route = |replies| Route {
            integration: Integration::Lambda,
            replies,
        };
        let keys = [
            ("$connect", Replies::OneWay),
            ("$disconnect", Replies::OneWay),
            ("$default", Replies::TwoWay),
        ];
        let routes = Routes {
            stage: "local".into(),
            api_id: "api".into(),
            authorizer: false,
            keys: keys.map(|(key, it)| (key.to_owned(), route(it))).into(),
        };
        let limits = Limits {
            invocations: Invocations::Serial,
            // The clock stands still, so these are for all cases of a table.
            connects_per_s: 100_000,
            requests_burst: 100_000,
            ..Limits::default()
        };
        let clock = Arc::new(TestClock::default());
        let gateway = ApiGateway::new(routes, limits, Arc::new(Echo), clock, "echo.test".into());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = gateway
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            gateway,
            address,
            _listening: server,
        }
    }
}
