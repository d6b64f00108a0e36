//! AWS by its HTTP interfaces: requests are signed, and answers are what they are. No client library stands between.

use std::fmt::Write as _;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;
use switchboard_tests::web;

/// The Region that everything is deployed in.
pub(crate) const REGION: &str = "us-east-1";

/// Somebody who talks to AWS: an endpoint and credentials.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    endpoint: String,
    credentials: Credentials,
}

/// What came instead of an answer: a status and what was said.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Aws {
    /// The emulator's root: whoever deploys.
    pub(crate) fn root(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            credentials: Credentials::from_keys("test", "test", None),
        }
    }

    /// Somebody whom nobody knows.
    pub(crate) fn stranger(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            credentials: Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", "nobody", None),
        }
    }

    /// A call of a service with the JSON protocol: `AWSCognitoIdentityProviderService.SignUp`, say.
    pub(crate) async fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let answer = self.try_json(service, target, body).await;
        answer.unwrap_or_else(|failure| panic!("{target} failed: {failure:?}"))
    }

    /// The same, where a failure may be what is wanted.
    pub(crate) async fn try_json(
        &self,
        service: &str,
        target: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let request = Request::post(format!("{}/", self.endpoint))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let request = request.body(Bytes::from(body.to_string())).unwrap();
        parsed(&self.call(service, request).await)
    }

    /// A call of a service with the REST protocol; a null body is none.
    pub(crate) async fn rest(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Value {
        let body_bytes = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let request = Request::builder()
            .method(&method)
            .uri(format!("{}{path}", self.endpoint))
            .header("content-type", "application/json")
            .body(body_bytes)
            .unwrap();
        let answer = parsed(&self.call(service, request).await);
        answer.unwrap_or_else(|failure| panic!("{method} {path} failed: {failure:?}"))
    }

    /// A call of a service with the Query protocol: the XML that it answers.
    pub(crate) async fn query(
        &self,
        service: &str,
        version: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, Failure> {
        let mut body = format!("Version={version}");
        for (name, value) in parameters {
            write!(body, "&{name}={}", encoded(value)).unwrap();
        }
        let request = Request::post(format!("{}/", self.endpoint))
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Bytes::from(body)).unwrap();
        text(&self.call(service, request).await)
    }

    async fn call(&self, service: &str, mut request: Request<Bytes>) -> Response<Bytes> {
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        );
        let signed = sign(signable.unwrap(), &parameters).unwrap();
        let (instructions, _signature) = signed.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        web::fetch(request).await
    }
}

fn parsed(response: &Response<Bytes>) -> Result<Value, Failure> {
    let text = text(response)?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| panic!("this is not JSON: {text}")))
}

fn text(response: &Response<Bytes>) -> Result<String, Failure> {
    let status = response.status();
    let body = String::from_utf8_lossy(response.body()).into_owned();
    if status.is_success() {
        Ok(body)
    } else {
        Err(Failure(format!("{status}: {body}")))
    }
}

/// As forms are encoded.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature is held against the emulator's clock, which is the system's"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
