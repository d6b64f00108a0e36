//! The stand-in as an HTTP client of the SDK.

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

use super::{
    Sns,
    wire::{Form, response},
};
use crate::haste::step_aside;
use crate::meter::Waiting;

/// Answers each request from the stand-in.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    sns: Sns,
}

impl Connector {
    pub(super) fn new(sns: Sns) -> Self {
        Self { sns }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = request
            .body()
            .bytes()
            .ok_or_else(|| ConnectorError::user("the body is a stream".into()))?;
        let form = Form::read(body);
        let (status, xml) = match self.sns.answer(&form) {
            Ok(result) => (200, response(form.action(), &result)),
            Err(refusal) => (refusal.status, refusal.xml()),
        };
        let status = StatusCode::try_from(status)
            .map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(xml)))
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let _waiting = Waiting::begin();
            step_aside().await;
            connector.answer(&request)
        })
    }
}
