//! Whatever an alarm watches, or the dashboard draws, exists: the code emits it, or AWS documents it.

use switchboard::trail::{FIELDS, TARGET};
use switchboard_handlers::emf::NAMESPACE;

use crate::check::{Check, Finding};
use crate::code::Code;
use crate::documented::{BY_HAND, DOCUMENTED};
use crate::series::{Series, of_alarm, of_dashboard};
use crate::stacks::{Resource, Stacks, texts};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "metrics-exist",
        reason: "a misspelt metric is a valid one that never has data: the alarm is silent, the graph empty",
        run: metrics_exist,
    },
    Check {
        name: "metrics-are-ours",
        reason: "a metric of another API, table or function looks well while ours is on fire",
        run: metrics_are_ours,
    },
    Check {
        name: "saved-queries",
        reason: "a query over a log, or a number, that is not there is found when something else is on fire",
        run: saved_queries,
    },
];

/// Every metric that is named, with who names it.
fn named<'s>(stacks: &'s Stacks<'_>) -> Vec<(&'s Resource, Series)> {
    let watching = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::AnomalyDetector"];
    let watching = watching.into_iter().flat_map(|kind| stacks.of(kind));
    let watched = watching.flat_map(|it| of_alarm(it).into_iter().map(move |series| (it, series)));
    let dashboards = stacks.of("AWS::CloudWatch::Dashboard");
    let drawn = dashboards.flat_map(|it| {
        of_dashboard(it)
            .series
            .into_iter()
            .map(move |series| (it, series))
    });
    watched.chain(drawn).collect()
}

fn metrics_exist(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (resource, series) in named(stacks) {
        let dimensions: Vec<&str> = series.dimensions.keys().map(String::as_str).collect();
        let exists = if series.namespace == NAMESPACE {
            Code::emits(&series.metric, &dimensions)
                || BY_HAND.contains(&(series.metric.as_str(), dimensions.as_slice()))
        } else {
            DOCUMENTED.iter().any(|it| {
                it.namespace == series.namespace
                    && it.metrics.contains(&series.metric.as_str())
                    && it.dimensions.contains(&dimensions.as_slice())
            })
        };
        if !exists {
            let Series {
                namespace,
                metric,
                dimensions,
            } = series;
            findings.push(Finding::of(
                resource,
                format!("names {namespace} {metric} {dimensions:?}"),
            ));
        }
    }
    findings
}

/// What a dimension's value has to be, where it names something of ours.
fn metrics_are_ours(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (resource, series) in named(stacks) {
        for (dimension, value) in &series.dimensions {
            // A search draws whatever has the dimension.
            if !value.is_empty() && !is_ours(stacks, dimension, value) {
                findings.push(Finding::of(
                    resource,
                    format!("watches {dimension} {value}"),
                ));
            }
        }
    }
    findings
}

fn is_ours(stacks: &Stacks<'_>, dimension: &str, value: &str) -> bool {
    let named = |kind: &str, property: &str| {
        stacks
            .of(kind)
            .any(|it| it.reference() == value || it.text(property) == value)
    };
    match dimension {
        "ApiId" => named("AWS::ApiGatewayV2::Api", ""),
        "Stage" => named("AWS::ApiGatewayV2::Stage", "StageName"),
        "Route" => stacks
            .of("AWS::ApiGatewayV2::Route")
            .any(|it| it.text("RouteKey") == value),
        "FunctionName" => named("AWS::Lambda::Function", "FunctionName"),
        // `name:live`, of the same function.
        "Resource" => value.rsplit_once(':').is_some_and(|(function, alias)| {
            alias == "live" && is_ours(stacks, "FunctionName", function)
        }),
        "TableName" => {
            stacks.table_names.contains_key(value)
                || named("AWS::DynamoDB::GlobalTable", "TableName")
        }
        "GlobalSecondaryIndexName" => stacks.code.indexes.iter().any(|(_, index)| index == value),
        "QueueName" => stacks
            .of("AWS::SQS::Queue")
            .any(|it| it.attribute("QueueName") == value || it.text("QueueName") == value),
        "TopicName" => stacks
            .of("AWS::SNS::Topic")
            .any(|it| it.attribute("TopicName") == value || it.text("TopicName") == value),
        "RuleName" => named("AWS::Events::Rule", "Name"),
        "LogGroupName" => named("AWS::Logs::LogGroup", "LogGroupName"),
        "NatGatewayId" => stacks
            .referred(value)
            .is_some_and(|it| it.kind == "AWS::EC2::NatGateway"),
        "CertificateArn" => named("AWS::CertificateManager::Certificate", ""),
        "HealthCheckId" => stacks
            .referred(value)
            .is_some_and(|it| it.kind == "AWS::Route53::HealthCheck"),
        "UserPool" => named("AWS::Cognito::UserPool", ""),
        "UserPoolClient" => named("AWS::Cognito::UserPoolClient", ""),
        "ReceivingRegion" => {
            value == stacks.setting.region || value == stacks.setting.given("ReplicaRegion")
        }
        "Environment" => value == stacks.setting.given("EnvName"),
        "Function" => stacks.functions().any(|it| it.name.to_lowercase() == value),
        // Of the code's own metrics, the values are the code's.
        "Role" | "Reason" => stacks.code.labels.iter().any(|it| it == value),
        "Operation" => stacks.code.calls.values().flatten().any(|(action, _)| {
            action == &format!("dynamodb:{value}") || value == "TransactWriteItems"
        }),
        _ => false,
    }
}

fn saved_queries(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for query in stacks.of("AWS::Logs::QueryDefinition") {
        for log in texts(query.get("LogGroupNames")) {
            if !is_ours(stacks, "LogGroupName", &log) {
                findings.push(Finding::of(
                    query,
                    format!("reads {log}, which is no log of ours"),
                ));
            }
        }
        findings.extend(trail(query));
        // Fields that begin like metrics are metrics: the platform's begin with `@`, the log's own are in small letters.
        for asked in query.text("QueryString").split("ispresent(").skip(1) {
            let field = asked.split(')').next().unwrap_or_default();
            let metric = field.starts_with(|it: char| it.is_ascii_uppercase());
            if metric && !Code::writes(field) {
                findings.push(Finding::of(
                    query,
                    format!("asks for {field}, which nobody writes"),
                ));
            }
        }
    }
    findings
}

/// What a query asks of the lines of the log, beside the platform's own: the trail's fields, and the message of any other.
fn trail(query: &Resource) -> Vec<Finding> {
    let text = query.text("QueryString");
    let mut findings = Vec::new();
    for asked in text.split("fields.").skip(1) {
        let end = asked.find(|it: char| !it.is_ascii_lowercase());
        let field = asked.split_at(end.unwrap_or(asked.len())).0;
        if field != "message" && !FIELDS.contains(&field) {
            let why = format!("asks for the field {field}, which no line has");
            findings.push(Finding::of(query, why));
        }
    }
    for asked in text.split("target = '").skip(1) {
        if !asked.starts_with(&format!("{TARGET}'")) {
            findings.push(Finding::of(query, "asks for lines that nobody writes"));
        }
    }
    findings
}
