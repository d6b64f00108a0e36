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

/// Where something is encrypted with our key, the key lets the service that writes there use it: of logs their own
/// service, of queues and topics the services that their policies let in.
fn keys_let(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let logs = format!("logs.{}.amazonaws.com", stacks.setting.region);
    let mut written: Vec<(&Resource, String)> = Vec::new();
    for it in stacks.of("AWS::Logs::LogGroup") {
        written.push((it, logs.clone()));
    }
    for it in stacks
        .statements
        .iter()
        .filter(|it| it.allows && it.purpose == Purpose::Fence)
    {
        let places = it.resources.iter().filter_map(|it| stacks.referred(it));
        for place in places.filter(|it| it.kind == TOPIC || it.kind == "AWS::SQS::Queue") {
            let services = texts(&it.body["Principal"]["Service"]);
            written.extend(
                services
                    .into_iter()
                    .map(|service| (place.as_ref(), service)),
            );
        }
    }
    for (place, service) in written {
        let mut keys = ["KmsKeyId", "KmsMasterKeyId"].into_iter();
        let key = keys.find_map(|it| stacks.referred(place.text(it)));
        let Some(key) = key.filter(|it| it.kind == "AWS::KMS::Key") else {
            findings.push(Finding::of(place, "is not encrypted with our key"));
            continue;
        };
        for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
            if !lets(stacks, key, &service, action) {
                findings.push(Finding::of(place, format!("{service} may not {action}")));
            }
        }
    }
    findings
}
