//! The optional network, and where objects go as they age.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::check::{Check, Finding};
use crate::stacks::{Resource, Stacks, many, number, texts};
use crate::statements::{Purpose, grants, matches};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "no-execute-api-endpoint",
        reason: "with private DNS it captures every public API's name in the network and answers 403: no post arrives",
        run: no_execute_api_endpoint,
    },
    Check {
        name: "subnets",
        reason: "blocks that overlap are refused at deployment; three zones, each with room for its interfaces",
        run: subnets,
    },
    Check {
        name: "attachment",
        reason: "an attached function runs in three zones and may make its interfaces; the others have no use for it",
        run: attachment,
    },
    Check {
        name: "endpoint-policy",
        reason: "an endpoint without a policy, or for everything, is a way out to other people's tables",
        run: endpoint_policy,
    },
    Check {
        name: "endpoint-lets-through",
        reason: "what a function may do and the endpoint does not let through fails in a network alone",
        run: endpoint_lets_through,
    },
    Check {
        name: "lifecycle-order",
        reason: "transitions are refused unless each is later and colder than the one before",
        run: lifecycle_order,
    },
];

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const SUBNET: &str = "AWS::EC2::Subnet";

fn no_execute_api_endpoint(stacks: &Stacks<'_>) -> Vec<Finding> {
    stacks
        .of(ENDPOINT)
        .filter(|it| it.text("ServiceName").ends_with(".execute-api"))
        .map(|it| Finding::of(it, "captures the API's name"))
        .collect()
}

/// The first address of a block and the first behind it.
fn block(cidr: &str) -> Option<(u64, u64)> {
    let (address, prefix) = cidr.split_once('/')?;
    let prefix: u32 = prefix.parse().ok().filter(|it| *it <= 32)?;
    let size = 1_u64 << (32 - prefix);
    let first = u64::from(u32::from(address.parse::<Ipv4Addr>().ok()?));
    (first % size == 0).then_some((first, first + size))
}

/// The longest prefix: 1,019 addresses, ten times what a zone's interfaces were ever seen to need.
const PREFIX_MAX: u64 = 22;

fn subnets(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut blocks: Vec<(&Resource, (u64, u64))> = Vec::new();
    for it in stacks.of(SUBNET) {
        let network = stacks.referred(it.text("VpcId"));
        let network = network.and_then(|it| block(it.text("CidrBlock")));
        match (block(it.text("CidrBlock")), network) {
            (Some(own), Some(network)) if network.0 <= own.0 && own.1 <= network.1 => {
                if own.1 - own.0 < 1 << (32 - PREFIX_MAX) {
                    findings.push(Finding::of(it, "is too small"));
                }
                for (other, block) in &blocks {
                    if own.0 < block.1 && block.0 < own.1 {
                        findings.push(Finding::of(it, format!("overlaps {}", other.id)));
                    }
                }
                blocks.push((it, own));
            }
            _ => findings.push(Finding::of(it, "is no block of its network")),
        }
    }
    findings
}

fn attachment(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let attached = stacks.setting.given("AttachToVpc") == "true";
    for function in stacks.functions() {
        let subnets = texts(function.resource.get("VpcConfig/SubnetIds"));
        let zones: BTreeSet<&str> = subnets
            .iter()
            .filter_map(|it| stacks.referred(it))
            .filter(|it| it.kind == SUBNET)
            .map(|it| it.text("AvailabilityZone"))
            .collect();
        let wanted = if attached { 3 } else { 0 };
        if (subnets.len(), zones.len()) != (wanted, wanted) {
            let what = format!("is attached to {subnets:?} in {zones:?}");
            findings.push(Finding::of(function.resource, what));
            continue;
        }
        let role = stacks.referred(function.resource.text("Role"));
        let policies = role
            .map(|it| texts(it.get("ManagedPolicyArns")))
            .unwrap_or_default();
        let owned = policies
            .iter()
            .filter_map(|it| stacks.referred(it).map(|it| it.at()));
        let owned: Vec<String> = owned.collect();
        let makes = grants(stacks).any(|it| {
            it.covers("ec2:CreateNetworkInterface")
                && (owned.contains(&it.owner.at())
                    || role.is_some_and(|role| role.at() == it.owner.at()))
        });
        if makes != attached {
            findings.push(Finding::of(
                function.resource,
                "may make interfaces, or may not and has to",
            ));
        }
    }
    findings
}

