//! The real templates with the real packages on the emulator, by the real deployment script; and the people in its user
//! pool.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use switchboard::protocol::Role;
use switchboard_tests::venue::{Guest, Venue};

use crate::aws::{Aws, REGION};
use crate::machine::{Machine, root};
use crate::recorder::Recorder;
use crate::templates::{self, LEFT_OUT, LeftOut};

/// The environment's name.
pub(crate) const ENVIRONMENT: &str = "test";
const STAGE: &str = "live";
const COGNITO: &str = "AWSCognitoIdentityProviderService";
/// Nobody's: users of the emulator are gone with it.
const PASSWORD: &str = "correct-Horse-battery-7";

/// Everything, deployed.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The emulator.
    pub(crate) machine: Machine,
    /// The functions' way to it.
    pub(crate) recorder: Recorder,
    /// Whoever deploys.
    pub(crate) aws: Aws,
    parameters: BTreeMap<&'static str, String>,
    outputs: Value,
    guests: AtomicU64,
}

impl Deployment {
    /// Packages, starts the emulator and deploys.
    pub(crate) async fn make() -> Self {
        package();
        let machine = Machine::start();
        let recorder = Recorder::open(machine.authority()).await;
        let aws = Aws::root(&machine.endpoint());
        let management = format!("{}/_aws/execute-api/{{api}}/{STAGE}", machine.endpoint());
        let parameters = BTreeMap::from([
            ("AllowPasswordAuth", "true".to_owned()),
            ("AllowSignUp", "true".to_owned()),
            ("EndpointUrl", recorder.endpoint()),
            ("FcmSecretArn", secret(&aws).await),
            ("ManagementEndpoint", management),
            ("Protected", "false".to_owned()),
            ("StageName", STAGE.to_owned()),
        ]);
        let folder = machine.directory().join("templates");
        fs::create_dir(&folder).unwrap();
        let left_out = templates::copy_without(LEFT_OUT, &folder);
        let mut deployment = Self {
            machine,
            recorder,
            aws,
            parameters,
            outputs: Value::Null,
            guests: AtomicU64::new(1),
        };
        deployment.release("first").await;
        deployment.add(&left_out).await;
        deployment
    }

    /// Deploys, or deploys again, and returns what the script told meanwhile.
    pub(crate) async fn release(&mut self, id: &str) -> String {
        let mut command = Command::new(root().join("infra/deploy"));
        command
            .args(["--env", ENVIRONMENT, "--region", REGION, "--output", "json"])
            .args(["--endpoint-url", &self.machine.endpoint()])
            .arg("--template-dir")
            .arg(self.machine.directory().join("templates"))
            .args(["--set", &format!("ReleaseId={id}")])
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        for (name, value) in &self.parameters {
            command.args(["--set", &format!("{name}={value}")]);
        }
        // It is waited for on a thread of its own: the recorder serves the functions meanwhile.
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.unwrap().expect("failed to run infra/deploy");
        let told = told(&output);
        assert!(
            output.status.success(),
            "infra/deploy failed:\n{told}\n{}",
            self.machine.log()
        );
        let line = String::from_utf8(output.stdout).unwrap();
        let result: Value = serde_json::from_str(line.trim()).unwrap();
        self.outputs = result["outputs"].clone();
        told
    }

    /// What a stack put out.
    pub(crate) fn output(&self, stack: &str, name: &str) -> &str {
        let value = self.outputs[stack][name].as_str();
        value.unwrap_or_else(|| panic!("{stack} has no output {name}: {}", self.outputs))
    }

    /// A function's name.
    pub(crate) fn function(name: &str) -> String {
        format!("switchboard-{ENVIRONMENT}-{name}")
    }

    /// Invokes what `live` is of a function, and returns its answer.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Value {
        let name = Self::function(function);
        let path = format!("/2015-03-31/functions/{name}:live/invocations");
        self.aws.rest("lambda", Method::POST, &path, event).await
    }

    /// Makes by API calls what was left out of the templates.
    async fn add(&self, left_out: &BTreeMap<String, LeftOut>) {
        let stack = format!("switchboard-{ENVIRONMENT}-app");
        let parameters = [("Action", "DescribeStackResources"), ("StackName", &stack)];
        let xml = self.aws.query("cloudformation", "2010-05-15", &parameters);
        let xml = xml.await.unwrap();
        let api = self.output("app", "ApiId");
        for (name, resource) in left_out {
            let (owner, collection) = match resource.kind.as_str() {
                "AWS::ApiGatewayV2::RouteResponse" => ("Route", "routeresponses"),
                "AWS::ApiGatewayV2::IntegrationResponse" => ("Integration", "integrationresponses"),
                _ => continue,
            };
            let properties = &resource.properties;
            let owner_name = templates::referred(&properties[&format!("{owner}Id")]);
            let id = physical_id(&xml, owner_name);
            let owners = owner.to_lowercase() + "s";
            let path = format!("/v2/apis/{api}/{owners}/{id}/{collection}");
            let own = properties.iter().filter(|(key, _)| !key.ends_with("Id"));
            let body: BTreeMap<String, _> = own.map(|(key, it)| (lower_first(key), it)).collect();
            let body = serde_json::to_value(body).unwrap_or_else(|error| panic!("{name}: {error}"));
            self.aws
                .rest("apigateway", Method::POST, &path, &body)
                .await;
        }
    }

    async fn cognito(&self, action: &str, body: Value) -> Value {
        let target = format!("{COGNITO}.{action}");
        self.aws.json("cognito-idp", &target, &body).await
    }
}

