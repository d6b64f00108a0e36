//! HTTP clients that answer at once what they were given: whatever is measured above them is the SDK.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::recorder::Exchange;

/// Answers a request as it was once answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canned(Arc<Vec<Exchange>>);

impl Canned {
    /// Answers from a record. The first exchange of that operation on that key is taken.
    pub(crate) fn of(exchanges: Vec<Exchange>) -> Self {
        Self(Arc::new(exchanges))
    }

    /// With nothing on record, everything is answered with an empty body: the management API's answer to a post.
    fn answer(&self, request: &HttpRequest) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap();
        let key = key_of(body);
        let exchange = self
            .0
            .iter()
            .find(|it| target.ends_with(&it.operation) && key_of(&it.request) == key);
        exchange
            .expect("a request that is not on record")
            .answer
            .clone()
    }
}

/// The partition that a request is about, wherever it stands in it.
fn key_of(body: &str) -> &str {
    let start = ["\"C#", "\"U#"].iter().find_map(|it| body.find(it));
    let key = &body[start.expect("a conversation or a user") + 1..];
    &key[..key.find('"').expect("the end of a string")]
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.answer(&request);
        let mut response =
            HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(answer));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
