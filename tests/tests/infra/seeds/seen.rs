//! Alarms that cannot go off, and pages that cannot be drawn.

use serde_json::json;

use super::{Seed, property, reword};

const BODY: &str = "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub";
const RULE: &str = "/Resources/ImpairedAlarm/Properties/AlarmRule/Fn::Sub";

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "datapoints",
        fault: "an alarm that waits for six datapoints of five",
        setting: "off",
        plant: |it| {
            it.set(
                "observability",
                &property("ExecutionErrorsAlarm", "DatapointsToAlarm"),
                6,
            );
        },
    },
    Seed {
        check: "dashboard-body",
        fault: "a comma at the end of a list",
        setting: "off",
        plant: |it| {
            reword(
                it,
                "observability",
                BODY,
                "\"widgets\": [",
                "\"widgets\": [,",
            );
        },
    },
    Seed {
        check: "dashboard-body",
        fault: "a widget of a kind that there is not",
        setting: "off",
        plant: |it| {
            reword(
                it,
                "observability",
                BODY,
                "{\"type\": \"text\",",
                "{\"type\": \"markdown\",",
            );
        },
    },
    Seed {
        check: "dashboard-body",
        fault: "an alarm that was renamed is still shown",
        setting: "off",
        plant: |it| {
            reword(
                it,
                "observability",
                BODY,
                "-census-errors\"",
                "-census-failures\"",
            );
        },
    },
    Seed {
        check: "dashboard-line",
        fault: "a function is forgotten on the dashboard",
        setting: "off",
        plant: |it| {
            let (from, to) = (
                "\"switchboard-${EnvName}-feedback\"",
                "\"switchboard-${EnvName}-message\"",
            );
            reword(it, "observability", BODY, from, to);
        },
    },
    Seed {
        check: "metric-math",
        fault: "a rate over an id that nobody defines",
        setting: "on",
        plant: |it| {
            let metrics = property("IntegrationErrorRateAlarm", "Metrics");
            let metrics = it
                .at("observability", &metrics)
                .as_array_mut()
                .expect("several");
            let rate = metrics
                .iter_mut()
                .find(|it| it["Id"] == "result")
                .expect("a rate");
            let expression = rate["Expression"].as_str().expect("it is one");
            rate["Expression"] = json!(expression.replace("frames", "messages"));
        },
    },
    Seed {
        check: "metric-math",
        fault: "an alarm on two values at once, which is refused",
        setting: "on",
        plant: |it| {
            let first = property("IntegrationErrorRateAlarm", "Metrics/0/ReturnData");
            it.set("observability", &first, true);
        },
    },
    Seed {
        check: "composite-rule",
        fault: "an operator between two alarms is forgotten",
        setting: "on",
        plant: |it| {
            let (from, to) = ("-execution-errors\") OR", "-execution-errors\")");
            reword(it, "observability", RULE, from, to);
        },
    },
    Seed {
        check: "composite-rule",
        fault: "the rule names an alarm by its former name",
        setting: "on",
        plant: |it| {
            reword(
                it,
                "observability",
                RULE,
                "-unavailables\"",
                "-unavailable\"",
            );
        },
    },
    Seed {
        check: "runbook",
        fault: "an alarm's section is not in the runbook",
        setting: "off",
        plant: |it| {
            let description = property("ExecutionErrorsAlarm", "AlarmDescription");
            it.set(
                "observability",
                &description,
                "Help. Runbook: infra/README.md#alarm-help",
            );
        },
    },
    Seed {
        check: "runbook",
        fault: "an alarm says nothing of what to do",
        setting: "off",
        plant: |it| {
            let description = property("ExecutionErrorsAlarm", "AlarmDescription");
            it.set("observability", &description, "Something failed.");
        },
    },
    Seed {
        check: "runbook",
        fault: "a section of the runbook is renamed",
        setting: "off",
        plant: |it| {
            it.readme = it
                .readme
                .replace("Alarm: execution errors", "Alarm: errors of execution");
        },
    },
    Seed {
        check: "metrics-exist",
        fault: "a metric of AWS, misspelt: the alarm is silent",
        setting: "off",
        plant: |it| {
            it.set(
                "observability",
                &property("ExecutionErrorsAlarm", "MetricName"),
                "ExecutionErrors",
            );
        },
    },
    Seed {
        check: "metrics-exist",
        fault: "a metric of ours, misspelt: the graph is empty",
        setting: "off",
        plant: |it| {
            reword(
                it,
                "observability",
                BODY,
                "\"Replacements\"",
                "\"Replaced\"",
            );
        },
    },
    Seed {
        check: "metrics-exist",
        fault: "a metric of ours with a dimension that it does not have",
        setting: "off",
        plant: |it| {
            let (from, to) = (
                "\"Sends\", \"Environment\", \"${EnvName}\"",
                "\"Sends\", \"Environment\", \"${EnvName}\", \"Role\", \"customer\"",
            );
            reword(it, "observability", BODY, from, to);
        },
    },
    Seed {
        check: "metrics-exist",
        fault: "a metric of AWS with a dimension too few",
        setting: "off",
        plant: |it| {
            it.take(
                "observability",
                &property("ChatQueryErrorsAlarm", "Dimensions/1"),
            );
        },
    },
    Seed {
        check: "metrics-are-ours",
        fault: "an alarm watches a stage that is not deployed",
        setting: "off",
        plant: |it| {
            let stage = property("ExecutionErrorsAlarm", "Dimensions/1/Value");
            it.set("observability", &stage, "prod");
        },
    },
    Seed {
        check: "error-alarm",
        fault: "an alarm on calls instead of errors",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("CensusErrorsAlarm", "MetricName"),
                "Invocations",
            );
        },
    },
    Seed {
        check: "saved-queries",
        fault: "a saved query over a log that there is not",
        setting: "off",
        plant: |it| {
            let log = property("RefusedQuery", "LogGroupNames/0");
            it.set("observability", &log, "/switchboard/access");
        },
    },
    Seed {
        check: "saved-queries",
        fault: "a saved query for a metric that nobody writes",
        setting: "off",
        plant: |it| {
            let query = property("DisconnectsQuery", "QueryString");
            reword(
                it,
                "observability",
                &query,
                "ispresent(Disconnects)",
                "ispresent(Departures)",
            );
        },
    },
    Seed {
        check: "saved-queries",
        fault: "a saved query takes a list for a number",
        setting: "off",
        plant: |it| {
            let query = property("SlowSendsQuery", "QueryString");
            reword(
                it,
                "observability",
                &query,
                "ispresent(SendToRelay.0)",
                "ispresent(SendToRelay)",
            );
        },
    },
    Seed {
        check: "saved-queries",
        fault: "a saved query for a field that no line of the trail has",
        setting: "off",
        plant: |it| {
            let query = property("MessageQuery", "QueryString");
            reword(
                it,
                "observability",
                &query,
                "fields.answer",
                "fields.status",
            );
        },
    },
    Seed {
        check: "saved-queries",
        fault: "a saved query for lines of another target than the trail's",
        setting: "off",
        plant: |it| {
            let query = property("MessageQuery", "QueryString");
            reword(it, "observability", &query, "::trail'", "::steps'");
        },
    },
    Seed {
        check: "alarms-tell",
        fault: "an alarm without an action",
        setting: "off",
        plant: |it| {
            it.set(
                "observability",
                &property("UnavailablesAlarm", "AlarmActions"),
                json!([]),
            );
        },
    },
    Seed {
        check: "alarms-tell",
        fault: "the topic does not take alarms",
        setting: "off",
        plant: |it| {
            let action = property("PageTopicPolicy", "PolicyDocument/Statement/0/Action");
            it.set("foundation", &action, "sns:Subscribe");
        },
    },
    Seed {
        check: "keys-let",
        fault: "alarms may not use the key of their topic, and are never sent",
        setting: "off",
        plant: |it| {
            let statements = property("Key", "KeyPolicy/Statement");
            let statements = it
                .at("foundation", &statements)
                .as_array_mut()
                .expect("several");
            let alarms = statements
                .iter_mut()
                .map(|it| &mut it["Principal"]["Service"]);
            let mut alarms = alarms.filter_map(|it| it.as_array_mut());
            let services = alarms.next().expect("services that share a statement");
            services.retain(|it| it != "cloudwatch.amazonaws.com");
        },
    },
    Seed {
        check: "keys-let",
        fault: "what SNS could not deliver cannot be kept: it may not use the queue's key",
        setting: "off",
        plant: |it| {
            let statements = property("Key", "KeyPolicy/Statement");
            let statements = it
                .at("foundation", &statements)
                .as_array_mut()
                .expect("several");
            let alarms = statements
                .iter_mut()
                .map(|it| &mut it["Principal"]["Service"]);
            let mut alarms = alarms.filter_map(|it| it.as_array_mut());
            let services = alarms.next().expect("services that share a statement");
            services.retain(|it| it != "sns.amazonaws.com");
        },
    },
];
