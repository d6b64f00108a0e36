//! Functions: how long they may take, how they are released, where they log, and who sees them fail.

use crate::check::{Check, Finding};
use crate::series::{of_alarm, of_dashboard};
use crate::stacks::{Function, Resource, Stacks};
use crate::statements::{grants, matches};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "timeout",
        reason: "API Gateway gives up after 29 s: a function that goes on does work that nobody waits for",
        run: timeout,
    },
    Check {
        name: "release",
        reason: "routes lead to an alias of a version that is kept, so that a release can be shifted and taken back",
        run: release,
    },
    Check {
        name: "log-group",
        reason: "a group that Lambda makes by itself keeps everything for ever",
        run: log_group,
    },
    Check {
        name: "log-rights",
        reason: "a function writes to its own log and to no other",
        run: log_rights,
    },
    Check {
        name: "error-alarm",
        reason: "a function that fails unseen is found by its users",
        run: error_alarm,
    },
    Check {
        name: "duration-alarm",
        reason: "a call ends at its timeout: an alarm that waits for longer ones never goes off",
        run: duration_alarm,
    },
    Check {
        name: "dashboard-line",
        reason: "what is not on the one page that is looked at is not looked at",
        run: dashboard_line,
    },
];

/// API Gateway's bound on an integration, which cannot be raised for WebSocket APIs.
const INTEGRATION_S_MAX: f64 = 29.0;

/// The functions that API Gateway waits for.
const AWAITED: [&str; 4] = ["Authorize", "Connect", "Disconnect", "Message"];

fn timeout(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.functions() {
        let bound = it.resource.number("Timeout");
        let awaited = AWAITED.contains(&it.name);
        if bound.is_none_or(|s| awaited && s >= INTEGRATION_S_MAX) {
            findings.push(Finding::of(it.resource, format!("may take {bound:?} s")));
        }
    }
    for it in stacks.of("AWS::ApiGatewayV2::Integration") {
        if it
            .number("TimeoutInMillis")
            .is_some_and(|ms| ms < INTEGRATION_S_MAX * 1_000.0)
        {
            findings.push(Finding::of(it, "gives up before a function may have to"));
        }
    }
    findings
}

/// A logical id's resource beside the function.
fn beside<'s>(stacks: &'s Stacks<'_>, function: Function<'_>, what: &str) -> Option<&'s Resource> {
    let id = format!("{}{what}", function.name);
    let stack = &function.resource.stack;
    stacks.all().find(|it| it.stack == *stack && it.id == id)
}

fn release(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.functions() {
        let (version, alias) = (beside(stacks, it, "Version"), beside(stacks, it, "Alias"));
        let (Some(version), Some(alias)) = (version, alias) else {
            findings.push(Finding::of(it.resource, "has no version, or no alias"));
            continue;
        };
        let release = stacks.setting.release();
        let name = it.resource.reference();
        let versioned =
            version.text("FunctionName") == name && version.text("Description") == release;
        let kept = version.body["DeletionPolicy"] == "Retain"
            && version.body["UpdateReplacePolicy"] == "Retain";
        if !versioned || !kept {
            findings.push(Finding::of(version, "is not this release's version, kept"));
        }
        if alias.text("FunctionName") != name
            || alias.text("Name") != "live"
            || alias.text("FunctionVersion") != version.attribute("Version")
        {
            findings.push(Finding::of(
                alias,
                "is not `live` of this release's version",
            ));
        }
        if it.resource.text("Runtime") != "provided.al2023"
            || it.resource.text("Handler") != "bootstrap"
        {
            findings.push(Finding::of(
                it.resource,
                "does not run `bootstrap` on provided.al2023",
            ));
        }
    }
    findings
}

fn log_group(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.functions() {
        let group = beside(stacks, it, "LogGroup").filter(|it| it.kind == "AWS::Logs::LogGroup");
        let named = it.resource.text("FunctionName");
        let uses = |group: &Resource| {
            let by_name = group.text("LogGroupName") == format!("/aws/lambda/{named}");
            let by_reference = it.resource.text("LoggingConfig/LogGroup") == group.reference()
                || it.resource.text("LoggingConfig/LogGroup") == group.text("LogGroupName");
            (!named.is_empty() && by_name) || by_reference
        };
        if !group.is_some_and(|group| uses(group) && group.number("RetentionInDays").is_some()) {
            findings.push(Finding::of(
                it.resource,
                "has no log group with a retention",
            ));
        }
    }
    findings
}

