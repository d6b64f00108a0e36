//! What an update must not replace or delete.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::{Check, Finding};
use crate::stacks::{Stacks, entries, many, texts};
use crate::statements::matches;

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "stack-policy",
        reason: "an update that replaces a table, a key, a pool or the API loses what only it has",
        run: stack_policy,
    },
    Check {
        name: "kept",
        reason: "what only exists here is kept when a stack goes, and when a property would replace it",
        run: kept,
    },
];

/// Types whose loss cannot be undone.
const PRECIOUS: &[&str] = &[
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPool",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
];

/// What is protected though nothing would be lost: its id is in every device's address.
const ADDRESSES: &[&str] = &[
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
];

/// A version is kept for a rollback and replaced by every release. That is what it is for.
const VERSION: &str = "AWS::Lambda::Version";

fn is_kept(body: &Value) -> bool {
    ["DeletionPolicy", "UpdateReplacePolicy"]
        .into_iter()
        .all(|key| body[key] == "Retain")
}

/// By the templates as they are written: a policy is one for all settings.
fn stack_policy(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (stack, template) in &stacks.templates.stacks {
        let resources = || entries(&template["Resources"]);
        let mut precious: BTreeSet<&str> = BTreeSet::new();
        for (id, body) in resources() {
            let kind = body["Type"].as_str().unwrap_or_default();
            if (is_kept(body) && kind != VERSION) || ADDRESSES.contains(&kind) {
                precious.insert(id);
            }
        }
        let policy = stacks.templates.policies.get(stack);
        let Some(policy) = policy else {
            let ids = precious.iter();
            findings.extend(ids.map(|id| Finding::at(format!("{stack}/{id}"), "no stack policy")));
            continue;
        };
        let statements = || many(&policy["Statement"]);
        let allows = statements().any(|it| {
            it["Effect"] == "Allow" && it["Action"] == "Update:*" && it["Resource"] == "*"
        });
        if !allows {
            findings.push(Finding::at(
                format!("policies/{stack}"),
                "allows no update at all",
            ));
        }
        let denies = |it: &&Value| {
            let actions = texts(&it["Action"]);
            let both = ["Update:Replace", "Update:Delete"];
            let both = both
                .into_iter()
                .all(|one| actions.iter().any(|it| matches(it, one)));
            it["Effect"] == "Deny" && it["Principal"] == "*" && both
        };
        let named: Vec<String> = statements()
            .filter(denies)
            .flat_map(|it| texts(&it["Resource"]))
            .collect();
        let named: Vec<&str> = named
            .iter()
            .filter_map(|it| it.strip_prefix("LogicalResourceId/"))
            .collect();
        for id in precious
            .iter()
            .filter(|id| !named.iter().any(|it| matches(it, id)))
        {
            findings.push(Finding::at(
                format!("{stack}/{id}"),
                "its stack policy lets it be replaced",
            ));
        }
        for name in named {
            if !resources().any(|(id, _)| matches(name, id)) {
                let what = format!("protects {name}, which is not there");
                findings.push(Finding::at(format!("policies/{stack}"), what));
            }
        }
    }
    findings
}

fn kept(stacks: &Stacks<'_>) -> Vec<Finding> {
    stacks
        .resources
        .iter()
        .filter(|it| PRECIOUS.contains(&it.kind.as_str()) && !is_kept(&it.body))
        .map(|it| Finding::of(it, "goes with its stack"))
        .collect()
}