fn endpoint_policy(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.of(ENDPOINT) {
        if !it.get("PolicyDocument").is_object() {
            findings.push(Finding::of(it, "has no policy"));
        }
    }
    for it in &stacks.statements {
        let open = it.resources.iter().any(|it| it == "*");
        if it.owner.kind == ENDPOINT && it.allows && open {
            findings.push(Finding::of(&it.owner, "leads to everything"));
        }
    }
    findings
}

/// The gateway endpoint of the tables lets through whatever some function's role may do with them.
fn endpoint_lets_through(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let endpoints = stacks
        .of(ENDPOINT)
        .filter(|it| it.text("ServiceName").ends_with(".dynamodb"));
    for endpoint in endpoints {
        let fences: Vec<_> = stacks
            .statements
            .iter()
            .filter(|it| {
                it.purpose == Purpose::Fence && it.owner.at() == endpoint.at() && it.allows
            })
            .collect();
        for grant in grants(stacks).filter(|it| !it.functions.is_empty()) {
            for action in grant.actions.iter().filter(|it| matches("dynamodb:*", it)) {
                for resource in &grant.resources {
                    let table = stacks.table_of(resource);
                    // The event source mapping reads the stream from outside the network.
                    let Some(table) = table else { continue };
                    let through = fences.iter().any(|it| {
                        let tables = it.resources.iter().filter_map(|it| stacks.table_of(it));
                        let open = it.resources.iter().any(|it| it == "*");
                        it.covers(action) && (open || tables.into_iter().any(|it| it == table))
                    });
                    if !through {
                        findings.push(Finding::of(endpoint, format!("stops {action} on {table}")));
                    }
                }
            }
        }
    }
    findings
}

/// Storage classes from warm to cold, as S3 lets objects move.
const COLDNESS: [&str; 6] = [
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
];

fn lifecycle_order(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for bucket in stacks.of("AWS::S3::Bucket") {
        for rule in many(bucket.get("LifecycleConfiguration/Rules")) {
            let steps = |transitions: &str, days: &str, end: Option<f64>| {
                let step = |it: &serde_json::Value| {
                    let class = it["StorageClass"].as_str().unwrap_or_default();
                    let cold = COLDNESS.iter().position(|it| *it == class);
                    (cold, number(&it[days]).unwrap_or(0.0))
                };
                let steps: Vec<_> = many(&rule[transitions]).map(step).collect();
                let ordered = steps
                    .windows(2)
                    .all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1);
                let known = steps.iter().all(|it| it.0.is_some());
                let last = steps.iter().map(|it| it.1).fold(0.0, f64::max);
                known && ordered && end.is_none_or(|end| end > last)
            };
            let expires = number(&rule["ExpirationInDays"]);
            let noncurrent = number(&rule["NoncurrentVersionExpiration"]["NoncurrentDays"]);
            if !steps("Transitions", "TransitionInDays", expires)
                || !steps(
                    "NoncurrentVersionTransitions",
                    "TransitionInDays",
                    noncurrent,
                )
            {
                findings.push(Finding::of(
                    bucket,
                    format!("has its rule {} out of order", rule["Id"]),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn blocks_begin_where_they_may() {
        assert_eq!(block("10.0.4.0/22").map(|it| it.1 - it.0), Some(1_024));
        for bad in ["10.0.1.0/22", "10.0.0.0/33", "10.0.0/24", "10.0.0.0"] {
            assert_eq!(block(bad), None, "{bad}");
        }
    }
}
