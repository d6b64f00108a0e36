//! Alarms and the dashboard: that they can go off, can be drawn, and tell a reader what to do.

use std::collections::BTreeSet;

use crate::check::{Check, Finding};
use crate::rule;
use crate::series::{Math, math_of_alarm, of_dashboard};
use crate::stacks::{Resource, Stacks};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "datapoints",
        reason: "an alarm that waits for more datapoints than it looks at never goes off",
        run: datapoints,
    },
    Check {
        name: "dashboard-body",
        reason: "the body is a text: what is no JSON, or an unknown widget, is found by whoever opens the page",
        run: dashboard_body,
    },
    Check {
        name: "metric-math",
        reason: "an expression over an id that nobody defines has no value, and its alarm no opinion",
        run: metric_math,
    },
    Check {
        name: "composite-rule",
        reason: "a rule is a text: a slip in it, or in an alarm's name, pages nobody",
        run: composite_rule,
    },
    Check {
        name: "runbook",
        reason: "whoever is woken by an alarm reads what it means and what to do, at the place that it names",
        run: runbook,
    },
];

const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";

/// All alarms, single, by math, and composite.
pub(super) fn alarms<'s>(stacks: &'s Stacks<'_>) -> impl Iterator<Item = &'s Resource> {
    let single = stacks.of("AWS::CloudWatch::Alarm");
    single.chain(stacks.of(COMPOSITE))
}

fn datapoints(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in stacks.of("AWS::CloudWatch::Alarm") {
        let periods = it.number("EvaluationPeriods").unwrap_or(0.0);
        let needed = it.number("DatapointsToAlarm").unwrap_or(periods);
        if periods < 1.0 || needed < 1.0 || needed > periods {
            findings.push(Finding::of(
                it,
                format!("waits for {needed} datapoints of {periods}"),
            ));
        }
    }
    findings
}

/// The kinds of widgets that `CloudWatch` knows, from "Dashboard body structure and syntax" in its API reference.
const WIDGETS: [&str; 6] = ["alarm", "custom", "explorer", "log", "metric", "text"];

fn dashboard_body(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let by_name = |it: &Resource| {
        let (region, name) = (&stacks.setting.region, it.text("AlarmName"));
        format!(
            "arn:aws:cloudwatch:{region}:{}:alarm:{name}",
            crate::scope::ACCOUNT
        )
    };
    let known: BTreeSet<String> = alarms(stacks)
        .flat_map(|it| [it.attribute("Arn"), by_name(it)])
        .collect();
    for it in stacks.of("AWS::CloudWatch::Dashboard") {
        let shown = of_dashboard(it);
        if let Some(why) = shown.unreadable {
            findings.push(Finding::of(it, format!("is no dashboard: {why}")));
        }
        for kind in shown
            .kinds
            .iter()
            .filter(|it| !WIDGETS.contains(&it.as_str()))
        {
            findings.push(Finding::of(
                it,
                format!("has a widget of the kind {kind:?}"),
            ));
        }
        for alarm in shown.alarms.iter().filter(|it| !known.contains(*it)) {
            findings.push(Finding::of(it, format!("shows {alarm}, which is no alarm")));
        }
    }
    findings
}

fn metric_math(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut look = |it: &Resource, math: &Math| {
        for expression in &math.expressions {
            for id in identifiers(expression).difference(&math.ids) {
                findings.push(Finding::of(it, format!("{expression} names {id}")));
            }
        }
    };
    for it in stacks.of("AWS::CloudWatch::Alarm") {
        look(it, &math_of_alarm(it));
    }
    for it in stacks.of("AWS::CloudWatch::Dashboard") {
        for math in &of_dashboard(it).math {
            look(it, math);
        }
    }
    for it in stacks.of("AWS::CloudWatch::Alarm") {
        let returning = crate::stacks::many(it.get("Metrics"))
            .filter(|it| {
                it.get("ReturnData")
                    .is_none_or(|it| crate::scope::plain(it) == "true")
            })
            .count();
        // An anomaly band returns two: the metric and the band.
        let wanted = if it.text("ThresholdMetricId").is_empty() {
            1
        } else {
            2
        };
        if it.body["Properties"].get("Metrics").is_some() && returning != wanted {
            findings.push(Finding::of(
                it,
                format!("returns {returning} values, not {wanted}"),
            ));
        }
    }
    findings
}

