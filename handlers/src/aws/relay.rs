//! Live connections, on the management API of API Gateway.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client, Config};
use switchboard::Connection;
use switchboard::ports::relay::{Posted, Presence, Relay};

/// How long the platform may take to answer a post.
const POST_MS: u64 = 800;

/// Posts through the management API of whichever endpoint a connection came in by.
#[derive(Debug)]
pub struct ManagementRelay {
    settings: Config,
    /// One client for each endpoint, for its pooled connections. There are as many as Regions, not as users.
    clients: Mutex<BTreeMap<Box<str>, Arc<Client>>>,
}

impl ManagementRelay {
    /// A relay with these settings; endpoint, retries and time limits are the relay's own.
    pub fn new(builder: aws_sdk_apigatewaymanagement::config::Builder) -> Self {
        let attempt = Duration::from_millis(POST_MS);
        let timeouts = TimeoutConfig::builder().operation_timeout(attempt).build();
        // Whether to try again is the gateway's to decide, by what else waits.
        let builder = builder
            .timeout_config(timeouts)
            .retry_config(RetryConfig::disabled());
        Self {
            settings: builder.build(),
            clients: Mutex::default(),
        }
    }

    fn client(&self, endpoint: &str) -> Arc<Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(endpoint) {
            return Arc::clone(client);
        }
        let config = self.settings.to_builder().endpoint_url(endpoint).build();
        let client = Arc::new(Client::from_conf(config));
        clients.insert(endpoint.into(), Arc::clone(&client));
        client
    }
}

#[async_trait::async_trait]
impl Relay for ManagementRelay {
    async fn post(&self, connection: &Connection, frame: &str) -> Posted {
        let client = self.client(&connection.endpoint);
        let post = client
            .post_to_connection()
            .connection_id(connection.id.as_str());
        match post.data(Blob::new(frame)).send().await {
            Ok(_) => Posted::Delivered,
            Err(error) => outcome(&error),
        }
    }

    async fn close(&self, connection: &Connection) {
        let client = self.client(&connection.endpoint);
        let delete = client
            .delete_connection()
            .connection_id(connection.id.as_str());
        if let Err(error) = delete.send().await
            && outcome(&error) != Posted::Gone
        {
            tracing::warn!(
                ?error,
                "a replaced connection stays open until it ends by itself"
            );
        }
    }

    async fn presence(&self, connection: &Connection) -> Presence {
        let client = self.client(&connection.endpoint);
        let get = client
            .get_connection()
            .connection_id(connection.id.as_str());
        match get.send().await.as_ref().map_err(outcome) {
            Ok(_) => Presence::Open,
            Err(Posted::Gone) => Presence::Gone,
            Err(Posted::Throttled) => Presence::Throttled,
            Err(Posted::Delivered | Posted::Failed(_)) => Presence::Unsaid,
        }
    }
}

/// Judged by the status alone: a 410 has an empty body, and what names its error is a header that proxies lose.
fn outcome<E>(error: &SdkError<E>) -> Posted {
    match error
        .raw_response()
        .map(|response| response.status().as_u16())
    {
        Some(410) => Posted::Gone,
        Some(429) => Posted::Throttled,
        status => Posted::Failed(status),
    }
}
