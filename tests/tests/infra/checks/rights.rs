//! What roles may do: no more than what their functions do.

use std::collections::BTreeSet;

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
    Check {
        name: "push-rights",
        reason: "who registers phones does not push to them, and who pushes does not register them",
        run: push_rights,
    },
    Check {
        name: "grants-are-calls",
        reason: "a right that no call needs is a hole, and a call without its right fails on AWS alone",
        run: grants_are_calls,
    },
];

/// Actions whose API knows no resource, so that only `*` can be written.
const UNSCOPED: &[(&str, &str)] = &[
    (
        "ec2:CreateNetworkInterface",
        "the interface is not there yet",
    ),
    ("ec2:DescribeNetworkInterfaces", "the call lists"),
    ("ec2:DescribeSubnets", "the call lists"),
    ("ec2:DeleteNetworkInterface", "Lambda names it, not we"),
    ("ec2:AssignPrivateIpAddresses", "Lambda names it, not we"),
    ("ec2:UnassignPrivateIpAddresses", "Lambda names it, not we"),
    ("dynamodb:ListStreams", "the call lists"),
    ("xray:PutTraceSegments", "a trace is no resource"),
    ("xray:PutTelemetryRecords", "a trace is no resource"),
    (
        "sns:CreatePlatformApplication",
        "the application is not there yet",
    ),
];

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
    (
        "AWSLambdaVPCAccessExecutionRole",
        "a function's interfaces in a VPC are Lambda's",
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
    }
    findings
}

/// Whether a resource leaves its last, naming part open.
fn is_everything(resource: &str) -> bool {
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

/// Of SNS a function may what it was seen to ask for, on the endpoints of our platform applications.
fn push_rights(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let platforms = ["ApnsSecretArn", "ApnsSandboxSecretArn", "FcmSecretArn"];
    let pushes = platforms
        .into_iter()
        .any(|it| !stacks.setting.given(it).is_empty());
    let base = format!(
        "arn:aws:sns:{}:{}:",
        stacks.setting.region,
        crate::scope::ACCOUNT
    );
    for function in stacks.functions() {
        let name = function.name.to_lowercase();
        // The last application that goes is taken away when no platform is wanted any more.
        let asks = pushes || name == "applications";
        let asked = stacks.code.asked.get(&name).filter(|_| asks);
        let asked = asked.into_iter().flatten();
        let mut missing: BTreeSet<&String> = asked.filter(|it| it.starts_with("sns:")).collect();
        for it in grants(stacks).filter(|it| it.is_of(&name)) {
            for action in it.actions.iter().filter(|it| matches("sns:*", it)) {
                if !missing.remove(action) {
                    let what = format!("may {action}, and never does, or twice");
                    findings.push(Finding::of(function.resource, what));
                }
                let foreign = it.resources.iter().filter(|it| {
                    let named = it.strip_prefix(&base).unwrap_or_default();
                    !named.starts_with("app/") && !named.starts_with("endpoint/")
                });
                // Everything is another check's.
                for resource in foreign.filter(|it| !is_everything(it)) {
                    let what = format!("may {action} on {resource}");
                    findings.push(Finding::of(function.resource, what));
                }
            }
        }
        for action in missing {
            findings.push(Finding::of(
                function.resource,
                format!("calls {action}, and may not"),
            ));
        }
    }
    findings
}

/// Both ways: each call that the code was seen to make is granted on its table, and nothing else of `DynamoDB` is.
fn grants_are_calls(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in stacks.functions() {
        let name = function.name.to_lowercase();
        let Some(calls) = stacks.code.calls.get(&name) else {
            continue;
        };
        let of_it: Vec<_> = grants(stacks).filter(|it| it.is_of(&name)).collect();
        for (action, table) in calls {
            let granted = of_it.iter().any(|it| {
                it.covers(action)
                    && it
                        .resources
                        .iter()
                        .any(|it| stacks.table_of(it).as_ref() == Some(table))
            });
            if !granted {
                let what = format!("calls {action} on {table}, and may not");
                findings.push(Finding::of(function.resource, what));
            }
        }
        for it in &of_it {
            for action in it.actions.iter().filter(|it| matches("dynamodb:*", it)) {
                for resource in &it.resources {
                    let table = stacks.table_of(resource);
                    let Some(table) = table.filter(|_| !is_judged_elsewhere(action)) else {
                        continue;
                    };
                    if !calls.contains(&(action.clone(), table.clone())) {
                        let what = format!("may {action} on {table}, and never does");
                        findings.push(Finding::of(function.resource, what));
                    }
                }
            }
        }
    }
    findings
}

/// A scan is the check `no-scan`'s.
fn is_judged_elsewhere(action: &str) -> bool {
    action == "dynamodb:Scan"
}
