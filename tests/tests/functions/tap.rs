//! The way to the stand-ins behind an SDK's HTTP client, for requests that come over a socket.

use std::sync::{Arc, OnceLock};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use switchboard_local::sns::Sns;

/// Keeps the connector that an SDK client asks for: what the stand-ins are behind is an SDK's HTTP client.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    client: SharedHttpClient,
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

impl HttpClient for Tap {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        self.connector.get_or_init(|| connector.clone());
        connector
    }
}

impl Tap {
    pub(crate) fn on(client: SharedHttpClient) -> Self {
        Self {
            client,
            connector: Arc::default(),
        }
    }

    pub(crate) fn connector(&self) -> SharedHttpConnector {
        self.connector.get().expect("a request was made").clone()
    }
}

fn credentials() -> Credentials {
    Credentials::from_keys("local", "local", None)
}

pub(crate) fn dynamodb_client(http: impl HttpClient + 'static) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url("http://embedded.invalid")
        .credentials_provider(credentials())
        .http_client(http);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// An SNS connector, got by a request that is refused.
pub(crate) async fn sns_connector(sns: &Sns) -> SharedHttpConnector {
    let tap = Tap::on(sns.http_client());
    let config = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url("http://embedded.invalid")
        .credentials_provider(credentials())
        .http_client(tap.clone());
    let client = aws_sdk_sns::Client::from_conf(config.build());
    let asked = client
        .get_endpoint_attributes()
        .endpoint_arn("arn:none")
        .send()
        .await;
    assert!(asked.is_err(), "there is no such endpoint");
    tap.connector()
}
