//! Plain requests over HTTPS, with the HTTP client that the AWS clients use too.

use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use switchboard::Unavailable;

const PUTTING: &str = "put an answer";

/// One HTTP client for all service clients, for its pool.
pub fn shared() -> SharedHttpClient {
    Builder::new().tls_provider(provider()).build_https()
}

/// What sends one request at a time, with a bound on connecting and on the wait for headers.
pub fn connector(patience: Duration) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(patience)
        .read_timeout(patience)
        .build();
    let connector = Connector::builder()
        .tls_provider(provider())
        .sleep_impl(TokioSleep::new())
        .connector_settings(settings)
        .build();
    SharedHttpConnector::new(connector)
}

/// Puts a body to a URL that was signed for it: without a content type, which would be part of what is signed.
///
/// The URL is a secret, so no failure repeats it.
pub async fn put(
    connector: &SharedHttpConnector,
    url: &str,
    body: String,
) -> Result<(), Unavailable> {
    let built = http_request(url, body);
    let request = built.ok_or_else(|| Unavailable::new(PUTTING, "the address is none"))?;
    match connector.call(request).await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => {
            let status = response.status().as_u16();
            Err(Unavailable::new(
                PUTTING,
                format!("it was answered {status}"),
            ))
        }
        Err(error) if error.is_timeout() => Err(Unavailable::new(PUTTING, "nobody answered")),
        Err(_) => Err(Unavailable::new(PUTTING, "the request failed")),
    }
}

fn http_request(url: &str, body: String) -> Option<HttpRequest> {
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("PUT").ok()?;
    request.set_uri(url).ok()?;
    request.headers_mut().insert("content-length", length);
    Some(request)
}

fn provider() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)
}
