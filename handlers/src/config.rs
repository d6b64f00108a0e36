//! What an operator sets: a function's environment variables, read once.
//!
//! | variable | meaning | functions |
//! |---|---|---|
//! | `SWITCHBOARD_ENVIRONMENT` | the environment's name, a dimension of every metric | all |
//! | `SWITCHBOARD_CHAT_TABLE` | name of the table `chat` | connect, disconnect, message, deliver, feedback |
//! | `SWITCHBOARD_CONNECTIONS_TABLE` | name of the table `connections` | connect, disconnect, message, deliver, census |
//! | `SWITCHBOARD_MANAGEMENT_ENDPOINT` | URL of the management API of the connections accepted here | connect, disconnect, message, deliver |
//! | `SWITCHBOARD_ISSUERS` | trusted issuers, separated by commas | authorize |
//! | `SWITCHBOARD_AUDIENCES` | app clients whose tokens are accepted, separated by commas | authorize |
//! | `SWITCHBOARD_PUSH_APNS`, `…_APNS_SANDBOX`, `…_FCM` | ARNs of the platform applications that are set up | connect, disconnect, message, deliver |
//! | `SWITCHBOARD_PUSH_TEXT` | `generic` (default) or `preview` | connect, disconnect, message, deliver |
//! | `AWS_ENDPOINT_URL` | another endpoint for DynamoDB, SNS, Secrets Manager and the keys of user pools: an emulator | all |
//!
//! The platform sets `AWS_REGION` and the credentials.

use switchboard::PushText;
use switchboard::auth::Trust;

use crate::aws::push::Applications;
use crate::aws::store::Tables;

/// The environment does not say something that it has to, or says it wrongly.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the environment variable {0}")]
pub struct Misconfigured(pub &'static str);

/// Where variables come from: the environment, or a test's table.
pub trait Variables {
    /// The value of a variable; `None` where it is not set or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The process's environment.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Variables for Environment {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where configuration is read"
    )]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// What functions that serve users need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The tables.
    pub tables: Tables,
    /// The management API.
    pub management_endpoint: String,
    /// The platform applications.
    pub applications: Applications,
    /// What a push says.
    pub push_text: PushText,
}

/// How to reach AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// The Region.
    pub region: String,
    /// Another endpoint than the Region's own.
    pub endpoint_url: Option<String>,
    /// The credentials that the platform gave the function.
    pub access_key_id: String,
    /// Their secret part.
    pub secret_access_key: String,
    /// Their session.
    pub session_token: Option<String>,
}

impl Config {
    /// Reads it.
    pub fn read(variables: &impl Variables) -> Result<Self, Misconfigured> {
        let push_text = match variables.get("SWITCHBOARD_PUSH_TEXT").as_deref() {
            None | Some("generic") => PushText::Generic,
            Some("preview") => PushText::Preview,
            Some(_) => return Err(Misconfigured("SWITCHBOARD_PUSH_TEXT")),
        };
        Ok(Self {
            tables: Tables {
                chat: chat_table(variables)?,
                connections: connections_table(variables)?,
            },
            management_endpoint: required(variables, "SWITCHBOARD_MANAGEMENT_ENDPOINT")?,
            applications: Applications {
                apns: variables.get("SWITCHBOARD_PUSH_APNS"),
                apns_sandbox: variables.get("SWITCHBOARD_PUSH_APNS_SANDBOX"),
                fcm: variables.get("SWITCHBOARD_PUSH_FCM"),
            },
            push_text,
        })
    }
}

impl Aws {
    /// Reads it.
    pub fn read(variables: &impl Variables) -> Result<Self, Misconfigured> {
        Ok(Self {
            region: required(variables, "AWS_REGION")?,
            endpoint_url: endpoint_url(variables),
            access_key_id: required(variables, "AWS_ACCESS_KEY_ID")?,
            secret_access_key: required(variables, "AWS_SECRET_ACCESS_KEY")?,
            session_token: variables.get("AWS_SESSION_TOKEN"),
        })
    }
}

/// Reads the environment's name.
pub fn environment(variables: &impl Variables) -> Result<String, Misconfigured> {
    required(variables, "SWITCHBOARD_ENVIRONMENT")
}

/// Reads the name of the table `chat`, for who needs no other.
pub fn chat_table(variables: &impl Variables) -> Result<String, Misconfigured> {
    required(variables, "SWITCHBOARD_CHAT_TABLE")
}

/// Reads the name of the table `connections`, for who needs no other.
pub fn connections_table(variables: &impl Variables) -> Result<String, Misconfigured> {
    required(variables, "SWITCHBOARD_CONNECTIONS_TABLE")
}

/// Reads whether there is another endpoint than the Region's own.
pub fn endpoint_url(variables: &impl Variables) -> Option<String> {
    variables.get("AWS_ENDPOINT_URL")
}

/// Reads what tokens are accepted.
pub fn trust(variables: &impl Variables) -> Result<Trust, Misconfigured> {
    Ok(Trust {
        issuers: list(variables, "SWITCHBOARD_ISSUERS")?,
        audiences: list(variables, "SWITCHBOARD_AUDIENCES")?,
    })
}

fn required(variables: &impl Variables, name: &'static str) -> Result<String, Misconfigured> {
    variables.get(name).ok_or(Misconfigured(name))
}

fn list(variables: &impl Variables, name: &'static str) -> Result<Vec<String>, Misconfigured> {
    let text = required(variables, name)?;
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) {
        Err(Misconfigured(name))
    } else {
        Ok(items)
    }
}
