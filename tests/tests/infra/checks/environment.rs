//! What functions are told: what they read, all of it and nothing else.

use std::collections::BTreeSet;

use crate::check::{Check, Finding};
use crate::reading::{Given, PLATFORM, read};
use crate::stacks::{Stacks, entries};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[Check {
    name: "environment",
    reason: "a function that lacks a variable dies at init; one that nobody reads is a setting that does nothing",
    run: environment,
}];

fn environment(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in stacks.functions() {
        let variables = entries(function.resource.get("Environment/Variables"));
        let given: Given = variables
            .map(|(name, value)| (name.clone(), crate::scope::plain(value)))
            .collect();
        let name = function.name.to_lowercase();
        let mut told: BTreeSet<&str> = given.keys().map(String::as_str).collect();
        // Not read: another release is another configuration, so that a version is published.
        if !told.remove("RELEASE") {
            findings.push(Finding::of(
                function.resource,
                "two releases of it would look alike",
            ));
        }
        match read(&name, &given) {
            Err(error) => findings.push(Finding::of(function.resource, error)),
            Ok(asked) => {
                if stacks.setting.is_whole() {
                    let untold = asked.iter().filter(|it| !told.contains(it.as_str()));
                    for variable in untold.filter(|it| is_needed(stacks, &name, it)) {
                        findings.push(Finding::of(
                            function.resource,
                            format!("is not told {variable}"),
                        ));
                    }
                }
                for variable in told.iter().filter(|it| !asked.contains(**it)) {
                    findings.push(Finding::of(
                        function.resource,
                        format!("does not read {variable}"),
                    ));
                }
            }
        }
        if given.get("SWITCHBOARD_ENVIRONMENT").map(String::as_str)
            != Some(stacks.setting.given("EnvName"))
        {
            findings.push(Finding::of(
                function.resource,
                "counts under another environment",
            ));
        }
    }
    findings
}

/// Whether a function has to be told a variable where everything is switched on. The platform tells some itself, and
/// who never pushes has no use for the ways to phones, though its configuration has a place for them.
fn is_needed(stacks: &Stacks<'_>, function: &str, variable: &str) -> bool {
    let platforms = variable.starts_with("SWITCHBOARD_PUSH_");
    let asked = stacks.code.asked.get(function).into_iter().flatten();
    let pushes = asked.into_iter().any(|it| it.starts_with("sns:"));
    !PLATFORM.contains(&variable) && (!platforms || pushes)
}
