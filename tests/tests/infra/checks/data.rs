//! The tables: what the code stores fits them, and what must not be lost is not.

use std::collections::BTreeSet;

use crate::check::{Check, Finding};
use crate::stacks::{Resource, Stacks, many};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "declared-keys",
        reason: "a key's attribute that is not declared, or a declared one that is no key, fails the deployment late",
        run: declared_keys,
    },
    Check {
        name: "replicas",
        reason: "a global table without a replica where it is deployed is refused, after everything else went well",
        run: replicas,
    },
    Check {
        name: "protected-table",
        reason: "the log is the product: kept, restorable to the second, encrypted with our key, not deleted by a slip",
        run: protected_table,
    },
    Check {
        name: "ttl",
        reason: "rows of connections are swept by the attribute that the code writes, or never",
        run: ttl,
    },
    Check {
        name: "item-keys",
        reason: "an item without the table's keys cannot be put, and an index by another name cannot be queried",
        run: item_keys,
    },
    Check {
        name: "stream-view",
        reason: "deliver reads the new image; a table with replicas streams both, and a stream cannot change its view",
        run: stream_view,
    },
];

fn tables<'s>(stacks: &'s Stacks<'_>) -> impl Iterator<Item = &'s Resource> {
    let plain = stacks.of("AWS::DynamoDB::Table");
    plain.chain(stacks.of("AWS::DynamoDB::GlobalTable"))
}

/// The names of a key schema's attributes.
fn keys(schema: &serde_json::Value) -> Vec<String> {
    many(schema)
        .map(|it| it["AttributeName"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn declared_keys(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in tables(stacks) {
        let declared: BTreeSet<String> = keys(table.get("AttributeDefinitions"))
            .into_iter()
            .collect();
        let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
        let indexes = indexes.into_iter().flat_map(|it| many(table.get(it)));
        let mut used: BTreeSet<String> = keys(table.get("KeySchema")).into_iter().collect();
        used.extend(indexes.flat_map(|it| keys(&it["KeySchema"])));
        for attribute in used.symmetric_difference(&declared) {
            let what = format!("{attribute} is either declared or a key, not both");
            findings.push(Finding::of(table, what));
        }
    }
    findings
}

fn replicas(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in stacks.of("AWS::DynamoDB::GlobalTable") {
        let regions: Vec<&str> = many(table.get("Replicas"))
            .map(|it| it["Region"].as_str().unwrap_or_default())
            .collect();
        let distinct: BTreeSet<&str> = regions.iter().copied().collect();
        if !distinct.contains(stacks.setting.region.as_str()) || distinct.len() != regions.len() {
            findings.push(Finding::of(table, format!("has replicas in {regions:?}")));
        }
        let other = stacks.setting.given("ReplicaRegion");
        if table.id == "ChatTable" && !other.is_empty() && !distinct.contains(other) {
            findings.push(Finding::of(table, format!("has no replica in {other}")));
        }
    }
    findings
}

fn protected_table(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stacks.setting.is_home() && !tables(stacks).any(|it| it.id == "ChatTable") {
        findings.push(Finding::at("data", "has no ChatTable"));
    }
    for table in tables(stacks) {
        let mut must = |holds: bool, what: &str| {
            if !holds {
                findings.push(Finding::of(table, what));
            }
        };
        must(
            table.kind == "AWS::DynamoDB::GlobalTable",
            "is no global table",
        );
        let sse = table.get("SSESpecification");
        must(
            sse["SSEEnabled"] == true && sse["SSEType"] == "KMS",
            "is not encrypted with KMS",
        );
        let kept = |key: &str| table.body[key] == "Retain";
        let log = table.id == "ChatTable";
        must(
            !log || (kept("DeletionPolicy") && kept("UpdateReplacePolicy")),
            "is not kept when the stack goes",
        );
        for replica in many(table.get("Replicas")) {
            let on = |pointer: &str| replica.pointer(pointer) == Some(&true.into());
            let key = replica.pointer("/SSESpecification/KMSMasterKeyId");
            must(
                key.is_some_and(|it| !crate::scope::plain(it).is_empty()),
                "has a replica that is not encrypted with our key",
            );
            must(
                !log || on("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled"),
                "has a replica without point-in-time recovery",
            );
            must(
                !stacks.setting.is_protected() || on("/DeletionProtectionEnabled"),
                "has a replica that a slip deletes",
            );
        }
    }
    findings
}

fn ttl(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written = &stacks.code.ttl;
    for table in tables(stacks).filter(|it| it.id == "ConnectionsTable") {
        let specified = table.get("TimeToLiveSpecification");
        if specified["Enabled"] != true || specified["AttributeName"] != written.as_str() {
            findings.push(Finding::of(table, format!("is not swept by {written:?}")));
        }
    }
    findings
}

/// The code was seen to put items and to query indexes: each item has the table's keys, each index is there.
fn item_keys(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in tables(stacks) {
        let keys = keys(table.get("KeySchema"));
        for attributes in stacks
            .code
            .items
            .iter()
            .filter(|(name, _)| *name == table.id)
            .map(|(_, it)| it)
        {
            for key in keys.iter().filter(|it| !attributes.contains(*it)) {
                findings.push(Finding::of(
                    table,
                    format!("has the key {key}, and items do not"),
                ));
            }
        }
        let indexes: Vec<&str> = many(table.get("GlobalSecondaryIndexes"))
            .map(|it| it["IndexName"].as_str().unwrap_or_default())
            .collect();
        let queried: BTreeSet<&str> = (stacks.code.indexes.iter())
            .filter(|(name, _)| *name == table.id)
            .map(|(_, index)| index.as_str())
            .collect();
        if indexes.iter().copied().collect::<BTreeSet<_>>() != queried {
            findings.push(Finding::of(
                table,
                format!("has the indexes {indexes:?}, queried are {queried:?}"),
            ));
        }
    }
    findings
}

fn stream_view(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in tables(stacks).filter(|it| it.id == "ChatTable") {
        let view = table.text("StreamSpecification/StreamViewType");
        let several = many(table.get("Replicas")).count() > 1;
        if !(view == "NEW_AND_OLD_IMAGES" || (view == "NEW_IMAGE" && !several)) {
            findings.push(Finding::of(table, format!("streams {view:?}")));
        }
    }
    findings
}
