//! Rights that are too wide, or missing.

use serde_json::{Value, json};

use super::{Seed, allow, property, statement, statements};

fn chat() -> Value {
    json!({"Ref": "ChatTableArn"})
}

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "named-actions",
        fault: "a star instead of the two actions that are needed",
        setting: "off",
        plant: |it| {
            let log = json!({"Fn::GetAtt": ["AuthorizeLogGroup", "Arn"]});
            allow(it, "app", "AuthorizeRole", "logs:*", &log);
        },
    },
    Seed {
        check: "named-actions",
        fault: "everything but one action",
        setting: "off",
        plant: |it| {
            let logs = statement(it, "app", "AuthorizeRole", "OwnLog");
            logs["NotAction"] = json!("iam:PassRole");
        },
    },
    Seed {
        check: "named-resources",
        fault: "a right on every queue of the account",
        setting: "off",
        plant: |it| allow(it, "app", "DeliverRole", "sqs:SendMessage", &json!("*")),
    },
    Seed {
        check: "named-resources",
        fault: "the same, spelt as an ARN",
        setting: "off",
        plant: |it| {
            allow(
                it,
                "app",
                "DeliverRole",
                "sqs:SendMessage",
                &json!("arn:aws:sqs:*:*:*"),
            );
        },
    },
    Seed {
        check: "named-resources",
        fault: "message may read every table of the account",
        setting: "off",
        plant: |it| {
            let arn = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*";
            allow(
                it,
                "app",
                "MessageRole",
                "dynamodb:GetItem",
                &json!({"Fn::Sub": arn}),
            );
        },
    },
    Seed {
        check: "no-scan",
        fault: "message may scan the log",
        setting: "off",
        plant: |it| allow(it, "app", "MessageRole", "dynamodb:Scan", &chat()),
    },
    Seed {
        check: "no-scan",
        fault: "census may scan the log too",
        setting: "off",
        plant: |it| allow(it, "app", "CensusRole", "dynamodb:Scan", &chat()),
    },
    Seed {
        check: "manage-connections",
        fault: "message may close connections, and look at them",
        setting: "off",
        plant: |it| {
            let relay = statement(it, "app", "MessageRole", "Relay");
            let arn = relay["Resource"]["Fn::Sub"]
                .as_str()
                .expect("an ARN is composed");
            relay["Resource"] = json!({"Fn::Sub": arn.replace("/POST/", "/*/")});
        },
    },
    Seed {
        check: "manage-connections",
        fault: "disconnect may post, which it never does",
        setting: "off",
        plant: |it| {
            let arn = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${StageName}/POST/@connections/*";
            let action = "execute-api:ManageConnections";
            allow(
                it,
                "app",
                "DisconnectRole",
                action,
                &json!({"Fn::Sub": arn}),
            );
        },
    },
    Seed {
        check: "manage-connections",
        fault: "connect may not close the connection that it replaces",
        setting: "off",
        plant: |it| {
            let close = statement(it, "app", "ConnectRole", "CloseReplaced");
            let arn = close["Resource"]["Fn::Sub"]
                .as_str()
                .expect("an ARN is composed");
            close["Resource"] = json!({"Fn::Sub": arn.replace("/DELETE/", "/POST/")});
        },
    },
    Seed {
        check: "kms-via-service",
        fault: "message may use the key itself",
        setting: "off",
        plant: |it| {
            let key = statement(it, "app", "MessageRole", "KeyThroughTables");
            key.as_object_mut()
                .expect("a statement")
                .remove("Condition");
        },
    },
    Seed {
        check: "leading-keys-null",
        fault: "a fence of leading keys that an absent key passes",
        setting: "off",
        plant: |it| {
            let log = statement(it, "app", "MessageRole", "Log");
            log["Condition"] =
                json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["C#*"]}});
        },
    },
    Seed {
        check: "managed-policies",
        fault: "one of AWS's policies, for convenience",
        setting: "off",
        plant: |it| {
            let policies = property("AuthorizeRole", "ManagedPolicyArns");
            it.set(
                "app",
                &policies,
                json!(["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"]),
            );
        },
    },
    Seed {
        check: "push-rights",
        fault: "message may push by itself",
        setting: "on",
        plant: |it| {
            let arn = "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:endpoint/GCM/switchboard-${EnvName}/*";
            allow(
                it,
                "app",
                "MessageRole",
                "sns:Publish",
                &json!({"Fn::Sub": arn}),
            );
        },
    },
    Seed {
        check: "push-rights",
        fault: "deliver may not push where Google is set up alone",
        setting: "on",
        plant: |it| {
            let statements = statements(it, "app", "DeliverRole");
            statements.retain(|it| it["Fn::If"][1]["Sid"] != "Pushes");
        },
    },
    Seed {
        check: "push-rights",
        fault: "whoever deploys a stack reads every phone's token",
        setting: "on",
        plant: |it| {
            let arn = "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:app/GCM/switchboard-${EnvName}";
            let action = "sns:ListEndpointsByPlatformApplication";
            allow(
                it,
                "push",
                "ApplicationsRole",
                action,
                &json!({"Fn::Sub": arn}),
            );
        },
    },
    Seed {
        check: "push-rights",
        fault: "deliver may publish to the operators' topics",
        setting: "on",
        plant: |it| {
            let mut found = statements(it, "app", "DeliverRole").iter_mut();
            let pushes = found
                .find(|it| it["Fn::If"][1]["Sid"] == "Pushes")
                .expect("it pushes");
            let arn =
                json!({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:switchboard-*"});
            pushes["Fn::If"][1]["Resource"] = json!([arn]);
        },
    },
    Seed {
        check: "grants-are-calls",
        fault: "message may read a table of somebody else's",
        setting: "off",
        plant: |it| {
            let arn = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/billing";
            allow(
                it,
                "app",
                "MessageRole",
                "dynamodb:GetItem",
                &json!({"Fn::Sub": arn}),
            );
        },
    },
    Seed {
        check: "push-rights",
        fault: "deliver may push to the phones of every app of the account",
        setting: "on",
        plant: |it| {
            let mut found = statements(it, "app", "DeliverRole").iter_mut();
            let pushes = found
                .find(|it| it["Fn::If"][1]["Sid"] == "Pushes")
                .expect("it pushes");
            let arn = json!({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:endpoint/*"});
            pushes["Fn::If"][1]["Resource"] = json!([arn]);
        },
    },
    Seed {
        check: "grants-are-calls",
        fault: "message may update rows of connections, which it never does",
        setting: "off",
        plant: |it| {
            let table = json!({"Ref": "ConnectionsTableArn"});
            allow(it, "app", "MessageRole", "dynamodb:UpdateItem", &table);
        },
    },
    Seed {
        check: "grants-are-calls",
        fault: "deliver may not read the log",
        setting: "off",
        plant: |it| {
            let log = statement(it, "app", "DeliverRole", "Log");
            log["Action"] = json!([
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:UpdateItem"
            ]);
        },
    },
    Seed {
        check: "grants-are-calls",
        fault: "a transaction's condition check is forgotten",
        setting: "off",
        plant: |it| {
            let log = statement(it, "app", "MessageRole", "Log");
            let actions = log["Action"].as_array_mut().expect("several actions");
            actions.retain(|it| it != "dynamodb:ConditionCheckItem");
        },
    },
    Seed {
        check: "role-of-its-own",
        fault: "a new function runs with the role of another that needs nothing else",
        setting: "off",
        plant: |it| {
            let mut role = it.at("app", "/Resources/AuthorizeRole").clone();
            role["Properties"]["Description"] = json!("Shared.");
            it.add("app", "/Resources", "SharedRole", role);
            let shared = json!({"Fn::GetAtt": ["SharedRole", "Arn"]});
            it.set("app", &property("AuthorizeFunction", "Role"), shared);
        },
    },
    Seed {
        check: "trust",
        fault: "machines may take message's role on as well",
        setting: "off",
        plant: |it| {
            let trusted = property(
                "MessageRole",
                "AssumeRolePolicyDocument/Statement/0/Principal",
            );
            it.set(
                "app",
                &trusted,
                json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
            );
        },
    },
    Seed {
        check: "trust",
        fault: "everybody in the account may take message's role on",
        setting: "off",
        plant: |it| {
            let trusted = property(
                "MessageRole",
                "AssumeRolePolicyDocument/Statement/0/Principal",
            );
            it.set("app", &trusted, json!({"AWS": {"Ref": "AWS::AccountId"}}));
        },
    },
    Seed {
        check: "cognito-trust",
        fault: "the users of any identity pool get the media role",
        setting: "on",
        plant: |it| {
            let condition = property(
                "SignedInRole",
                "AssumeRolePolicyDocument/Statement/0/Condition/StringEquals",
            );
            it.take("identity", &condition);
        },
    },
    Seed {
        check: "cognito-trust",
        fault: "guests get the media role",
        setting: "on",
        plant: |it| {
            let condition = property(
                "SignedInRole",
                "AssumeRolePolicyDocument/Statement/0/Condition/ForAnyValue:StringLike",
            );
            it.take("identity", &condition);
        },
    },
    Seed {
        check: "media-prefix",
        fault: "users write into each other's media",
        setting: "on",
        plant: |it| {
            let statement = property(
                "SignedInRole",
                "Policies/0/Fn::If/1/PolicyDocument/Statement/0",
            );
            let arn = json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::${MediaBucketName}/media/*"});
            it.set("identity", &format!("{statement}/Resource"), arn);
        },
    },
    Seed {
        check: "media-prefix",
        fault: "users list each other's media",
        setting: "on",
        plant: |it| {
            let statement = property(
                "SignedInRole",
                "Policies/0/Fn::If/1/PolicyDocument/Statement/1",
            );
            it.take("identity", &format!("{statement}/Condition"));
        },
    },
    Seed {
        check: "other-rights",
        fault: "census may read secrets",
        setting: "off",
        plant: |it| {
            let arn = json!("arn:aws:secretsmanager:eu-central-1:111122223333:secret:apns-a");
            allow(
                it,
                "app",
                "CensusRole",
                "secretsmanager:GetSecretValue",
                &arn,
            );
        },
    },
    Seed {
        check: "other-rights",
        fault: "applications gives its role to whatever service",
        setting: "on",
        plant: |it| {
            let statements = statements(it, "push", "ApplicationsRole");
            let mut found = statements
                .iter_mut()
                .filter_map(|it| it.pointer_mut("/Fn::If/1"));
            let passes = found
                .find(|it| it["Action"] == "iam:PassRole")
                .expect("it passes a role");
            passes["Condition"] = json!({"StringLike": {"iam:AssociatedResourceArn": "arn:aws:*"}});
        },
    },
];