fn log_rights(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.functions() {
        let name = it.name.to_lowercase();
        let mut writes = false;
        let Some(group) = beside(stacks, it, "LogGroup") else {
            continue;
        };
        for grant in grants(stacks).filter(|it| it.is_of(&name)) {
            let mut logs = grant
                .actions
                .iter()
                .filter(|it| matches("logs:*", it))
                .peekable();
            if logs.peek().is_none() {
                continue;
            }
            writes |= grant.covers("logs:PutLogEvents") && grant.covers("logs:CreateLogStream");
            let makes = logs.any(|it| it == "logs:CreateLogGroup");
            let own = |resource: &String| {
                let name = group.text("LogGroupName");
                resource.starts_with(&group.attribute("Arn"))
                    || (!name.is_empty() && resource.contains(&format!(":log-group:{name}:")))
            };
            if makes || !grant.resources.iter().all(own) {
                findings.push(Finding::of(
                    &grant.owner,
                    format!("logs to {:?}", grant.resources),
                ));
            }
        }
        if !writes {
            findings.push(Finding::of(it.resource, "may not write its log"));
        }
    }
    findings
}

/// The ways in which a metric's dimension may name a function.
fn names(function: &Resource) -> [String; 2] {
    [
        function.reference(),
        function.text("FunctionName").to_owned(),
    ]
}

fn error_alarm(stacks: &Stacks<'_>) -> Vec<Finding> {
    let alarms: Vec<_> = stacks
        .of("AWS::CloudWatch::Alarm")
        .flat_map(of_alarm)
        .collect();
    let watched = |function: &Resource| {
        alarms.iter().any(|it| {
            (it.namespace.as_str(), it.metric.as_str()) == ("AWS/Lambda", "Errors")
                && names(function)
                    .iter()
                    .any(|name| it.dimension("FunctionName") == Some(name))
        })
    };
    stacks
        .functions()
        .filter(|it| !watched(it.resource))
        .map(|it| Finding::of(it.resource, "has no alarm on its errors"))
        .collect()
}

fn dashboard_line(stacks: &Stacks<'_>) -> Vec<Finding> {
    let dashboards: Vec<_> = stacks
        .of("AWS::CloudWatch::Dashboard")
        .map(of_dashboard)
        .collect();
    // What cannot be read is another check's.
    if dashboards.iter().any(|it| it.unreadable.is_some()) {
        return Vec::new();
    }
    let lines = dashboards.iter().flat_map(|it| &it.series);
    let lines: Vec<_> = lines.filter(|it| it.namespace == "AWS/Lambda").collect();
    let shown = |function: &Resource| {
        let names = names(function);
        let name = |line: &&crate::series::Series| {
            names
                .iter()
                .any(|name| line.dimension("FunctionName") == Some(name))
        };
        lines.iter().any(name)
    };
    stacks
        .functions()
        .filter(|it| !shown(it.resource))
        .map(|it| Finding::of(it.resource, "is not on the dashboard"))
        .collect()
}

fn duration_alarm(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alarm in stacks.of("AWS::CloudWatch::Alarm") {
        let watched = of_alarm(alarm);
        let durations = watched.iter().filter(|it| it.metric == "Duration");
        for series in durations.filter(|it| it.namespace == "AWS/Lambda") {
            let name = series.dimension("FunctionName");
            let function = stacks.functions();
            let mut function =
                function.filter(|it| names(it.resource).iter().any(|it| Some(it) == name));
            let bound = function.next().and_then(|it| it.resource.number("Timeout"));
            // What a function may take is no news, half of it is.
            let half_ms = bound.unwrap_or_default() * 500.0;
            if alarm.number("Threshold").is_none_or(|ms| ms > half_ms) {
                findings.push(Finding::of(
                    alarm,
                    format!("waits for more than {half_ms} ms"),
                ));
            }
        }
    }
    findings
}
