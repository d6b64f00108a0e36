//! What functions are told: what they read, all of it and nothing else.

use std::collections::BTreeSet;

use crate::check::{Check, Finding};
use crate::reading::{Given, read};
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
            findings.push(Finding::of(function.resource, "two releases of it would look alike"));
        }
        match read(&name, &given) {
            Err(error) => findings.push(Finding::of(function.resource, error)),
            Ok(asked) => {
                for variable in told.iter().filter(|it| !asked.contains(**it)) {
                    findings.push(Finding::of(function.resource, format!("does not read {variable}")));
                }
            }
        }
        if given.get("SWITCHBOARD_ENVIRONMENT").map(String::as_str) != Some(stacks.setting.given("EnvName")) {
            findings.push(Finding::of(function.resource, "counts under another environment"));
        }
    }
    findings
}
