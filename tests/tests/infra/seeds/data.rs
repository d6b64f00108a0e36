//! Tables that the code does not fit, or that can be lost.

use serde_json::json;

use super::{Seed, property};

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "declared-keys",
        fault: "an index's key is not declared",
        setting: "off",
        plant: |it| _ = it.take("data", &property("ChatTable", "AttributeDefinitions/2")),
    },
    Seed {
        check: "declared-keys",
        fault: "an attribute is declared that is no key",
        setting: "off",
        plant: |it| {
            let declared = it.at(
                "data",
                &property("ConnectionsTable", "AttributeDefinitions"),
            );
            let extra = json!({"AttributeName": "ttl", "AttributeType": "N"});
            declared.as_array_mut().expect("a list").push(extra);
        },
    },
    Seed {
        check: "replicas",
        fault: "a table without a replica where it is deployed",
        setting: "off",
        plant: |it| {
            it.set(
                "data",
                &property("ConnectionsTable", "Replicas/0/Region"),
                "us-east-1",
            );
        },
    },
    Seed {
        check: "replicas",
        fault: "the log is not replicated where the parameters say",
        setting: "on",
        plant: |it| {
            it.set(
                "data",
                &property("ChatTable", "Replicas/1/Fn::If/1/Region"),
                "us-east-1",
            );
        },
    },
    Seed {
        check: "protected-table",
        fault: "the log cannot be restored to a moment",
        setting: "off",
        plant: |it| {
            let recovery = "Replicas/0/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled";
            it.set("data", &property("ChatTable", recovery), false);
        },
    },
    Seed {
        check: "protected-table",
        fault: "a replica's key is forgotten",
        setting: "on",
        plant: |it| {
            _ = it.take(
                "data",
                &property("ChatTable", "Replicas/1/Fn::If/1/SSESpecification"),
            );
        },
    },
    Seed {
        check: "protected-table",
        fault: "a slip of the hand deletes the log",
        setting: "on",
        plant: |it| {
            it.set(
                "data",
                &property("ChatTable", "Replicas/0/DeletionProtectionEnabled"),
                false,
            );
        },
    },
    Seed {
        check: "ttl",
        fault: "rows are swept by an attribute that is in milliseconds, which is never",
        setting: "off",
        plant: |it| {
            let attribute = property("ConnectionsTable", "TimeToLiveSpecification/AttributeName");
            it.set("data", &attribute, "expires_at");
        },
    },
    Seed {
        check: "item-keys",
        fault: "an index by another name than the one that is queried",
        setting: "off",
        plant: |it| {
            it.set(
                "data",
                &property("ChatTable", "GlobalSecondaryIndexes/0/IndexName"),
                "inbox",
            );
        },
    },
    Seed {
        check: "item-keys",
        fault: "a sort key that items do not have",
        setting: "off",
        plant: |it| {
            for list in ["AttributeDefinitions", "KeySchema"] {
                let path = format!("{list}/1/AttributeName");
                it.set("data", &property("ConnectionsTable", &path), "connection");
            }
        },
    },
    Seed {
        check: "stream-view",
        fault: "the stream tells which entry, and not what it says",
        setting: "off",
        plant: |it| {
            it.set(
                "data",
                &property("ChatTable", "StreamSpecification/StreamViewType"),
                "KEYS_ONLY",
            );
        },
    },
    Seed {
        check: "stack-policy",
        fault: "an update may replace the key",
        setting: "off",
        plant: |it| {
            let policy = it.policies.get_mut("foundation").expect("it has a policy");
            let named = policy
                .pointer_mut("/Statement/1/Resource")
                .expect("it denies");
            let named = named.as_array_mut().expect("several");
            named.retain(|it| it != "LogicalResourceId/Key");
        },
    },
    Seed {
        check: "stack-policy",
        fault: "a policy that allows nothing, so that no release can be deployed",
        setting: "off",
        plant: |it| {
            let policy = it.policies.get_mut("app").expect("it has a policy");
            policy["Statement"]
                .as_array_mut()
                .expect("several")
                .remove(0);
        },
    },
    Seed {
        check: "stack-policy",
        fault: "a renamed table is no longer protected",
        setting: "off",
        plant: |it| {
            let policy = it.policies.get_mut("data").expect("it has a policy");
            let named = policy
                .pointer_mut("/Statement/1/Resource/0")
                .expect("it denies");
            *named = json!("LogicalResourceId/MessagesTable");
        },
    },
    Seed {
        check: "kept",
        fault: "a property that replaces the user pool loses its users",
        setting: "off",
        plant: |it| _ = it.take("identity", "/Resources/UserPool/UpdateReplacePolicy"),
    },
];
