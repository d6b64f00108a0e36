//! A custom resource of CloudFormation: what a template wants of a platform application, and the answer that the stack
//! waits for.
//!
//! An event is read in two steps. What it takes to answer comes first, so that wrong properties fail the stack at once
//! and do not leave it waiting for an hour.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest reason that is given: the whole answer may have 4,096 bytes.
const REASON_CHARS_MAX: usize = 400;
/// The longest name that SNS takes.
const NAME_MAX: usize = 256;
/// The physical id of what could not be made: the stack asks for its removal all the same.
const NOTHING: &str = "not-created";

/// What is to be done with one resource of a stack.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceEvent {
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    #[serde(default)]
    physical_resource_id: Option<String>,
    #[serde(default)]
    resource_properties: Map<String, Value>,
    #[serde(default)]
    old_resource_properties: Map<String, Value>,
}

/// Without the URL: whoever has it can answer in our place.
impl fmt::Debug for ResourceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceEvent")
            .field("request_type", &self.request_type)
            .field("logical_resource_id", &self.logical_resource_id)
            .finish_non_exhaustive()
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make it.
    Create(Wanted),
    /// Make it so. The first is its physical id.
    Update(String, Wanted),
    /// Remove it.
    Delete(String),
}

/// A platform application as a template wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its push service.
    pub platform: Platform,
    /// Where its credential is kept.
    pub secret_arn: String,
    /// The topic that is told of its endpoints' events.
    pub event_topic_arn: Option<String>,
    /// The role that deliveries are logged with.
    pub delivery_status_role_arn: Option<String>,
    /// The percentage of successful deliveries that are logged.
    pub success_sample_rate: Option<u8>,
    /// Attributes that were set before and are wanted no more.
    pub cleared: Vec<&'static str>,
}

/// A push service, as SNS calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Apple, released apps.
    Apns,
    /// Apple, apps under development.
    ApnsSandbox,
    /// Google.
    Gcm,
}

/// A property is missing, or is not what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read `{0}` of the resource")]
pub struct Invalid(pub &'static str);

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; this is the resource's physical id now.
    Done(String),
    /// Not done, with a reason that says no secret.
    Failed(String),
}

/// What the stack is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: String,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

impl Platform {
    /// The name that SNS has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apns => "APNS",
            Self::ApnsSandbox => "APNS_SANDBOX",
            Self::Gcm => "GCM",
        }
    }
}

impl ResourceEvent {
    /// Where the answer is put. A secret.
    pub fn response_url(&self) -> &str {
        &self.response_url
    }

    /// What is to be done.
    pub fn change(&self) -> Result<Change, Invalid> {
        let id = self.physical_resource_id.clone();
        let id = id.filter(|id| !id.is_empty());
        match self.request_type.as_str() {
            "Create" => Ok(Change::Create(self.wanted()?)),
            "Update" => {
                let id = id.ok_or(Invalid("PhysicalResourceId"))?;
                Ok(Change::Update(id, self.wanted()?))
            }
            "Delete" => Ok(Change::Delete(id.ok_or(Invalid("PhysicalResourceId"))?)),
            _ => Err(Invalid("RequestType")),
        }
    }

    /// The answer for an outcome. What failed keeps the id that it had.
    pub fn answer(&self, outcome: &Outcome) -> Answer<'_> {
        let before = self.physical_resource_id.clone();
        let before = before.filter(|id| !id.is_empty());
        let (status, reason, id) = match outcome {
            Outcome::Done(id) => ("SUCCESS", None, id.clone()),
            Outcome::Failed(reason) => {
                let reason = reason.chars().take(REASON_CHARS_MAX).collect();
                let id = before.unwrap_or_else(|| NOTHING.to_owned());
                ("FAILED", Some(reason), id)
            }
        };
        Answer {
            status,
            reason,
            physical_resource_id: id,
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
        }
    }

    fn wanted(&self) -> Result<Wanted, Invalid> {
        let optional = |name| property(&self.resource_properties, name);
        let required = |name| optional(name)?.ok_or(Invalid(name));
        let name = required("Name")?;
        let platform = match required("Platform")?.as_str() {
            "APNS" => Platform::Apns,
            "APNS_SANDBOX" => Platform::ApnsSandbox,
            "GCM" => Platform::Gcm,
            _ => return Err(Invalid("Platform")),
        };
        let rate = optional("SuccessSampleRate")?.map(|text| text.parse().ok());
        let rate = match rate {
            None => None,
            Some(Some(rate)) if rate <= 100 => Some(rate),
            Some(_) => return Err(Invalid("SuccessSampleRate")),
        };
        if !is_name(&name) {
            return Err(Invalid("Name"));
        }
        Ok(Wanted {
            name,
            platform,
            secret_arn: required("SecretArn")?,
            event_topic_arn: optional("EventTopicArn")?,
            delivery_status_role_arn: optional("DeliveryStatusRoleArn")?,
            success_sample_rate: rate,
            cleared: self.cleared()?,
        })
    }

    /// The optional properties that the template had before and has no more.
    fn cleared(&self) -> Result<Vec<&'static str>, Invalid> {
        let mut cleared = Vec::new();
        for name in ["EventTopicArn", "DeliveryStatusRoleArn"] {
            let had = property(&self.old_resource_properties, name)?.is_some();
            if had && property(&self.resource_properties, name)?.is_none() {
                cleared.push(name);
            }
        }
        Ok(cleared)
    }
}

/// A property's text. CloudFormation makes text of every scalar; emulators keep numbers. An empty one is none.
fn property(
    properties: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, Invalid> {
    let text = match properties.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return Err(Invalid(name)),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= NAME_MAX && name.bytes().all(is_allowed)
}