/// The ids that an expression of metric math names: lower case at the beginning, not in quotes, not called.
fn identifiers(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let unquoted: String = expression
        .split(['\'', '"'])
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ");
    let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    for token in unquoted.split(|it| !word(it)) {
        if token.starts_with(|it: char| it.is_ascii_lowercase()) {
            found.insert(token.to_owned());
        }
    }
    found
}

fn composite_rule(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known: BTreeSet<String> = alarms(stacks)
        .flat_map(|it| {
            [
                it.reference(),
                it.attribute("Arn"),
                it.text("AlarmName").to_owned(),
            ]
        })
        .collect();
    for it in stacks.of(COMPOSITE) {
        match rule::alarms(it.text("AlarmRule")) {
            Ok(named) => {
                let unknown = named.iter().filter(|name| !known.contains(*name));
                for name in unknown {
                    findings.push(Finding::of(it, format!("names {name}, which is no alarm")));
                }
                if named.is_empty() {
                    findings.push(Finding::of(it, "names no alarm"));
                }
            }
            Err(why) => findings.push(Finding::of(it, format!("has a rule that is none: {why}"))),
        }
    }
    findings
}

/// What every alarm's description ends in, before the section's name.
const RUNBOOK: &str = "infra/README.md#";

/// Each alarm names a heading of the README, and each heading of the runbook is named by an alarm.
fn runbook(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let anchors: BTreeSet<String> = anchors(&stacks.templates.readme);
    for it in alarms(stacks) {
        let description = it.text("AlarmDescription");
        let anchor = description.split_once(RUNBOOK).map(|(_, rest)| {
            let slug = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
            rest.split(|it| !slug(it)).next().unwrap_or_default()
        });
        match anchor {
            Some(anchor) if anchors.contains(anchor) => {}
            Some(anchor) => findings.push(Finding::of(
                it,
                format!("names #{anchor}, which the README lacks"),
            )),
            None => findings.push(Finding::of(it, "names no section of the runbook")),
        }
    }
    // A section of the runbook that no alarm names, under whatever setting, is for an alarm that has gone.
    let templates = stacks.templates.stacks.values();
    let texts = templates.flat_map(|it| super::leaves(it));
    let named: BTreeSet<&str> = texts
        .filter_map(|it| Some(it.split_once(RUNBOOK)?.1))
        .collect();
    let sections = anchors.iter().filter(|it| it.starts_with("alarm-"));
    for anchor in sections.filter(|it| !named.contains(it.as_str())) {
        let what = format!("has #{anchor}, and no alarm names it");
        findings.push(Finding::at("README.md", what));
    }
    findings
}

/// The anchors of a Markdown page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| {
        let text = line.trim_start_matches('#');
        (text.len() < line.len() && text.starts_with(' ')).then_some(text.trim())
    });
    let slug = |heading: &str| {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars()
            .filter(|it| it.is_alphanumeric() || matches!(it, '-' | '_'))
            .collect()
    };
    headings.map(slug).collect()
}

#[cfg(test)]
mod tests {
    use super::{anchors, identifiers};

    #[test]
    fn ids_are_what_is_neither_quoted_nor_a_function() {
        let found = identifiers("IF(m1>20,100*e/m1,0)+SEARCH('{x,y} z','Sum')-FILL(m2,REPEAT)");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["e", "m1", "m2"]);
    }

    #[test]
    fn anchors_are_githubs() {
        let found = anchors("# Run book\n## Errors: `message`, 5 %\ntext #no\n#no\n");
        let expected = ["errors-message-5-", "run-book"];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
}
