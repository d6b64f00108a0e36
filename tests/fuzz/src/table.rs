//! DynamoDB as an HTTP client of the SDK that answers what it is told: the door by which stored bytes come in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use switchboard_handlers::aws::store::{DynamoStore, Tables, settings};

/// What the next request is answered, and what was asked.
#[derive(Clone, Debug, Default)]
pub struct Table(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    answer: Option<(u16, Vec<u8>)>,
    asked: Vec<Value>,
}

impl Table {
    /// The real store, on a client that ends here.
    pub fn store(&self) -> DynamoStore {
        let builder = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://table.invalid")
            .allow_no_auth()
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(SharedHttpClient::new(self.clone()));
        let client = aws_sdk_dynamodb::Client::from_conf(settings(builder).build());
        let tables = Tables {
            chat: "chat".to_owned(),
            connections: "connections".to_owned(),
        };
        DynamoStore::new(client, tables)
    }

    /// Answers the next request with this, and those after it with an empty success: whoever asks again, for the next
    /// page or after a failure, comes to an end.
    pub fn answer(&self, status: u16, body: &[u8]) {
        let mut state = self.state();
        state.answer = Some((status, body.to_vec()));
        state.asked.clear();
    }

    /// The requests since then.
    pub fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut self.state().asked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpClient for Table {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Table {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice(body).expect("the SDK asks in JSON");
        let mut state = self.state();
        state.asked.push(body);
        let (status, body) = state.answer.take().unwrap_or((200, b"{}".to_vec()));
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        let headers = response.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
