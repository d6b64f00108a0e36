//! The authorizer's question and its answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use switchboard::auth::Identity;
use switchboard::protocol::DeviceId;
use switchboard::protocol::ids::Malformed;

use crate::event::websocket::subprotocols;

/// A handshake that asks to be let in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerEvent {
    method_arn: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_as_empty")]
    query_string_parameters: BTreeMap<String, String>,
}

fn null_as_empty<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl AuthorizerEvent {
    /// What the policy has to name.
    pub fn method_arn(&self) -> &str {
        &self.method_arn
    }

    /// The token, from the `Authorization` header or from the offered subprotocols, and from nowhere else: a URL ends up in logs.
    pub fn token(&self) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let scheme_and_token = header.and_then(|(_, value)| value.trim().split_once(' '));
        let from_header = scheme_and_token
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        from_header
            .or_else(|| subprotocols(&self.headers).find_map(|it| it.strip_prefix("bearer.")))
    }

    /// The device that the client named; `Err` where the name is not one.
    pub fn device(&self) -> Result<Option<DeviceId>, Malformed> {
        let named = self.query_string_parameters.get("device");
        named.map(|name| name.parse()).transpose()
    }
}

/// The authorizer's answer: an IAM policy, and what later events of the connection carry along.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    principal_id: String,
    #[serde(rename = "policyDocument")]
    document: PolicyDocument,
    context: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

impl Policy {
    /// Lets an identity in.
    pub fn allow(identity: &Identity, device: Option<&DeviceId>, method_arn: &str) -> Self {
        let mut context = BTreeMap::from([
            ("role", identity.role.to_string()),
            ("expires_at", identity.expires_at.to_string()),
        ]);
        if let Some(device) = device {
            context.insert("device", device.to_string());
        }
        Self::new(identity.user.as_str(), "Allow", method_arn, context)
    }

    /// Refuses with 403.
    pub fn deny(method_arn: &str) -> Self {
        Self::new("nobody", "Deny", method_arn, BTreeMap::new())
    }

    fn new(
        principal_id: &str,
        effect: &'static str,
        method_arn: &str,
        context: BTreeMap<&'static str, String>,
    ) -> Self {
        let resource = method_arn.to_owned();
        let statement = [Statement {
            action: "execute-api:Invoke",
            effect,
            resource,
        }];
        Self {
            principal_id: principal_id.to_owned(),
            document: PolicyDocument {
                version: "2012-10-17",
                statement,
            },
            context,
        }
    }
}
