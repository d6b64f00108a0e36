//! The parameters under which the templates are looked at: everything off, everything on, and the committed examples.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stacks::entries;
use crate::templates::Templates;

/// One set of parameters, in one Region.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// What it is called.
    pub(crate) name: String,
    /// The deploying Region.
    pub(crate) region: String,
    /// What is given; the rest is an earlier stack's output, or the default.
    pub(crate) given: BTreeMap<String, String>,
}

/// The home Region, and the other.
const HOME: &str = "eu-central-1";
const AWAY: &str = "eu-west-1";

/// What a release gives: it is made of files, and no file of parameters can know it.
const RELEASE: &[(&str, &str)] = &[
    ("ReleaseId", "r1"),
    ("AuthorizeKey", "functions/authorize-0.zip"),
    ("ConnectKey", "functions/connect-0.zip"),
    ("DisconnectKey", "functions/disconnect-0.zip"),
    ("MessageKey", "functions/message-0.zip"),
    ("DeliverKey", "functions/deliver-0.zip"),
    ("CensusKey", "functions/census-0.zip"),
    ("FeedbackKey", "functions/feedback-0.zip"),
    ("ApplicationsKey", "functions/applications-0.zip"),
];

/// Nothing but a name: every option is off. An emulator gets this.
const OFF: &[(&str, &str)] = &[("EnvName", "off"), ("Protected", "false")];

/// In one piece, above the foundation.
const NESTED: &[(&str, &str)] = &[
    ("EnvName", "nested"),
    ("Protected", "false"),
    ("TemplateBase", "https://example.com/templates"),
];

/// Every option on.
const ON: &[(&str, &str)] = &[
    ("EnvName", "on"),
    ("AdvancedAlarms", "true"),
    ("AlarmEmail", "nobody@example.com"),
    ("AllowPasswordAuth", "true"),
    ("AllowSignUp", "true"),
    (
        "ApnsSandboxSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:apns-sandbox-a",
    ),
    (
        "ApnsSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:apns-a",
    ),
    ("AppleKeyId", "K1"),
    (
        "AppleSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:apple-a",
    ),
    ("AppleServicesId", "com.example.chat"),
    ("AppleTeamId", "T1"),
    ("AttachToVpc", "true"),
    ("AuthDomainPrefix", "example-chat"),
    ("DomainName", "chat.example.com"),
    ("EnableCanary", "true"),
    ("EnableDeliveryStatus", "true"),
    ("EndpointUrl", "https://vpce.example.com"),
    (
        "FcmSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:fcm-a",
    ),
    ("GoogleClientId", "g1"),
    (
        "GoogleSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:google-a",
    ),
    ("HostedZoneId", "Z1"),
    (
        "ManagementEndpoint",
        "https://manage.example.com/{api}/live",
    ),
    ("MediaBucketName", "example-media"),
    ("NatMode", "per-az"),
    ("OidcClientId", "o1"),
    ("OidcIssuer", "https://id.example.com"),
    (
        "OidcSecretArn",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:oidc-a",
    ),
    ("PushText", "preview"),
    ("ReplicaKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/k2"),
    ("ReplicaRegion", "eu-west-1"),
    ("SamlMetadataUrl", "https://id.example.com/saml"),
    ("StandbyRegion", "eu-west-1"),
];

/// The Region to which everything fails over: its own tables of connections, and the home Region's log and users.
const STANDBY: &[(&str, &str)] = &[
    ("EnvName", "on"),
    ("RegionRole", "SECONDARY"),
    (
        "Issuers",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a",
    ),
    ("Audiences", "a-client"),
    ("ChatTableName", "switchboard-on-chat"),
    (
        "ChatTableArn",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/switchboard-on-chat",
    ),
    (
        "ChatStreamArn",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/switchboard-on-chat/stream/2026",
    ),
    ("AdvancedAlarms", "true"),
    ("DomainName", "chat.example.com"),
    ("HostedZoneId", "Z1"),
    ("StandbyRegion", "eu-west-1"),
];

/// All settings that are looked at.
pub(crate) fn all(templates: &Templates) -> Vec<Setting> {
    let mut settings = vec![of("off", HOME, OFF), of("on", HOME, ON)];
    settings.push(of("standby", AWAY, STANDBY));
    settings.push(of("nested", HOME, NESTED));
    for (environment, file) in &templates.parameters {
        let everywhere = entries(&file["parameters"]);
        // A stack's own parameters come last: where one stack has another value than the rest, it is one setting all the same.
        let own = entries(&file["stacks"]).flat_map(|(_, it)| entries(it));
        let given = everywhere.chain(own);
        let given = given.map(|(key, value)| (key.clone(), crate::scope::plain(value)));
        let name = (
            "EnvName".to_owned(),
            environment
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(12)
                .collect(),
        );
        settings.push(Setting {
            name: environment.clone(),
            region: HOME.to_owned(),
            given: release().chain([name]).chain(given).collect(),
        });
    }
    settings
}

fn of(name: &str, region: &str, given: &[(&str, &str)]) -> Setting {
    let given = given
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Setting {
        name: name.to_owned(),
        region: region.to_owned(),
        given: release().chain(given).collect(),
    }
}

fn release() -> impl Iterator<Item = (String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    RELEASE.iter().map(owned)
}

impl Setting {
    /// The same with another value.
    pub(crate) fn with(&self, parameter: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.given.insert(parameter.to_owned(), value.to_owned());
        changed
    }

    /// What it gives for a parameter; empty where it gives nothing.
    pub(crate) fn given(&self, parameter: &str) -> &str {
        self.given.get(parameter).map_or("", String::as_str)
    }

    /// The release.
    pub(crate) fn release(&self) -> &str {
        self.given("ReleaseId")
    }

    /// Whether it deploys a stack: a domain is optional, and users are those of the home Region.
    pub(crate) fn has(&self, stack: &str) -> bool {
        match stack {
            "dns" => !self.given("DomainName").is_empty(),
            "identity" => self.is_home(),
            _ => true,
        }
    }

    /// Whether one stack nests the others.
    pub(crate) fn is_nested(&self) -> bool {
        self.name == "nested"
    }

    /// Whether every option is on.
    pub(crate) fn is_whole(&self) -> bool {
        self.name == "on"
    }

    /// Whether the Region is the log's home.
    pub(crate) fn is_home(&self) -> bool {
        self.given("RegionRole") != "SECONDARY"
    }

    /// Whether tables refuse to be deleted: unless it is said otherwise.
    pub(crate) fn is_protected(&self) -> bool {
        self.given("Protected") != "false"
    }
}

/// Parameters that some setting gives and no template takes: a typing error in a file of parameters.
pub(crate) fn unknown(templates: &Templates, setting: &Setting) -> Vec<String> {
    let takes = |name: &str| {
        let stacks = templates.stacks.values();
        let mut found = stacks.filter(|it: &&Value| it["Parameters"].get(name).is_some());
        found.next().is_some()
    };
    let given = setting.given.keys();
    given.filter(|name| !takes(name)).cloned().collect()
}
