//! That an alarm reaches somebody: its topics are there, and neither a topic's policy nor a key is in between.

use crate::check::{Check, Finding};
use crate::stacks::{Resource, Stacks, texts};
use crate::statements::Purpose;

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "alarms-tell",
        reason: "an alarm without an action, or to a topic that does not take it, is a light in an empty room",
        run: alarms_tell,
    },
    Check {
        name: "keys-let",
        reason: "a service that may not use a key fails silently at whatever is encrypted with it",
        run: keys_let,
    },
];

const TOPIC: &str = "AWS::SNS::Topic";

fn alarms_tell(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alarm in super::alarms::alarms(stacks) {
        let actions = texts(alarm.get("AlarmActions"));
        if actions.is_empty() || alarm.text("ActionsEnabled") == "false" {
            findings.push(Finding::of(alarm, "tells nobody"));
        }
        for action in actions.iter().chain(&texts(alarm.get("OKActions"))) {
            let topic = stacks.referred(action).filter(|it| it.kind == TOPIC);
            if !topic.is_some_and(|it| lets(stacks, it, "cloudwatch.amazonaws.com", "sns:Publish"))
            {
                findings.push(Finding::of(
                    alarm,
                    format!("tells {action}, which does not listen"),
                ));
            }
        }
    }
    findings
}

/// Whether a statement at a resource, or about it, lets a service do something.
fn lets(stacks: &Stacks<'_>, resource: &Resource, service: &str, action: &str) -> bool {
    let names = [resource.reference(), resource.attribute("Arn")];
    stacks.statements.iter().any(|it| {
        let about =
            it.owner.at() == resource.at() || it.resources.iter().any(|it| names.contains(it));
        let services = texts(&it.body["Principal"]["Service"]);
        it.purpose == Purpose::Fence
            && it.allows
            && about
            && it.covers(action)
            && services.iter().any(|it| it == service)
    })
}

/// Where something is encrypted with a key of ours, the key lets the service that writes there use it.
fn keys_let(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let logs = format!("logs.{}.amazonaws.com", stacks.setting.region);
    for it in &stacks.resources {
        let (property, service) = match it.kind.as_str() {
            "AWS::Logs::LogGroup" => ("KmsKeyId", logs.as_str()),
            // Whoever publishes to a topic encrypts; of services those are the alarms, or SNS itself with its events.
            TOPIC if told_by_alarms(stacks, it) => ("KmsMasterKeyId", "cloudwatch.amazonaws.com"),
            TOPIC => ("KmsMasterKeyId", "sns.amazonaws.com"),
            _ => continue,
        };
        let key = stacks.referred(it.text(property));
        let Some(key) = key.filter(|it| it.kind == "AWS::KMS::Key") else {
            findings.push(Finding::of(it, "is not encrypted with our key"));
            continue;
        };
        for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
            if !lets(stacks, key, service, action) {
                findings.push(Finding::of(it, format!("{service} may not {action}")));
            }
        }
    }
    findings
}

fn told_by_alarms(stacks: &Stacks<'_>, topic: &Resource) -> bool {
    super::alarms::alarms(stacks)
        .flat_map(|it| texts(it.get("AlarmActions")))
        .any(|it| it == topic.reference())
}
