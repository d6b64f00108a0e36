//! What the functions' mains share: the gateway on AWS, the log, the loop.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard::auth::{KeyRing, Verifier};
use switchboard::{Clock, Gateway, Tally};

use crate::aws::clock::SystemClock;
use crate::aws::keys::HttpKeySource;
use crate::aws::push::SnsPush;
use crate::aws::relay::ManagementRelay;
use crate::aws::store::{DynamoStore, settings};
use crate::config::{Aws, Config, Environment, Misconfigured, endpoint_url, trust};
use crate::emf;

/// What a main may end with.
pub type Error = lambda_runtime::Error;

/// The gateway on AWS, as the environment configures it. All clients share one HTTP client and its pool.
pub fn gateway() -> Result<Arc<Gateway>, Misconfigured> {
    let (aws, config) = (Aws::read(&Environment)?, Config::read(&Environment)?);
    let http = https();
    let region = Region::new(aws.region.clone());
    let credentials = Credentials::new(
        aws.access_key_id,
        aws.secret_access_key,
        aws.session_token,
        None,
        "environment",
    );
    let mut dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region.clone())
        .credentials_provider(credentials.clone());
    dynamodb.set_endpoint_url(aws.endpoint_url.clone());
    let mut sns = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region.clone())
        .credentials_provider(credentials.clone());
    sns.set_endpoint_url(aws.endpoint_url);
    let management = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .region(region)
        .credentials_provider(credentials);
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(settings(dynamodb).build());
    Ok(Arc::new(Gateway {
        store: Arc::new(DynamoStore::new(dynamodb, config.tables)),
        relay: Arc::new(ManagementRelay::new(management)),
        push: Arc::new(SnsPush::new(sns, config.applications)),
        clock: Arc::new(SystemClock),
        endpoint: config.management_endpoint.into(),
        push_text: config.push_text,
    }))
}

/// The verifier of the environment's issuers. Their keys are fetched now, so that init pays for it and no handshake.
pub async fn verifier() -> Result<Arc<Verifier>, Misconfigured> {
    let trust = trust(&Environment)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let source = HttpKeySource::new(trust.issuers.clone(), endpoint_url(&Environment));
    let source = Arc::new(source);
    let keys = KeyRing::new(source, Arc::clone(&clock));
    if let Err(error) = keys.warm().await {
        tracing::error!(
            ?error,
            "the issuers' keys could not be had at init; the first handshake tries again"
        );
    }
    Ok(Arc::new(Verifier::new(trust, keys, clock)))
}

/// Answers events until the platform ends the function. One line of metrics follows each that counted something.
pub async fn serve<E, R, F>(name: &'static str, handle: impl Fn(E) -> F) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<(R, Tally), Error>>,
{
    let handle = &handle;
    let answer = |event: LambdaEvent<E>| async move {
        let (response, tally) = handle(event.payload).await?;
        if let Some(line) = emf::line(&tally, name, SystemClock.now_ms()) {
            say(&line);
        }
        Ok::<R, Error>(response)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// JSON lines on standard output, which the platform forwards to CloudWatch.
pub fn log() {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_current_span(false)
        .with_ansi(false)
        .init();
}

/// The embedded metric format is read from standard output, a line at a time.
#[expect(
    clippy::print_stdout,
    reason = "standard output is how a function reports metrics"
)]
fn say(line: &str) {
    println!("{line}");
}

fn https() -> SharedHttpClient {
    Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https()
}
