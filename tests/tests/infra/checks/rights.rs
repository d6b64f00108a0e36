//! What roles may do: no more than what their functions do.

use crate::check::{Check, Finding};
use crate::stacks::Stacks;
use crate::statements::{Purpose, Statement, grants, matches};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "named-actions",
        reason: "an action with a star grants what nobody has looked at, and what AWS adds tomorrow",
        run: named_actions,
    },
    Check {
        name: "named-resources",
        reason: "`Resource: \"*\"` reaches everybody else's tables, topics and keys in the account",
        run: named_resources,
    },
    Check {
        name: "no-scan",
        reason: "a scan costs what is stored; census alone may, and reads only who is connected",
        run: no_scan,
    },
    Check {
        name: "manage-connections",
        reason: "who may post, close or look at a connection, and on which API and stage",
        run: manage_connections,
    },
    Check {
        name: "kms-via-service",
        reason: "a function has no use for the key itself, only for tables and queues that are encrypted with it",
        run: kms_via_service,
    },
    Check {
        name: "leading-keys-null",
        reason: "`ForAllValues` is true of an absent key: without the guard the fence is open to a scan",
        run: leading_keys,
    },
    Check {
        name: "managed-policies",
        reason: "AWS changes its managed policies without asking; each one that is used has a reason",
        run: managed_policies,
    },
];

/// Actions whose API knows no resource, so that only `*` can be written.
const UNSCOPED: &[(&str, &str)] = &[
    ("dynamodb:ListStreams", "the call lists"),
    ("ec2:AssignPrivateIpAddresses", "Lambda names it, not we"),
    (
        "ec2:CreateNetworkInterface",
        "the interface is not there yet",
    ),
    ("ec2:DeleteNetworkInterface", "Lambda names it, not we"),
    ("ec2:DescribeNetworkInterfaces", "the call lists"),
    ("ec2:DescribeSubnets", "the call lists"),
    ("ec2:UnassignPrivateIpAddresses", "Lambda names it, not we"),
    ("sns:CreatePlatformApplication", MOBILE),
    ("sns:CreatePlatformEndpoint", MOBILE),
    ("sns:DeleteEndpoint", MOBILE),
    ("sns:DeletePlatformApplication", MOBILE),
    ("sns:GetEndpointAttributes", MOBILE),
    ("sns:SetEndpointAttributes", MOBILE),
    ("sns:SetPlatformApplicationAttributes", MOBILE),
];

/// "Actions, resources, and condition keys for Amazon SNS" in the service authorization reference.
const MOBILE: &str = "AWS documents no resource type for SNS's mobile actions but Publish";

/// Managed policies of AWS that may be used.
const MANAGED: &[(&str, &str)] = &[
    (
        "AmazonAPIGatewayPushToCloudWatchLogs",
        "the account's role for API Gateway's logs; AWS documents this policy for it",
    ),
    (
        "AWSCodeDeployRoleForLambdaLimited",
        "shifting an alias; AWS documents this policy for it",
    ),
];

fn named_actions(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.statements.iter().filter(|it| it.allows) {
        if it.body.get("NotAction").is_some() {
            findings.push(Finding::of(&it.owner, "NotAction allows everything else"));
        }
        for action in it.actions.iter().filter(|it| it.contains('*')) {
            if !(it.purpose == Purpose::Fence && is_of_a_key(it, action)) {
                findings.push(Finding::of(&it.owner, format!("allows {action}")));
            }
        }
    }
    findings
}

/// A key's own policy gives the account the key, without which nobody could ever manage it; and AWS writes the rights
/// of a service as `kms:Encrypt*`.
fn is_of_a_key(statement: &Statement, action: &str) -> bool {
    let root = format!("arn:aws:iam::{}:root", crate::scope::ACCOUNT);
    let of_the_account = statement
        .body
        .pointer("/Principal/AWS")
        .is_some_and(|it| *it == root);
    statement.owner.kind == "AWS::KMS::Key"
        && (of_the_account || (action != "kms:*" && action.starts_with("kms:")))
}

fn named_resources(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in grants(stacks) {
        if it.body.get("NotResource").is_some() || it.resources.is_empty() {
            findings.push(Finding::of(&it.owner, "allows without naming a resource"));
        }
        if it.resources.iter().any(|it| is_everything(it)) {
            let scoped = |action: &&String| {
                !UNSCOPED
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case(action))
            };
            for action in it.actions.iter().filter(scoped) {
                findings.push(Finding::of(
                    &it.owner,
                    format!("allows {action} on everything"),
                ));
            }
        }
        let functions = !it.functions.is_empty();
        for resource in it.resources.iter().filter(|it| functions && is_open(it)) {
            let what = format!("allows {:?} on {resource}", it.actions);
            findings.push(Finding::of(&it.owner, what));
        }
    }
    findings
}

