//! Between the stacks: what one takes, another puts out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::{Check, Finding};
use crate::stacks::{Stacks, entries, filled_by};
use crate::templates::ROOT;

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "references",
        reason: "everything that a template names is there under these parameters, and its rules accept them",
        run: references,
    },
    Check {
        name: "root",
        reason: "the nested stacks are the same stacks: each parameter is one of the child's, each output is put out",
        run: root,
    },
];

fn references(stacks: &Stacks<'_>) -> Vec<Finding> {
    let problems = stacks.problems.iter();
    problems
        .map(|(stack, what)| Finding::at(stack.as_str(), what.as_str()))
        .collect()
}

/// The children of the root by logical id, each with the name of its template.
fn children(root: &Value) -> BTreeMap<&str, (String, &Value)> {
    let stacks =
        entries(&root["Resources"]).filter(|(_, it)| it["Type"] == "AWS::CloudFormation::Stack");
    stacks
        .map(|(id, it)| {
            let url = super::leaves(&it["Properties"]["TemplateURL"]).join("");
            let file = url.rsplit('/').next().unwrap_or_default();
            (
                id.as_str(),
                (file.trim_end_matches(".yaml").to_owned(), &it["Properties"]),
            )
        })
        .collect()
}

fn root(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let templates = &stacks.templates.stacks;
    let Some(root) = templates.get(ROOT) else {
        return vec![Finding::at(ROOT, "the template is missing")];
    };
    let children = children(root);
    for (id, (name, properties)) in &children {
        let at = || format!("{ROOT}/{id}");
        let Some(child) = templates.get(name) else {
            findings.push(Finding::at(
                at(),
                format!("nests {name:?}, which is no template"),
            ));
            continue;
        };
        let given = &properties["Parameters"];
        for (parameter, declared) in entries(&child["Parameters"]) {
            if declared.get("Default").is_none() && given.get(parameter).is_none() {
                findings.push(Finding::at(at(), format!("does not give {parameter}")));
            }
        }
        for (parameter, value) in entries(given) {
            if child["Parameters"].get(parameter).is_none() {
                findings.push(Finding::at(
                    at(),
                    format!("gives {parameter}, which {name} does not take"),
                ));
            }
            for (from, output) in outputs(value) {
                let source = children
                    .get(from.as_str())
                    .and_then(|(name, _)| templates.get(name));
                if source.is_none_or(|it| it["Outputs"].get(&output).is_none()) {
                    findings.push(Finding::at(
                        at(),
                        format!("takes {from}.{output}, which nobody puts out"),
                    ));
                } else if output != filled_by(parameter) {
                    // The stacks one by one are wired by these names.
                    findings.push(Finding::at(
                        at(),
                        format!("calls {from}.{output} {parameter}"),
                    ));
                }
            }
        }
    }
    for (name, value) in entries(&root["Outputs"]) {
        for (from, output) in outputs(value) {
            let source = children
                .get(from.as_str())
                .and_then(|(name, _)| templates.get(name));
            if source.is_none_or(|it| it["Outputs"].get(&output).is_none()) {
                findings.push(Finding::at(
                    format!("{ROOT}/{name}"),
                    format!("puts out {from}.{output}, which nobody does"),
                ));
            }
        }
    }
    findings
}

/// The outputs of nested stacks that an expression names.
fn outputs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(items) => items.iter().flat_map(outputs).collect(),
        Value::Object(entries) => {
            let mut found: Vec<_> = entries.values().flat_map(outputs).collect();
            if let Some([Value::String(stack), Value::String(name)]) =
                value["Fn::GetAtt"].as_array().map(Vec::as_slice)
                && let Some(name) = name.strip_prefix("Outputs.")
            {
                found.push((stack.clone(), name.to_owned()));
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
