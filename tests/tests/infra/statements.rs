//! Every statement of every policy document in the stacks, in one form.

use std::rc::Rc;

use serde_json::Value;

use crate::stacks::{Resource, Stacks, many, texts};

/// What a statement's document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It gives a role its rights.
    Grant,
    /// It says who may take a role on.
    Trust,
    /// It stands at a resource and says who may use it.
    Fence,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The resource that has the document.
    pub(crate) owner: Rc<Resource>,
    /// The roles that a grant belongs to.
    pub(crate) roles: Vec<Rc<Resource>>,
    /// The functions that run as those.
    pub(crate) functions: Vec<String>,
    /// What the document is for.
    pub(crate) purpose: Purpose,
    /// Whether it allows.
    pub(crate) allows: bool,
    /// The actions.
    pub(crate) actions: Vec<String>,
    /// The resources.
    pub(crate) resources: Vec<String>,
    /// All of it.
    pub(crate) body: Value,
}

/// Reads all statements.
pub(crate) fn read(stacks: &Stacks<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for resource in &stacks.resources {
        for (purpose, document) in documents(resource) {
            let roles = match resource.kind.as_str() {
                "AWS::IAM::Role" => vec![Rc::clone(resource)],
                _ => texts(resource.get("Roles"))
                    .iter()
                    .filter_map(|role| stacks.referred(role).cloned())
                    .collect(),
            };
            let functions = roles.iter().filter_map(|it| stacks.function_of(it));
            let functions: Vec<String> = functions.collect();
            for body in many(&document["Statement"]) {
                found.push(Statement {
                    owner: Rc::clone(resource),
                    roles: roles.clone(),
                    functions: functions.clone(),
                    purpose,
                    allows: body["Effect"] == "Allow",
                    actions: texts(&body["Action"]),
                    resources: texts(&body["Resource"]),
                    body: body.clone(),
                });
            }
        }
    }
    found
}

/// What is allowed to roles.
pub(crate) fn grants<'s>(stacks: &'s Stacks<'_>) -> impl Iterator<Item = &'s Statement> {
    let all = stacks.statements.iter();
    all.filter(|it| it.allows && it.purpose == Purpose::Grant)
}

impl Statement {
    /// Whether it is a right of a function.
    pub(crate) fn is_of(&self, function: &str) -> bool {
        self.functions.iter().any(|it| it == function)
    }

    /// Whether it covers an action.
    pub(crate) fn covers(&self, action: &str) -> bool {
        self.actions.iter().any(|it| matches(it, action))
    }

    /// The values of a condition key, whatever the operator.
    pub(crate) fn condition(&self, key: &str) -> Vec<String> {
        let operators = self.body["Condition"].as_object().into_iter().flatten();
        let values = operators.filter_map(|(_, keys)| keys.get(key));
        values.flat_map(texts).collect()
    }
}

/// Whether a pattern with stars covers a text, as IAM compares actions: without regard to case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(former) = last.replace(part) {
            let Some((_, after)) = rest.split_once(former) else {
                return false;
            };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

fn documents(resource: &Resource) -> Vec<(Purpose, &Value)> {
    let mut found = Vec::new();
    let grants = resource.kind.starts_with("AWS::IAM::");
    let purpose = if grants {
        Purpose::Grant
    } else {
        Purpose::Fence
    };
    found.push((Purpose::Trust, resource.get("AssumeRolePolicyDocument")));
    found.push((purpose, resource.get("PolicyDocument")));
    found.push((Purpose::Fence, resource.get("KeyPolicy")));
    for policy in many(resource.get("Policies")) {
        found.push((Purpose::Grant, &policy["PolicyDocument"]));
    }
    found.retain(|(_, document)| document.is_object());
    found
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("dynamodb:Scan", "dynamodb:scan", true),
            ("dynamodb:*", "dynamodb:Scan", true),
            ("dynamodb:S*n", "dynamodb:Scan", true),
            ("*", "dynamodb:Scan", true),
            ("dynamodb:Query", "dynamodb:Scan", false),
            ("dynamodb:Sc", "dynamodb:Scan", false),
            ("d*:*c*n", "dynamodb:Scan", true),
            ("d*x*n", "dynamodb:Scan", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