#[async_trait::async_trait]
impl Venue for Deployment {
    fn url(&self) -> String {
        let (authority, api) = (self.machine.authority(), self.output("app", "ApiId"));
        format!("ws://{authority}/_aws/execute-api/{api}/{STAGE}")
    }

    async fn guest(&self, name: &str, role: Role) -> Guest {
        let pool = self.output("identity", "UserPoolId");
        let client = self.output("identity", "PhoneClientId");
        let count = self.guests.fetch_add(1, Ordering::Relaxed);
        let email = format!("{name}-{count}@example.com");
        let attributes = json!([{"Name": "email", "Value": email}]);
        let sign_up = json!({"ClientId": client, "Username": email, "Password": PASSWORD, "UserAttributes": attributes});
        self.cognito("SignUp", sign_up).await;
        let user = json!({"UserPoolId": pool, "Username": email});
        self.cognito("AdminConfirmSignUp", user.clone()).await;
        let mut member = user;
        member["GroupName"] = json!(role.as_str());
        self.cognito("AdminAddUserToGroup", member).await;
        let secrets = json!({"USERNAME": email, "PASSWORD": PASSWORD});
        let sign_in = json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client, "AuthParameters": secrets});
        let signed_in = self.cognito("InitiateAuth", sign_in).await;
        // Both kinds of token are accepted, and are taken in turn.
        let kind = ["IdToken", "AccessToken"][usize::from(count.is_multiple_of(2))];
        let token = signed_in["AuthenticationResult"][kind].as_str();
        let token = token.expect("there is no token").to_owned();
        let id = claims(&token)["sub"].as_str().unwrap().to_owned();
        Guest { id, token }
    }

    async fn push(&self, conversation: &str, seq: u64) -> Value {
        let seq = seq.to_string();
        let wanted = |message: &Value| {
            let fcm: Value = serde_json::from_str(message["GCM"].as_str()?).ok()?;
            let data = &fcm["fcmV1Message"]["message"]["data"];
            Some(data["conversation"] == conversation && data["seq"] == seq.as_str())
        };
        let published = self
            .recorder
            .published(|it| wanted(&it.message) == Some(true));
        let published = published.await;
        // The application is the one that the custom resource made of the secret.
        let application = self.output("push", "FcmApplicationArn");
        assert!(
            published.target.starts_with(application),
            "{} is no endpoint of {application}",
            published.target
        );
        published.message
    }

    async fn passes(&self, _ms: u64) {
        // Time passes by itself.
    }
}

/// Builds and packs what is stale.
pub(crate) fn package() {
    let output = Command::new(root().join("infra/package")).output();
    let output = output.expect("failed to run infra/package");
    assert!(
        output.status.success(),
        "infra/package failed:\n{}",
        told(&output)
    );
}

/// A service account, as far as anybody looks at it here.
async fn secret(aws: &Aws) -> String {
    let service = json!({"type": "service_account", "project_id": "switchboard-test"});
    let credential = json!({"service_json": service.to_string()}).to_string();
    let body = json!({"Name": "switchboard-test-fcm", "SecretString": credential});
    let created = aws.json("secretsmanager", "secretsmanager.CreateSecret", &body);
    created.await["ARN"].as_str().unwrap().to_owned()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a token says. Its signature is the gateway's business.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The id of a stack's resource, from the answer of `DescribeStackResources`.
fn physical_id<'a>(xml: &'a str, logical_id: &str) -> &'a str {
    let wanted = format!("<LogicalResourceId>{logical_id}</LogicalResourceId>");
    let mut members = xml.split("<member>").filter(|it| it.contains(&wanted));
    let between = |it: &'a str| {
        let (_, rest) = it.split_once("<PhysicalResourceId>")?;
        Some(rest.split_once("</PhysicalResourceId>")?.0)
    };
    let found = members.find_map(between);
    let id = found.unwrap_or_else(|| panic!("there is no {logical_id} in {xml}"));
    // Here a route's carries its API's, which on AWS it does not.
    id.rsplit('/').next().unwrap_or(id)
}

fn lower_first(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_lowercase() + rest
}
