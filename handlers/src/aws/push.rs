//! Phones, on SNS mobile push.
//!
//! Registration is the algorithm that AWS recommends: create the endpoint where none is known, look at a known one, and
//! repair it where it was disabled or holds another token. `CustomUserData` is never set: an endpoint that has it can
//! no longer be created idempotently.

use std::time::Duration;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;
use switchboard::Unavailable;
use switchboard::ports::push::{Device, Notification, Push, Pushed, Registration};
use switchboard::protocol::action::Platform;

pub mod payload;

/// How long one call to SNS may take with its retries. No send ever waits for it.
const OPERATION_MS: u64 = 5_000;

/// The platform applications, one for each push service that the operator has set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applications {
    /// Apple, released apps.
    pub apns: Option<String>,
    /// Apple, apps under development.
    pub apns_sandbox: Option<String>,
    /// Google.
    pub fcm: Option<String>,
}

impl Applications {
    fn arn(&self, platform: Platform) -> Option<&str> {
        match platform {
            Platform::Apns => self.apns.as_deref(),
            Platform::ApnsSandbox => self.apns_sandbox.as_deref(),
            Platform::Fcm => self.fcm.as_deref(),
        }
    }
}

/// Pushes through SNS.
#[derive(Clone, Debug)]
pub struct SnsPush {
    client: Client,
    applications: Applications,
}

/// What looking at a known endpoint found.
enum Known {
    Usable,
    Repaired,
    Missing,
}

impl SnsPush {
    /// Pushes with these settings to these applications.
    pub fn new(builder: aws_sdk_sns::config::Builder, applications: Applications) -> Self {
        let limit = Duration::from_millis(OPERATION_MS);
        let timeouts = TimeoutConfig::builder().operation_timeout(limit).build();
        let builder = builder
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard());
        Self {
            client: Client::from_conf(builder.build()),
            applications,
        }
    }

    /// Creates the endpoint of a token; an existing one is returned as it is.
    async fn create(&self, application: &str, token: &str) -> Result<Registration, Unavailable> {
        let create = self.client.create_platform_endpoint();
        let result = create
            .platform_application_arn(application)
            .token(token)
            .send()
            .await;
        match result {
            Ok(output) => Ok(match output.endpoint_arn {
                Some(arn) => Registration::Endpoint(arn),
                None => Registration::Refused,
            }),
            Err(error) if code(&error) == Some("InvalidParameter") => {
                // Somebody has set attributes on this token's endpoint: its name stands in the message and nowhere else.
                let existing = error
                    .as_service_error()
                    .and_then(|it| it.message())
                    .and_then(named);
                Ok(existing.map_or(Registration::Refused, Registration::Endpoint))
            }
            Err(error) => Err(Unavailable::new("create a push endpoint", error)),
        }
    }

    /// Looks at an endpoint and makes it usable for a token.
    async fn repair(&self, endpoint: &str, token: &str) -> Result<Known, Unavailable> {
        const DOING: &str = "repair a push endpoint";
        let get = self.client.get_endpoint_attributes().endpoint_arn(endpoint);
        let output = match get.send().await {
            Ok(output) => output,
            Err(error) if code(&error) == Some("NotFound") => return Ok(Known::Missing),
            Err(error) => return Err(Unavailable::new(DOING, error)),
        };
        let attributes = output.attributes.unwrap_or_default();
        let is = |name: &str, value: &str| attributes.get(name).is_some_and(|it| it == value);
        if is("Token", token) && is("Enabled", "true") {
            return Ok(Known::Usable);
        }
        let set = self.client.set_endpoint_attributes().endpoint_arn(endpoint);
        let result = set
            .attributes("Token", token)
            .attributes("Enabled", "true")
            .send()
            .await;
        match result {
            Ok(_) => Ok(Known::Repaired),
            // Gone meanwhile, or the token is another endpoint's: that one is to be found by creating it.
            Err(error) if matches!(code(&error), Some("NotFound" | "InvalidParameter")) => {
                Ok(Known::Missing)
            }
            Err(error) => Err(Unavailable::new(DOING, error)),
        }
    }
}

#[async_trait::async_trait]
impl Push for SnsPush {
    async fn register(
        &self,
        platform: Platform,
        token: &str,
        known: Option<&str>,
    ) -> Result<Registration, Unavailable> {
        let Some(application) = self.applications.arn(platform) else {
            return Ok(Registration::Refused);
        };
        if let Some(endpoint) = known {
            match self.repair(endpoint, token).await? {
                Known::Usable | Known::Repaired => {
                    return Ok(Registration::Endpoint(endpoint.to_owned()));
                }
                Known::Missing => {}
            }
        }
        let created = self.create(application, token).await?;
        // A disabled endpoint is returned as if it were fine.
        if let Registration::Endpoint(endpoint) = &created
            && let Known::Missing = self.repair(endpoint, token).await?
        {
            return Ok(Registration::Refused);
        }
        Ok(created)
    }

    async fn unregister(&self, endpoint: &str) -> Result<(), Unavailable> {
        let delete = self.client.delete_endpoint().endpoint_arn(endpoint);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if code(&error) == Some("NotFound") => Ok(()),
            Err(error) => Err(Unavailable::new("delete a push endpoint", error)),
        }
    }

    async fn publish(&self, device: &Device, notification: &Notification) -> Pushed {
        let publish = self.client.publish().target_arn(&device.endpoint);
        let mut publish = publish.message_structure("json");
        for (name, value) in payload::attributes(device.platform, notification) {
            let attribute = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value);
            let Ok(attribute) = attribute.build() else {
                return Pushed::Failed;
            };
            publish = publish.message_attributes(name, attribute);
        }
        let message = payload::message(notification).to_string();
        let result = publish.message(message).send().await;
        match result {
            Ok(_) => Pushed::Sent,
            Err(error) if matches!(code(&error), Some("EndpointDisabled" | "NotFound")) => {
                Pushed::Dead
            }
            Err(error) => {
                // The code alone: SNS repeats parts of the request in its messages.
                tracing::warn!(code = code(&error), "a push failed and will be tried again");
                Pushed::Failed
            }
        }
    }
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// The endpoint that SNS names when a token's endpoint exists with other attributes.
fn named(message: &str) -> Option<String> {
    let from = message.find("arn:")?;
    let arn = message.get(from..)?.split_whitespace().next()?;
    message.contains("already exists").then(|| arn.to_owned())
}
