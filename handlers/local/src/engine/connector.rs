//! The engine as an HTTP client of the SDK: no socket, the same requests.

use std::sync::Arc;

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

use super::consumed::charge_refused;
use super::{Answer, Call, Core, Faults, dispatch::dispatch};
use crate::haste::step_aside;
use crate::meter::Waiting;

/// Answers each request from the engine, and lets `faults` have their say.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    core: Arc<Core>,
    faults: Option<Arc<dyn Faults>>,
}

impl Connector {
    pub(super) fn new(core: Arc<Core>, faults: Option<Arc<dyn Faults>>) -> Self {
        Self { core, faults }
    }

    async fn answer(&self, request: &HttpRequest) -> Result<(u16, String), ConnectorError> {
        let _waiting = Waiting::begin();
        // The engine never waits, so without this a caller with many requests
        // would keep every other task of its thread waiting.
        step_aside().await;
        let call = read(request)?;
        if let Some(faults) = &self.faults
            && let Some(fault) = faults.before(&call).await
        {
            return fault.answer();
        }
        let (status, json) = self.apply(&call);
        let settled = self.core.settled().await;
        settled.map_err(|error| ConnectorError::io(error.into()))?;
        if let Some(faults) = &self.faults {
            let answer = Answer {
                status,
                body: &json,
            };
            if let Some(fault) = faults.after(&call, &answer).await {
                return fault.answer();
            }
        }
        Ok((status, json))
    }

    fn apply(&self, call: &Call<'_>) -> (u16, String) {
        match dispatch(&self.core, call.operation, call.body) {
            Ok(json) => (200, json),
            Err(error) => {
                charge_refused(&error);
                (error.status_code(), error.to_json())
            }
        }
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
            let (status, json) = connector.answer(&request).await?;
            respond(status, json)
        })
    }
}

fn read(request: &HttpRequest) -> Result<Call<'_>, ConnectorError> {
    let target = request.headers().get("x-amz-target");
    let operation = target
        .and_then(|target| target.rsplit_once('.'))
        .map(|(_, operation)| operation)
        .ok_or_else(|| ConnectorError::user("no operation in x-amz-target".into()))?;
    let bytes = request
        .body()
        .bytes()
        .ok_or_else(|| ConnectorError::user("the body is a stream".into()))?;
    let body = std::str::from_utf8(bytes).map_err(|error| ConnectorError::user(error.into()))?;
    Ok(Call { operation, body })
}

fn respond(status: u16, json: String) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(json));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
