//! What the functions' mains share: the gateway on AWS, the log, the loop.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard::auth::{KeyRing, Verifier};
use switchboard::census::Census;
use switchboard::ports::store::Devices;
use switchboard::trail::Logged;
use switchboard::{Clock, Gateway, Tally};

use crate::aws::applications::PlatformApplications;
use crate::aws::clock::SystemClock;
use crate::aws::http;
use crate::aws::keys::HttpKeySource;
use crate::aws::push::SnsPush;
use crate::aws::relay::ManagementRelay;
use crate::aws::roll::DynamoRoll;
use crate::aws::store::{DynamoStore, settings};
use crate::config::{self, Aws, Config, Environment, Misconfigured, trust};
use crate::emf::{self, Source};

/// How long CloudFormation's answer box may take.
const ANSWER: Duration = Duration::from_secs(6);

/// What a main may end with.
pub type Error = lambda_runtime::Error;

/// The gateway on AWS, as the environment configures it.
pub fn gateway() -> Result<Arc<Gateway>, Misconfigured> {
    let (services, config) = (Services::read()?, Config::read(&Environment)?);
    Ok(Arc::new(Gateway {
        store: Arc::new(DynamoStore::new(services.dynamodb(), config.tables)),
        relay: Arc::new(ManagementRelay::new(services.management())),
        push: Arc::new(SnsPush::new(services.sns(), config.applications)),
        clock: Arc::new(SystemClock),
        trail: Arc::new(Logged),
        endpoint: config.management_endpoint.into(),
        push_text: config.push_text,
    }))
}

/// The census of the environment's connections.
pub fn census() -> Result<Census, Misconfigured> {
    let services = Services::read()?;
    let table = config::connections_table(&Environment)?;
    Ok(Census {
        roll: Arc::new(DynamoRoll::new(services.dynamodb(), table)),
        relay: Arc::new(ManagementRelay::new(services.management())),
        clock: Arc::new(SystemClock),
    })
}

/// The environment's devices.
pub fn devices() -> Result<impl Devices, Misconfigured> {
    let services = Services::read()?;
    let table = config::chat_table(&Environment)?;
    Ok(DynamoStore::of_chat(services.dynamodb(), table))
}

/// The account's platform applications, and the way to a stack that waits for an answer.
pub fn applications() -> Result<(PlatformApplications, SharedHttpConnector), Misconfigured> {
    let services = Services::read()?;
    let applications = PlatformApplications::new(services.sns(), services.secrets());
    Ok((applications, http::connector(ANSWER)))
}

/// The verifier of the environment's issuers. Their keys are fetched now, so that init pays for it and no handshake.
pub async fn verifier() -> Result<Arc<Verifier>, Misconfigured> {
    let trust = trust(&Environment)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let source = HttpKeySource::new(trust.issuers.clone(), config::endpoint_url(&Environment));
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

/// Answers events until the platform ends the function. Lines of metrics follow each that counted something, whatever
/// its result.
pub async fn serve<E, R>(
    name: &'static str,
    handle: impl AsyncFn(E, &mut Tally) -> Result<R, Error>,
) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
{
    let (environment, handle) = (&config::environment(&Environment)?, &handle);
    let source = Source {
        environment,
        function: name,
    };
    let answer = |event: LambdaEvent<E>| async move {
        let mut tally = Tally::default();
        let result = handle(event.payload, &mut tally).await;
        for line in emf::lines(&tally, source, SystemClock.now_ms()) {
            say(&line);
        }
        result
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// JSON lines on standard output, which the platform forwards to CloudWatch.
///
/// Of a panic it is said where it was, and not what it said: that may be a piece of a message.
pub fn log() {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_current_span(false)
        .with_ansi(false)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "a panic, which is a mistake in this program");
    }));
}

/// The embedded metric format is read from standard output, a line at a time.
#[expect(
    clippy::print_stdout,
    reason = "standard output is how a function reports metrics"
)]
fn say(line: &str) {
    println!("{line}");
}

/// The settings of the services' clients. All share one HTTP client and its pool.
struct Services {
    endpoint_url: Option<String>,
    http: SharedHttpClient,
    region: Region,
    credentials: Credentials,
}

impl Services {
    fn read() -> Result<Self, Misconfigured> {
        let aws = Aws::read(&Environment)?;
        let credentials = Credentials::new(
            aws.access_key_id,
            aws.secret_access_key,
            aws.session_token,
            None,
            "environment",
        );
        Ok(Self {
            endpoint_url: aws.endpoint_url,
            http: http::shared(),
            region: Region::new(aws.region),
            credentials,
        })
    }

    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut builder = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone());
        builder.set_endpoint_url(self.endpoint_url.clone());
        aws_sdk_dynamodb::Client::from_conf(settings(builder).build())
    }

    fn sns(&self) -> aws_sdk_sns::config::Builder {
        let mut builder = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone());
        builder.set_endpoint_url(self.endpoint_url.clone());
        builder
    }

    fn secrets(&self) -> aws_sdk_secretsmanager::config::Builder {
        let mut builder = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone());
        builder.set_endpoint_url(self.endpoint_url.clone());
        builder
    }

    /// Without an endpoint: each connection's row says where its own answers.
    fn management(&self) -> aws_sdk_apigatewaymanagement::config::Builder {
        aws_sdk_apigatewaymanagement::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone())
    }
}
