//! SNS platform applications: made, changed and removed, with credentials from Secrets Manager.
//!
//! A failure is told by the service's code alone: what SNS says repeats parts of the request, and the request holds the
//! credential.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use serde_json::{Map, Value};

use crate::event::{Platform, Wanted};

/// How long one call may take with its retries.
const OPERATION: Duration = Duration::from_secs(5);

/// The platform applications of an account.
#[derive(Clone, Debug)]
pub struct PlatformApplications {
    sns: aws_sdk_sns::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

/// Why something was not done: no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// A service refused or did not answer.
    #[error("failed to {doing}: {code}")]
    Service {
        /// What was being done.
        doing: &'static str,
        /// The service's name for it.
        code: String,
    },
    /// The secret is not what the platform needs.
    #[error("failed to read `{0}` of the secret")]
    Secret(&'static str),
}

impl PlatformApplications {
    /// Those that clients with these settings reach.
    pub fn new(
        sns: aws_sdk_sns::config::Builder,
        secrets: aws_sdk_secretsmanager::config::Builder,
    ) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(OPERATION)
            .build();
        let (sns, secrets) = (
            sns.timeout_config(timeouts.clone()).build(),
            secrets.timeout_config(timeouts).build(),
        );
        Self {
            sns: aws_sdk_sns::Client::from_conf(sns),
            secrets: aws_sdk_secretsmanager::Client::from_conf(secrets),
        }
    }

    /// Makes one and returns its ARN. One of the same name and platform that is there already is brought up to date.
    pub async fn create(&self, wanted: &Wanted) -> Result<String, Undone> {
        let attributes = self.attributes(wanted).await?;
        let create = self.sns.create_platform_application();
        let create = create.name(&wanted.name).platform(wanted.platform.as_str());
        let credential = |name: &str| CREDENTIALS.contains(&name);
        let mut create = create;
        for (name, value) in attributes.iter().filter(|(name, _)| credential(name)) {
            create = create.attributes(*name, value);
        }
        let created = create.send().await;
        let doing = "create the platform application";
        let output = created.map_err(|error| undone(doing, &error))?;
        let arn = output.platform_application_arn.unwrap_or_default();
        // Whoever was cut short after the creation comes again, perhaps with another set of attributes.
        match self.set(&arn, attributes).await? {
            Found::Yes => Ok(arn),
            Found::No => Err(Undone::Service {
                doing,
                code: "NotFound".to_owned(),
            }),
        }
    }

    /// Brings one up to date in place.
    pub async fn update(&self, arn: &str, wanted: &Wanted) -> Result<Found, Undone> {
        let attributes = self.attributes(wanted).await?;
        self.set(arn, attributes).await
    }

    /// Removes one; one that is not there is as good as removed.
    pub async fn delete(&self, arn: &str) -> Result<(), Undone> {
        let delete = self.sns.delete_platform_application();
        match delete.platform_application_arn(arn).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(undone("delete the platform application", &error)),
        }
    }

    async fn set(
        &self,
        arn: &str,
        attributes: BTreeMap<&'static str, String>,
    ) -> Result<Found, Undone> {
        let set = self.sns.set_platform_application_attributes();
        let mut set = set.platform_application_arn(arn);
        for (name, value) in attributes {
            set = set.attributes(name, value);
        }
        match set.send().await {
            Ok(_) => Ok(Found::Yes),
            Err(error) if is_missing(&error) => Ok(Found::No),
            Err(error) => Err(undone("set the platform application's attributes", &error)),
        }
    }

    /// All attributes, credentials included.
    async fn attributes(&self, wanted: &Wanted) -> Result<BTreeMap<&'static str, String>, Undone> {
        let mut attributes = self.credentials(wanted).await?;
        let topic = wanted.event_topic_arn.as_deref();
        if let Some(topic) = topic.or_else(|| cleared(wanted, "EventTopicArn")) {
            for name in ["EventDeliveryFailure", "EventEndpointDeleted"] {
                attributes.insert(name, topic.to_owned());
            }
        }
        let role = wanted.delivery_status_role_arn.as_deref();
        if let Some(role) = role.or_else(|| cleared(wanted, "DeliveryStatusRoleArn")) {
            for name in ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn"] {
                attributes.insert(name, role.to_owned());
            }
        }
        if let Some(rate) = wanted.success_sample_rate {
            attributes.insert("SuccessFeedbackSampleRate", rate.to_string());
        }
        Ok(attributes)
    }

    async fn credentials(&self, wanted: &Wanted) -> Result<BTreeMap<&'static str, String>, Undone> {
        let get = self.secrets.get_secret_value();
        let output = get.secret_id(&wanted.secret_arn).send().await;
        let output = output.map_err(|error| undone("read the secret", &error))?;
        let text = output.secret_string.unwrap_or_default();
        let secret: Map<String, Value> =
            serde_json::from_str(&text).map_err(|_| Undone::Secret("SecretString"))?;
        let field = |name: &'static str| {
            let text = secret.get(name).and_then(Value::as_str).unwrap_or_default();
            if text.is_empty() {
                Err(Undone::Secret(name))
            } else {
                Ok(text.to_owned())
            }
        };
        match wanted.platform {
            Platform::Apns | Platform::ApnsSandbox => Ok(BTreeMap::from([
                (CREDENTIAL, field("signing_key")?),
                (PRINCIPAL, field("key_id")?),
                (TEAM, field("team_id")?),
                (BUNDLE, field("bundle_id")?),
            ])),
            Platform::Gcm => {
                let json = field("service_json")?;
                // Google's file is JSON itself: found out here, and not by a push that fails.
                serde_json::from_str::<Map<String, Value>>(&json)
                    .map_err(|_| Undone::Secret("service_json"))?;
                Ok(BTreeMap::from([(CREDENTIAL, json)]))
            }
        }
    }
}

/// Whether there was something to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There was, and it is as it was wanted.
    Yes,
    /// There is no such platform application.
    No,
}

const CREDENTIAL: &str = "PlatformCredential";
const PRINCIPAL: &str = "PlatformPrincipal";
const TEAM: &str = "ApplePlatformTeamID";
const BUNDLE: &str = "ApplePlatformBundleID";
/// What has to be there from the beginning.
const CREDENTIALS: [&str; 4] = [CREDENTIAL, PRINCIPAL, TEAM, BUNDLE];

/// An empty text clears an attribute.
fn cleared(wanted: &Wanted, property: &str) -> Option<&'static str> {
    wanted.cleared.contains(&property).then_some("")
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

fn is_missing<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(code(error), Some("NotFound" | "NotFoundException"))
}

fn undone<E: ProvideErrorMetadata, R>(doing: &'static str, error: &SdkError<E, R>) -> Undone {
    let code = code(error).unwrap_or("the service did not answer");
    Undone::Service {
        doing,
        code: code.to_owned(),
    }
}
