//! Functions that run too long, are called by nobody, or fail unseen.

use serde_json::json;

use super::{Seed, property, reword, statement};

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "timeout",
        fault: "message goes on after API Gateway has given up",
        setting: "off",
        plant: |it| it.set("app", &property("MessageFunction", "Timeout"), 30),
    },
    Seed {
        check: "timeout",
        fault: "API Gateway gives up before message has to",
        setting: "off",
        plant: |it| {
            let integration = "/Resources/MessageIntegration/Properties";
            it.add("app", integration, "TimeoutInMillis", json!(10_000));
        },
    },
    Seed {
        check: "release",
        fault: "a version that no release replaces: nothing new is ever published",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("MessageVersion", "Description"),
                "the version",
            );
        },
    },
    Seed {
        check: "release",
        fault: "the version before goes, and nothing is left to go back to",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                "/Resources/MessageVersion/UpdateReplacePolicy",
                "Delete",
            );
        },
    },
    Seed {
        check: "release",
        fault: "the alias follows another function's version",
        setting: "off",
        plant: |it| {
            let version = property("MessageAlias", "FunctionVersion/Fn::GetAtt/0");
            it.set("app", &version, "DeliverVersion");
        },
    },
    Seed {
        check: "log-group",
        fault: "a log that is kept for ever",
        setting: "off",
        plant: |it| _ = it.take("app", &property("CensusLogGroup", "RetentionInDays")),
    },
    Seed {
        check: "log-rights",
        fault: "message writes into connect's log",
        setting: "off",
        plant: |it| {
            let log = statement(it, "app", "MessageRole", "OwnLog");
            log["Resource"] = json!({"Fn::GetAtt": ["ConnectLogGroup", "Arn"]});
        },
    },
    Seed {
        check: "log-rights",
        fault: "census may not write its log, and nobody sees a metric",
        setting: "off",
        plant: |it| {
            let log = statement(it, "app", "CensusRole", "OwnLog");
            log["Action"] = json!("logs:CreateLogStream");
        },
    },
    Seed {
        check: "stream-mapping",
        fault: "one failed entry repeats its whole batch",
        setting: "off",
        plant: |it| _ = it.take("app", &property("DeliverSource", "FunctionResponseTypes")),
    },
    Seed {
        check: "stream-mapping",
        fault: "one bad record holds up its shard for a day",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("DeliverSource", "MaximumRetryAttempts"),
                -1,
            );
        },
    },
    Seed {
        check: "stream-mapping",
        fault: "a batch that makes the function fail is never parted",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("DeliverSource", "BisectBatchOnFunctionError"),
                false,
            );
        },
    },
    Seed {
        check: "stream-mapping",
        fault: "what fails for good is lost",
        setting: "off",
        plant: |it| _ = it.take("app", &property("DeliverSource", "DestinationConfig")),
    },
    Seed {
        check: "stream-mapping",
        fault: "everybody is pushed to from two Regions",
        setting: "standby",
        plant: |it| it.set("app", &property("DeliverSource", "Enabled"), true),
    },
    Seed {
        check: "dead-letters",
        fault: "what could not be delivered is forgotten over a weekend",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("DeliverFailures", "MessageRetentionPeriod"),
                86_400,
            );
        },
    },
    Seed {
        check: "callers",
        fault: "the schedule may not call census",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("CensusPermission", "Principal"),
                "sns.amazonaws.com",
            );
        },
    },
    Seed {
        check: "callers",
        fault: "nobody counts at night: the schedule is switched off",
        setting: "off",
        plant: |it| it.set("app", &property("CensusSchedule", "State"), "DISABLED"),
    },
    Seed {
        check: "callers",
        fault: "any topic of any account may call feedback",
        setting: "off",
        plant: |it| {
            let mut permission = it.at("push", "/Resources/FeedbackPermission").clone();
            permission["Properties"]
                .as_object_mut()
                .expect("it has some")
                .remove("SourceArn");
            it.add("push", "/Resources", "AnyPermission", permission);
        },
    },
    Seed {
        check: "environment",
        fault: "message is not told its table",
        setting: "off",
        plant: |it| {
            let variables = "Environment/Variables/SWITCHBOARD_CONNECTIONS_TABLE";
            it.take("app", &property("MessageFunction", variables));
        },
    },
    Seed {
        check: "environment",
        fault: "a variable that nobody reads: pushes say nothing, whatever the parameter",
        setting: "off",
        plant: |it| {
            let variables = property("DeliverFunction", "Environment/Variables");
            let text = it.take("app", &format!("{variables}/SWITCHBOARD_PUSH_TEXT"));
            it.add("app", &variables, "SWITCHBOARD_PUSHTEXT", text);
        },
    },
    Seed {
        check: "environment",
        fault: "in a network of its own, one function alone looks for AWS outside",
        setting: "on",
        plant: |it| {
            it.take(
                "app",
                &property("CensusFunction", "Environment/Variables/AWS_ENDPOINT_URL"),
            );
        },
    },
    Seed {
        check: "environment",
        fault: "a value that the code does not know",
        setting: "off",
        plant: |it| {
            let text = property(
                "DeliverFunction",
                "Environment/Variables/SWITCHBOARD_PUSH_TEXT",
            );
            it.set("app", &text, "full");
        },
    },
    Seed {
        check: "environment",
        fault: "metrics of all environments are added up",
        setting: "on",
        plant: |it| {
            let name = property(
                "CensusFunction",
                "Environment/Variables/SWITCHBOARD_ENVIRONMENT",
            );
            it.set("app", &name, "production");
        },
    },
    Seed {
        check: "references",
        fault: "an output of what is not there without a network",
        setting: "off",
        plant: |it| {
            let value = json!({"Ref": "FunctionNetworkPolicy"});
            it.set(
                "foundation",
                "/Outputs/FunctionNetworkPolicyArn/Value",
                value,
            );
        },
    },
    Seed {
        check: "references",
        fault: "a parameter that nobody gives",
        setting: "off",
        plant: |it| {
            let declared = json!({"Type": "String"});
            it.add("app", "/Parameters", "ClusterArn", declared);
            // The nested stack gives it, the stacks one by one do not.
            let given = json!("arn:aws:ecs:eu-central-1:111122223333:cluster/none");
            it.add(
                "root",
                "/Resources/App/Properties/Parameters",
                "ClusterArn",
                given,
            );
        },
    },
    Seed {
        check: "root",
        fault: "the nested stack is not given what it has no default for",
        setting: "off",
        plant: |it| {
            _ = it.take(
                "root",
                "/Resources/App/Properties/Parameters/ConnectionsTableArn",
            );
        },
    },
    Seed {
        check: "root",
        fault: "the nested stack is given what it does not take",
        setting: "off",
        plant: |it| {
            it.add(
                "root",
                "/Resources/App/Properties/Parameters",
                "Stagename",
                json!("live"),
            );
        },
    },
    Seed {
        check: "root",
        fault: "the nested stack takes what nobody puts out",
        setting: "off",
        plant: |it| {
            let arn = json!({"Fn::GetAtt": ["Data", "Outputs.ChatArn"]});
            it.set(
                "root",
                "/Resources/App/Properties/Parameters/ChatTableArn",
                arn,
            );
        },
    },
    Seed {
        check: "stream-filter",
        fault: "the filter asks for another prefix than entries have: nobody is ever pushed to",
        setting: "off",
        plant: |it| {
            let pattern = property("DeliverSource", "FilterCriteria/Filters/0/Pattern");
            reword(it, "app", &pattern, "E#", "e#");
        },
    },
    Seed {
        check: "stream-filter",
        fault: "every write of the log's table wakes deliver",
        setting: "off",
        plant: |it| {
            let pattern = property("DeliverSource", "FilterCriteria/Filters/0/Pattern");
            it.set("app", &pattern, r#"{"eventName":["INSERT"]}"#);
        },
    },
    Seed {
        check: "stream-filter",
        fault: "the pattern is no JSON",
        setting: "off",
        plant: |it| {
            let pattern = property("DeliverSource", "FilterCriteria/Filters/0/Pattern");
            reword(it, "app", &pattern, "}}}}", "}}}");
        },
    },
    Seed {
        check: "stream-pace",
        fault: "batches so small that the grace lets a busy stream fall behind",
        setting: "off",
        plant: |it| it.set("app", &property("DeliverSource", "BatchSize"), 50),
    },
    Seed {
        check: "platform-applications",
        fault: "a property by another name than the function reads",
        setting: "on",
        plant: |it| {
            let properties = "/Resources/FcmApplication/Properties";
            let topic = it.take("push", &format!("{properties}/EventTopicArn"));
            it.add("push", properties, "TopicArn", topic);
        },
    },
    Seed {
        check: "platform-applications",
        fault: "a platform that SNS calls otherwise",
        setting: "on",
        plant: |it| it.set("push", &property("FcmApplication", "Platform"), "FCM"),
    },
    Seed {
        check: "platform-applications",
        fault: "the function is called before its alias is there",
        setting: "on",
        plant: |it| _ = it.take("push", "/Resources/FcmApplication/DependsOn"),
    },
    Seed {
        check: "duration-alarm",
        fault: "a function is given less time than its alarm waits for",
        setting: "off",
        plant: |it| it.set("app", &property("ConnectFunction", "Timeout"), 3),
    },
    Seed {
        check: "stream-mapping",
        fault: "the nested stack is passed the wrong table's stream",
        setting: "nested",
        plant: |it| {
            let stream = "/Resources/App/Properties/Parameters/ChatStreamArn";
            it.set(
                "root",
                stream,
                "arn:aws:dynamodb:eu-central-1:111122223333:table/other/stream/1",
            );
        },
    },
];
