//! The stand-in as its host holds it.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};

use crate::apigw::call::within;
use crate::apigw::chaos::Chaos;
use crate::apigw::close::Close;
use crate::apigw::counts::Counts;
use crate::apigw::edge::Edge;
use crate::apigw::functions::Functions;
use crate::apigw::limits::Limits;
use crate::apigw::management;
use crate::apigw::open::OpenConnection;
use crate::apigw::router;
use crate::apigw::routes::Routes;
use crate::meter::Meter;
use switchboard::Clock;

/// One stage of a WebSocket API, with its open connections. Clones are the same gateway.
#[derive(Debug, Clone)]
pub struct ApiGateway {
    edge: Arc<Edge>,
}

impl ApiGateway {
    /// A gateway without connections; `domain_name` is what events say they came to.
    pub fn new(
        routes: Routes,
        limits: Limits,
        functions: Arc<dyn Functions>,
        clock: Arc<dyn Clock>,
        domain_name: String,
    ) -> Self {
        Self {
            edge: Arc::new(Edge::new(routes, limits, functions, clock, domain_name)),
        }
    }

    /// The WebSocket API at `/{stage}` and the management API below it.
    ///
    /// Whoever accepts the sockets sets `TCP_NODELAY`, serves with upgrades, and adds the peer's
    /// address by `into_make_service_with_connect_info`.
    pub fn router(&self) -> Router {
        router::router(&self.edge)
    }

    /// The management API without a socket and without its signature check.
    pub async fn manage(&self, request: Request<Bytes>) -> Response<Bytes> {
        // Thousands of posts from one task would otherwise never let another run.
        tokio::task::consume_budget().await;
        management::manage(&self.edge, &request)
    }

    /// Closes all connections with 1001 and waits, bounded, until what is in flight has ended,
    /// `$disconnect` included. New handshakes are refused with 503 from now on.
    pub async fn shutdown(&self) {
        let Edge {
            connections,
            tasks,
            abandon,
            clock,
            limits,
            ..
        } = &*self.edge;
        connections.close();
        tasks.close();
        if within(&**clock, limits.shutdown_ms, tasks.wait())
            .await
            .is_none()
        {
            tracing::warn!(
                tasks = tasks.len(),
                "shut down before all invocations ended"
            );
            abandon.cancel();
            tasks.wait().await;
        }
    }

    /// How many connections may be posted to.
    pub fn open_connections(&self) -> usize {
        self.edge.connections.len()
    }

    /// The connections that may be posted to, in no order that means anything.
    pub fn connections(&self) -> Vec<OpenConnection> {
        let all = self.edge.connections.all().into_iter();
        all.map(OpenConnection::new).collect()
    }

    /// Closes a connection as the management API does, at nobody's cost; false where there is none of that name.
    pub fn close_connection(&self, id: &str) -> bool {
        let connection = self.edge.connections.find(id);
        connection.is_some_and(|it| it.outbox.order(Close::Deleted))
    }

    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        self.edge.counters.read()
    }

    /// What was consumed since the start.
    pub fn meter(&self) -> &Meter {
        &self.edge.meter
    }

    /// For how long connections have been open together: those that are, and those that were.
    pub fn connection_ms(&self) -> u64 {
        self.edge.connections.open_ms(self.edge.clock.now_ms())
    }

    /// The switches for a bad day.
    pub fn chaos(&self) -> &Chaos {
        &self.edge.chaos
    }
}
