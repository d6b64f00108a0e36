//! The clients of the AWS SDKs, wired to the stand-ins in process: the same requests, no socket.

use std::sync::{Arc, PoisonError, RwLock};

use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::apigw::ApiGateway;
use crate::haste::step_aside;
use crate::meter::Waiting;

/// Where a client believes that it sends to; the connectors look at the path alone.
const NOWHERE: &str = "http://embedded.invalid";
const REGION: Region = Region::from_static("local");

/// A DynamoDB client whose requests end in this HTTP client.
pub fn dynamodb(http: SharedHttpClient) -> aws_sdk_dynamodb::Client {
    let builder = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(REGION)
        .endpoint_url(NOWHERE)
        // Nobody checks a signature in process, and no response can stall.
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http);
    aws_sdk_dynamodb::Client::from_conf(switchboard_handlers::aws::store::settings(builder).build())
}

/// The settings of an SNS client whose requests end in this HTTP client.
pub fn sns(http: SharedHttpClient) -> aws_sdk_sns::config::Builder {
    aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(REGION)
        .endpoint_url(NOWHERE)
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http)
}

/// The settings of a management client whose requests end in this HTTP client.
pub fn management(
    http: impl HttpClient + 'static,
) -> aws_sdk_apigatewaymanagement::config::Builder {
    aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(REGION)
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(SharedHttpClient::new(http))
}

/// The stand-in's management API as an HTTP client.
///
/// The stand-in calls functions, which call the gateway, which posts through this: whoever builds them closes the
/// circle, and opens it again at the end, or nothing of it would ever be freed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Front(Arc<RwLock<Option<ApiGateway>>>);

impl Front {
    /// Names the stand-in, or nothing any more.
    pub(crate) fn is(&self, gateway: Option<ApiGateway>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = gateway;
    }

    pub(crate) fn gateway(&self) -> Option<ApiGateway> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let _waiting = Waiting::begin();
        // What else is asked side by side begins before this is answered.
        step_aside().await;
        let gateway = self
            .gateway()
            .ok_or_else(|| ConnectorError::user("nothing listens yet".into()))?;
        let body = request
            .body()
            .bytes()
            .map(Bytes::copy_from_slice)
            .unwrap_or_default();
        let request = request.try_into_http1x();
        let request = request.map_err(|error| ConnectorError::user(error.into()))?;
        let response = gateway.manage(request.map(|_| body)).await;
        let status = StatusCode::try_from(response.status().as_u16());
        let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
        let (parts, body) = response.into_parts();
        let mut answer = HttpResponse::new(status, SdkBody::from(body.to_vec()));
        for (name, value) in &parts.headers {
            if let Ok(value) = value.to_str() {
                answer
                    .headers_mut()
                    .insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

impl HttpClient for Front {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Front {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let front = self.clone();
        HttpConnectorFuture::new(async move { front.answer(request).await })
    }
}
