//! What wakes deliver, how much of it at a time, and what the function applications is asked for.

use serde_json::{Value, json};
use switchboard::deliver::GRACE_MS;
use switchboard_handlers::event::{Change, ResourceEvent, Wanted};

use crate::check::{Check, Finding};
use crate::scope::{ACCOUNT, plain};
use crate::stacks::{Resource, Stacks, entries, many, texts};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "stream-filter",
        reason: "a filter that matches no entry loses every push, one that matches more pays for nothing",
        run: stream_filter,
    },
    Check {
        name: "stream-pace",
        reason: "a batch may wait for the grace: what the lanes hold meanwhile has to exceed what a shard is written",
        run: stream_pace,
    },
    Check {
        name: "platform-applications",
        reason: "what a template asks of the custom resource is what the function reads, all of it",
        run: platform_applications,
    },
];

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// Whether a record passes a pattern, as event filtering has it: each key of the pattern, by one of the alternatives.
fn passes(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(keys) => keys.iter().all(|(key, it)| passes(it, &record[key])),
        Value::Array(alternatives) => alternatives.iter().any(|it| match it {
            Value::Object(test) => test.iter().all(|(name, argument)| match name.as_str() {
                "prefix" => record
                    .as_str()
                    .is_some_and(|it| it.starts_with(&plain(argument))),
                "exists" => record.is_null() != (*argument == true),
                // Not used here: passes nothing, so that its first use is looked at.
                _ => false,
            }),
            exact => exact == record,
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Of the items that were put, exactly the new entries of logs wake deliver.
fn stream_filter(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.of(MAPPING) {
        let patterns = many(it.get("FilterCriteria/Filters"));
        let patterns: Vec<Value> = patterns
            .map(|it| serde_json::from_str(&plain(&it["Pattern"])).unwrap_or_default())
            .collect();
        let wakes = |record: &Value| patterns.iter().any(|it| passes(it, record));
        for (keys, is_entry) in &stacks.code.puts {
            let record = json!({"eventName": "INSERT", "dynamodb": {"Keys": keys}});
            if wakes(&record) != *is_entry {
                findings.push(Finding::of(
                    it,
                    format!("an entry: {is_entry}, and {keys} is not judged so"),
                ));
            }
            let rewritten = json!({"eventName": "MODIFY", "dynamodb": {"Keys": keys}});
            if wakes(&rewritten) {
                findings.push(Finding::of(it, format!("a change of {keys} wakes it")));
            }
        }
    }
    findings
}

/// What DynamoDB lets one shard be written, a second.
const SHARD_WRITES: f64 = 1_000.0;

fn stream_pace(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let grace_s = Value::from(GRACE_MS).as_f64().unwrap_or_default() / 1_000.0;
    for it in stacks.of(MAPPING) {
        let lanes = it.number("ParallelizationFactor").unwrap_or(1.0);
        // What AWS takes where nothing is said.
        let batch = it.number("BatchSize").unwrap_or(100.0);
        if lanes * batch / grace_s < SHARD_WRITES {
            findings.push(Finding::of(
                it,
                format!("{lanes} lanes of {batch} fall behind"),
            ));
        }
        let waits = stacks.functions().filter(|it| it.name == "Deliver");
        for function in waits.filter(|it| {
            it.resource
                .number("Timeout")
                .is_none_or(|s| s < grace_s * 3.0)
        }) {
            findings.push(Finding::of(
                function.resource,
                "has no time to wait, and then to post and push",
            ));
        }
    }
    findings
}

/// Properties that are CloudFormation's own, and one whose only use is that another value asks again.
const UNREAD: [&str; 3] = ["SecretVersion", "ServiceTimeout", "ServiceToken"];

fn platform_applications(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.of("Custom::PlatformApplication") {
        if !is_made_by_applications(stacks, it) {
            findings.push(Finding::of(it, "is not made by the function applications"));
        }
        let properties = &it.body["Properties"];
        let whole = match wanted(it, properties) {
            Ok(whole) => whole,
            Err(why) => {
                findings.push(Finding::of(it, why));
                continue;
            }
        };
        // A property is read if the function wants something else without it.
        for (name, _) in entries(properties).filter(|(name, _)| !UNREAD.contains(&name.as_str())) {
            let mut less = properties.clone();
            if let Some(less) = less.as_object_mut() {
                less.remove(name);
            }
            if wanted(it, &less).is_ok_and(|it| it == whole) {
                findings.push(Finding::of(
                    it,
                    format!("gives {name}, which the function does not read"),
                ));
            }
        }
    }
    findings
}

/// By a reference to the alias, or by its name: then nothing but the dependency says that the alias comes first.
fn is_made_by_applications(stacks: &Stacks<'_>, resource: &Resource) -> bool {
    let token = resource.text("ServiceToken");
    let by_reference = stacks
        .referred(token)
        .is_some_and(|it| it.id == "ApplicationsAlias");
    let depends = texts(&resource.body["DependsOn"]).contains(&"ApplicationsAlias".to_owned());
    let by_name = stacks.functions().any(|it| {
        let name = it.resource.text("FunctionName");
        let region = &stacks.setting.region;
        it.name == "Applications"
            && token == format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}:live")
    });
    by_reference || (by_name && depends)
}

/// What the function understands of a resource's properties.
fn wanted(resource: &Resource, properties: &Value) -> Result<Wanted, String> {
    let texts = entries(properties).map(|(name, value)| (name.clone(), Value::from(plain(value))));
    let event = json!({
        "RequestType": "Create",
        "ResponseURL": "https://example.com/answer",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": resource.id,
        "ResourceProperties": Value::Object(texts.collect()),
    });
    let event: ResourceEvent = serde_json::from_value(event).map_err(|error| error.to_string())?;
    match event.change() {
        Ok(Change::Create(wanted)) => Ok(wanted),
        Ok(other) => Err(format!("is understood as {other:?}")),
        Err(invalid) => Err(invalid.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::passes;

    #[test]
    fn a_record_passes_by_every_key_and_one_alternative() {
        let pattern = json!({"a": ["x", {"prefix": "E#"}], "b": {"c": [{"exists": false}]}});
        for (record, expected) in [
            (json!({"a": "x"}), true),
            (json!({"a": "E#1", "b": {}}), true),
            (json!({"a": "e#1"}), false),
            (json!({"a": "x", "b": {"c": 1}}), false),
            (json!({}), false),
        ] {
            assert_eq!(passes(&pattern, &record), expected, "{record}");
        }
    }
}
