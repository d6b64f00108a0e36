//! Who may take a role on, and whose it is.

use std::collections::BTreeMap;

use crate::check::{Check, Finding};
use crate::stacks::Stacks;
use crate::statements::{Purpose, Statement, grants};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "role-of-its-own",
        reason: "a shared role gives each of its functions what the others need",
        run: role_of_its_own,
    },
    Check {
        name: "trust",
        reason: "a role is taken on by the one service that it is for, and by nobody else",
        run: trust,
    },
    Check {
        name: "cognito-trust",
        reason: "without `aud` and `amr` any identity pool's users, and its guests, could take the role on",
        run: cognito_trust,
    },
    Check {
        name: "media-prefix",
        reason: "a signed-in user writes below the own identity's prefix and nowhere else",
        run: media_prefix,
    },
];

/// Services that take roles on, with what for.
const TRUSTED: &[(&str, &str)] = &[
    ("apigateway.amazonaws.com", "writes the account's API logs"),
    ("codedeploy.amazonaws.com", "shifts aliases"),
    ("lambda.amazonaws.com", "runs the functions"),
    ("sns.amazonaws.com", "reports deliveries of pushes"),
    ("vpc-flow-logs.amazonaws.com", "writes the flow log"),
];

const COGNITO: &str = "cognito-identity.amazonaws.com";

fn role_of_its_own(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for function in stacks.functions() {
        let role = function.resource.text("Role");
        users.entry(role).or_default().push(function.resource.at());
        let own = stacks.referred(role);
        if own.is_none_or(|it| it.id != format!("{}Role", function.name)) {
            findings.push(Finding::of(function.resource, format!("runs as {role}")));
        }
    }
    let shared = users.iter().filter(|(_, users)| users.len() > 1);
    findings
        .extend(shared.map(|(role, users)| Finding::at(*role, format!("is shared by {users:?}"))));
    findings
}

fn trust(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks
        .statements
        .iter()
        .filter(|it| it.purpose == Purpose::Trust && it.allows)
    {
        let principal = &it.body["Principal"];
        let services = crate::stacks::texts(&principal["Service"]);
        let cognito = principal["Federated"] == COGNITO;
        let others = principal.get("AWS").is_some() || principal.is_string();
        if others || (services.len() != 1 && !cognito) {
            findings.push(Finding::of(&it.owner, format!("trusts {principal}")));
        }
        let runs = stacks.function_of(&it.owner).is_some();
        for service in &services {
            let known = TRUSTED.iter().any(|(name, _)| name == service);
            if !known || (runs && service != "lambda.amazonaws.com") {
                findings.push(Finding::of(&it.owner, format!("trusts {service}")));
            }
        }
    }
    findings
}

fn cognito_trust(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let federated = |it: &&Statement| {
        it.purpose == Purpose::Trust && it.allows && it.body["Principal"].get("Federated").is_some()
    };
    for it in stacks.statements.iter().filter(federated) {
        let pool = it.body["Condition"]["StringEquals"][format!("{COGNITO}:aud")].as_str();
        let pool = pool.and_then(|it| stacks.referred(it));
        if pool.is_none_or(|it| it.kind != "AWS::Cognito::IdentityPool") {
            findings.push(Finding::of(
                &it.owner,
                "does not name its identity pool as `aud`",
            ));
        }
        if it.condition(&format!("{COGNITO}:amr")) != ["authenticated"] {
            findings.push(Finding::of(
                &it.owner,
                "is not for authenticated users alone",
            ));
        }
    }
    for pool in stacks.of("AWS::Cognito::IdentityPool") {
        if crate::scope::plain(pool.get("AllowUnauthenticatedIdentities")) != "false" {
            findings.push(Finding::of(pool, "has guests"));
        }
    }
    findings
}

/// Of objects the own prefix, of a bucket's list the own prefix by a condition.
fn media_prefix(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = format!("/media/${{{COGNITO}:sub}}/*");
    let federated: Vec<String> = stacks
        .statements
        .iter()
        .filter(|it| {
            it.purpose == Purpose::Trust && it.body["Principal"].get("Federated").is_some()
        })
        .map(|it| it.owner.at())
        .collect();
    if federated.is_empty() && stacks.setting.has("identity") {
        findings.push(Finding::at(
            "identity",
            "no role is for the identity pool's users",
        ));
    }
    for it in grants(stacks) {
        if !it.roles.iter().any(|role| federated.contains(&role.at())) {
            continue;
        }
        let lists = it.actions == ["s3:ListBucket"];
        let listed = it.condition("s3:prefix");
        let prefix = own.trim_start_matches('/');
        let fenced = if lists {
            !listed.is_empty() && listed.iter().all(|it| it == prefix)
        } else {
            it.resources
                .iter()
                .all(|it| it.ends_with(&own) && it.matches('*').count() == 1)
        };
        let media = it.actions.iter().all(|action| action.starts_with("s3:"));
        let key = it.actions.iter().all(|action| action.starts_with("kms:"))
            && it.condition("kms:ViaService")
                == [format!("s3.{}.amazonaws.com", stacks.setting.region)];
        if !(fenced && media || key) {
            let what = format!("lets users {:?} on {:?}", it.actions, it.resources);
            findings.push(Finding::of(&it.owner, what));
        }
    }
    findings
}
