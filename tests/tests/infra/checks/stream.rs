//! What runs without anybody waiting for it: the stream, the schedule, the topics, and where their failures go.

use crate::check::{Check, Finding};
use crate::series::of_alarm;
use crate::stacks::{Resource, Stacks, many, texts};
use crate::statements::grants;

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "stream-mapping",
        reason: "one bad record must not hold up its shard, nor one failed entry its batch, and none may be lost",
        run: stream_mapping,
    },
    Check {
        name: "dead-letters",
        reason: "what could not be delivered waits in a queue that somebody is told of",
        run: dead_letters,
    },
    Check {
        name: "callers",
        reason: "a schedule or a topic calls an alias that lets it, or nothing happens and nobody hears of it",
        run: callers,
    },
];

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const QUEUE: &str = "AWS::SQS::Queue";

fn alias<'s>(stacks: &'s Stacks<'_>, text: &str) -> Option<&'s Resource> {
    let found = stacks.referred(text)?;
    (found.kind == "AWS::Lambda::Alias" && found.reference() == text).then_some(found)
}

fn stream_mapping(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stacks.of(MAPPING).count() != 1 {
        findings.push(Finding::at("app", "the stream does not have one reader"));
    }
    for it in stacks.of(MAPPING) {
        let mut must = |holds: bool, what: &str| {
            if !holds {
                findings.push(Finding::of(it, what));
            }
        };
        let reader = alias(stacks, it.text("FunctionName"));
        must(
            reader.is_some_and(|it| it.id == "DeliverAlias"),
            "does not call deliver's alias",
        );
        let stream = it.text("EventSourceArn");
        must(
            stream.ends_with(".ChatTable.StreamArn>") || !stacks.setting.is_home(),
            "does not read the log's stream",
        );
        must(
            crate::scope::plain(it.get("Enabled")) == stacks.setting.is_home().to_string(),
            "runs in another Region than the log's home",
        );
        must(
            texts(it.get("FunctionResponseTypes")) == ["ReportBatchItemFailures"],
            "repeats whole batches",
        );
        must(
            it.is_on("BisectBatchOnFunctionError"),
            "does not part a batch that fails",
        );
        must(
            it.number("MaximumRetryAttempts")
                .is_some_and(|it| (1.0..=10_000.0).contains(&it)),
            "tries for ever, or once",
        );
        must(
            it.text("StartingPosition") == "TRIM_HORIZON",
            "skips what is there already",
        );
        let factor = it.number("ParallelizationFactor").unwrap_or(1.0);
        must(
            (1.0..=10.0).contains(&factor),
            "runs more batches than there may be",
        );
        let queue = it.text("DestinationConfig/OnFailure/Destination");
        let queue = stacks.referred(queue).filter(|it| it.kind == QUEUE);
        must(queue.is_some(), "loses what fails for good");
        let arn = queue.map(|it| it.attribute("Arn"));
        let of_it = || grants(stacks).filter(|it| it.is_of("deliver"));
        must(
            of_it().any(|it| {
                it.covers("sqs:SendMessage")
                    && it.resources.iter().any(|it| Some(it) == arn.as_ref())
            }),
            "its role may not send to the queue",
        );
        for action in ["DescribeStream", "GetRecords", "GetShardIterator"] {
            let action = format!("dynamodb:{action}");
            must(
                of_it().any(|it| it.covers(&action) && it.resources.iter().any(|it| it == stream)),
                "its role may not read the stream",
            );
        }
    }
    findings
}

/// Each queue is watched, kept long enough to be looked at, and encrypted.
fn dead_letters(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let watched: Vec<_> = stacks
        .of("AWS::CloudWatch::Alarm")
        .flat_map(of_alarm)
        .filter(|it| it.metric == "ApproximateNumberOfMessagesVisible")
        .collect();
    for queue in stacks.of(QUEUE) {
        let names = [
            queue.attribute("QueueName"),
            queue.text("QueueName").to_owned(),
        ];
        let seen = |name: &String| {
            watched
                .iter()
                .any(|it| it.dimension("QueueName") == Some(name))
        };
        if !names.iter().any(seen) {
            findings.push(Finding::of(queue, "fills up unseen"));
        }
        // The longest that SQS keeps a message, and a weekend is two days of it.
        if queue.number("MessageRetentionPeriod") != Some(1_209_600.0) {
            findings.push(Finding::of(queue, "forgets within less than 14 days"));
        }
        if queue.text("KmsMasterKeyId").is_empty() {
            findings.push(Finding::of(queue, "is not encrypted with our key"));
        }
    }
    findings
}

fn callers(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lets = |alias: &str, principal: &str, source: &str| {
        stacks.of("AWS::Lambda::Permission").any(|it| {
            it.text("FunctionName") == alias
                && it.text("Principal") == principal
                && it.text("Action") == "lambda:InvokeFunction"
                && it.text("SourceArn") == source
        })
    };
    let mut scheduled = false;
    for rule in stacks.of("AWS::Events::Rule") {
        for target in many(rule.get("Targets")) {
            let called = target["Arn"].as_str().unwrap_or_default();
            scheduled |= alias(stacks, called).is_some_and(|it| it.id == "CensusAlias")
                && rule.text("ScheduleExpression") == "rate(1 minute)"
                && rule.text("State") != "DISABLED";
            if alias(stacks, called).is_none()
                || !lets(called, "events.amazonaws.com", &rule.attribute("Arn"))
            {
                findings.push(Finding::of(
                    rule,
                    format!("calls {called}, which does not let it"),
                ));
            }
        }
    }
    if !scheduled {
        findings.push(Finding::at("app", "nobody calls census each minute"));
    }
    for it in stacks
        .of("AWS::SNS::Subscription")
        .filter(|it| it.text("Protocol") == "lambda")
    {
        let (called, topic) = (it.text("Endpoint"), it.text("TopicArn"));
        if alias(stacks, called).is_none() || !lets(called, "sns.amazonaws.com", topic) {
            findings.push(Finding::of(
                it,
                format!("calls {called}, which does not let it"),
            ));
        }
    }
    for it in stacks.of("AWS::Lambda::Permission") {
        let outside =
            !it.text("FunctionName").is_empty() && alias(stacks, it.text("FunctionName")).is_none();
        if it.text("SourceArn").is_empty() || it.text("Principal").contains('*') || outside {
            findings.push(Finding::of(
                it,
                "lets more call than one source, or another than an alias",
            ));
        }
    }
    findings
}