/// Whether a function's resource has a star. Connections, logs and phones are other checks'.
fn is_open(resource: &str) -> bool {
    let elsewhere = resource.contains("/@connections/")
        || resource.contains(":log-group:")
        || resource.starts_with("arn:aws:sns:");
    resource.contains('*') && !elsewhere && !is_everything(resource)
}

/// Whether a resource leaves its last, naming part open.
pub(super) fn is_everything(resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5).unwrap_or(resource);
    name.chars().all(|it| matches!(it, '*' | '/' | ':'))
}

fn no_scan(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in grants(stacks) {
        let scans = ["dynamodb:Scan", "dynamodb:PartiQLSelect"];
        if !scans.into_iter().any(|action| it.covers(action)) {
            continue;
        }
        if it.functions != ["census"] {
            findings.push(Finding::of(&it.owner, "may scan, and is not census"));
        }
        for resource in &it.resources {
            let table = stacks.referred(resource);
            if table.is_none_or(|table| table.id != "ConnectionsTable") {
                findings.push(Finding::of(&it.owner, format!("may scan {resource}")));
            }
        }
    }
    findings
}

fn manage_connections(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(stage) = stacks.of("AWS::ApiGatewayV2::Stage").next() else {
        return vec![Finding::at("app", "has no stage")];
    };
    let base = format!(
        "arn:aws:execute-api:{}:{}:{}/{}/",
        stacks.setting.region,
        crate::scope::ACCOUNT,
        stage.text("ApiId"),
        stage.text("StageName"),
    );
    let granted: Vec<_> = grants(stacks)
        .filter(|it| it.actions.iter().any(|it| it.starts_with("execute-api:")))
        .collect();
    for it in &granted {
        let functions = &it.functions;
        if it.actions != ["execute-api:ManageConnections"] || functions.len() != 1 {
            let what = format!("grants {:?} to {functions:?}", it.actions);
            findings.push(Finding::of(&it.owner, what));
        }
    }
    for function in stacks.functions() {
        let name = function.name.to_lowercase();
        let of_it = granted.iter().filter(|it| it.is_of(&name));
        let mut given: Vec<&String> = of_it.flat_map(|it| &it.resources).collect();
        given.sort();
        let methods = stacks.code.methods(&name);
        let wanted = methods
            .iter()
            .map(|it| format!("{base}{it}/@connections/*"));
        let wanted: Vec<String> = wanted.collect();
        if given != wanted.iter().collect::<Vec<_>>() {
            let what = format!("may manage {given:?}, and needs {wanted:?}");
            findings.push(Finding::of(function.resource, what));
        }
    }
    findings
}

fn kms_via_service(stacks: &Stacks<'_>) -> Vec<Finding> {
    grants(stacks)
        .filter(|it| {
            it.actions
                .iter()
                .any(|it| matches("kms:*", it) || it == "*")
        })
        .filter(|it| {
            let services = it.condition("kms:ViaService");
            services.is_empty() || services.iter().any(|it| it.contains('*'))
        })
        .map(|it| Finding::of(&it.owner, "uses keys without kms:ViaService"))
        .collect()
}

fn leading_keys(stacks: &Stacks<'_>) -> Vec<Finding> {
    let fenced = |it: &Statement, operator: &str| {
        it.body["Condition"][operator]
            .get("dynamodb:LeadingKeys")
            .cloned()
    };
    grants(stacks)
        .filter(|it| {
            let conditions = it.body["Condition"].as_object();
            let mut operators = conditions.into_iter().flatten().map(|(name, _)| name);
            operators.any(|name| name.starts_with("ForAllValues:") && fenced(it, name).is_some())
        })
        .filter(|it| fenced(it, "Null").is_none_or(|it| crate::scope::plain(&it) != "false"))
        .map(|it| Finding::of(&it.owner, "has dynamodb:LeadingKeys without the Null guard"))
        .collect()
}

fn managed_policies(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for role in stacks.of("AWS::IAM::Role") {
        for arn in crate::stacks::texts(role.get("ManagedPolicyArns")) {
            let own = stacks.referred(&arn).is_some();
            let name = arn.rsplit('/').next().unwrap_or_default();
            if !own && !MANAGED.iter().any(|(known, _)| *known == name) {
                findings.push(Finding::of(role, format!("has the managed policy {name}")));
            }
        }
    }
    findings
}
