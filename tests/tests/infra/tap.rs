//! Whatever the gateway asks of others than the tables, written down: actions of SNS, methods of connections.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use switchboard::Connection;
use switchboard::ports::relay::{Posted, Presence, Relay};

/// What was asked for since somebody looked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tap(Arc<Mutex<BTreeSet<String>>>);

impl Tap {
    /// Takes it.
    pub(crate) fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().insert(what.into());
    }
}

/// A client of SNS that writes down its actions.
#[derive(Debug)]
pub(crate) struct Tapped {
    tap: Tap,
    client: SharedHttpClient,
}

impl Tapped {
    /// The same client, with a tap.
    pub(crate) fn client(client: SharedHttpClient, tap: Tap) -> SharedHttpClient {
        SharedHttpClient::new(Self { tap, client })
    }
}

impl HttpClient for Tapped {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(TappedConnector {
            tap: self.tap.clone(),
            connector: self.client.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct TappedConnector {
    tap: Tap,
    connector: SharedHttpConnector,
}

impl HttpConnector for TappedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let mut fields = form.split('&').filter_map(|it| it.strip_prefix("Action="));
        let action = fields.next().expect("a request of SNS has an action");
        self.tap.note(format!("sns:{action}"));
        self.connector.call(request)
    }
}

/// A relay to which connections called `gone` are gone. It writes down the method that the management API would have
/// been called with.
#[derive(Debug)]
pub(crate) struct Absent(pub(crate) Tap);

#[async_trait::async_trait]
impl Relay for Absent {
    async fn post(&self, connection: &Connection, _frame: &str) -> Posted {
        self.0.note("POST");
        if connection.id.as_str() == "gone" {
            Posted::Gone
        } else {
            Posted::Delivered
        }
    }

    async fn close(&self, _connection: &Connection) {
        self.0.note("DELETE");
    }

    async fn presence(&self, connection: &Connection) -> Presence {
        self.0.note("GET");
        if connection.id.as_str() == "gone" {
            Presence::Gone
        } else {
            Presence::Open
        }
    }
}
