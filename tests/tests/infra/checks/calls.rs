//! What functions may do with tables and phones: exactly what they were seen to do.

use std::collections::BTreeSet;

use super::rights::is_everything;
use crate::check::{Check, Finding};
use crate::scope::ACCOUNT;
use crate::stacks::Stacks;
use crate::statements::{grants, matches};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
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
    Check {
        name: "other-rights",
        reason: "what a function may beside its tables, phones, connections, log and key is looked at one by one",
        run: other_rights,
    },
];

/// Of SNS a function may what it was seen to ask for, on the endpoints of our platform applications.
fn push_rights(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let platforms = ["ApnsSecretArn", "ApnsSandboxSecretArn", "FcmSecretArn"];
    let pushes = platforms
        .into_iter()
        .any(|it| !stacks.setting.given(it).is_empty());
    let (region, name) = (&stacks.setting.region, stacks.setting.given("EnvName"));
    let ours: BTreeSet<String> = ["APNS", "APNS_SANDBOX", "GCM"]
        .into_iter()
        .flat_map(|it| {
            let base = format!("arn:aws:sns:{region}:{ACCOUNT}");
            let application = format!("{it}/switchboard-{name}");
            // An endpoint's ARN says `endpoint`; of some calls `app` was seen.
            [
                format!("{base}:app/{application}"),
                format!("{base}:app/{application}/*"),
                format!("{base}:endpoint/{application}/*"),
            ]
        })
        .collect();
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
                let foreign = it.resources.iter().filter(|it| !ours.contains(it.as_str()));
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
                for resource in it.resources.iter().filter(|it| !it.contains('*')) {
                    let stream = resource.ends_with(".StreamArn>") || resource.contains("/stream/");
                    if stream || is_judged_elsewhere(action) {
                        continue;
                    }
                    let table = stacks.table_of(resource);
                    let table = table.unwrap_or_else(|| resource.clone());
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

/// A scan is the check `no-scan`'s, and a star is `named-resources`'.
fn is_judged_elsewhere(action: &str) -> bool {
    action == "dynamodb:Scan"
}

/// Services whose rights have a check of their own.
const JUDGED: [&str; 7] = [
    "dynamodb",
    "ec2",
    "execute-api",
    "kms",
    "logs",
    "sns",
    "xray",
];

/// Every other right of a function.
const OTHERS: &[(&str, &str, &str)] = &[
    (
        "applications",
        "iam:PassRole",
        "gives SNS the role by which it logs deliveries",
    ),
    (
        "applications",
        "secretsmanager:GetSecretValue",
        "reads the credentials of the push services",
    ),
    (
        "deliver",
        "sqs:SendMessage",
        "the platform sends what failed for good with the function's role",
    ),
    (
        "feedback",
        "sqs:SendMessage",
        "the platform sends what failed for good with the function's role",
    ),
];

fn other_rights(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in grants(stacks) {
        for action in &it.actions {
            let service = action.split(':').next().unwrap_or_default();
            let known = |function: &String| {
                OTHERS
                    .iter()
                    .any(|(name, right, _)| name == function && right == action)
            };
            if !JUDGED.contains(&service) && !it.functions.iter().all(known) {
                findings.push(Finding::of(&it.owner, format!("allows {action}")));
            }
        }
        if it.covers("iam:PassRole") && it.condition("iam:PassedToService").len() != 1 {
            findings.push(Finding::of(&it.owner, "gives a role to any service"));
        }
    }
    findings
}
