//! Faults that are planted into the templates, each of which its check has to find, and no other.
//!
//! Each is something that was seen, or that somebody could easily do, and that deploys or passes a linter.

mod api;
mod data;
mod network;
mod rights;
mod running;
mod seen;

use serde_json::{Value, json};

use crate::templates::Templates;

/// One fault.
pub(crate) struct Seed {
    /// The check that finds it.
    pub(crate) check: &'static str,
    /// What somebody did.
    pub(crate) fault: &'static str,
    /// The setting under which it shows.
    pub(crate) setting: &'static str,
    /// Does it.
    pub(crate) plant: fn(&mut Templates),
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Seed> {
    [
        api::SEEDS,
        data::SEEDS,
        network::SEEDS,
        rights::SEEDS,
        running::SEEDS,
        seen::SEEDS,
    ]
    .into_iter()
    .flatten()
}

/// The pointer of a property.
fn property(id: &str, path: &str) -> String {
    format!("/Resources/{id}/Properties/{path}")
}

/// The statements of a role's first policy.
fn statements<'t>(templates: &'t mut Templates, stack: &str, role: &str) -> &'t mut Vec<Value> {
    let pointer = property(role, "Policies/0/PolicyDocument/Statement");
    let statements = templates.at(stack, &pointer).as_array_mut();
    statements.expect("a policy has statements")
}

/// Gives a role one more right.
fn allow(templates: &mut Templates, stack: &str, role: &str, action: &str, resource: &Value) {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    statements(templates, stack, role).push(statement);
}

/// The statement of a role by its `Sid`.
fn statement<'t>(
    templates: &'t mut Templates,
    stack: &str,
    role: &str,
    sid: &str,
) -> &'t mut Value {
    let mut found = statements(templates, stack, role).iter_mut();
    found
        .find(|it| it["Sid"] == sid)
        .expect("no such statement")
}

/// Replaces one text by another, in a text that is far longer.
fn reword(templates: &mut Templates, stack: &str, pointer: &str, from: &str, to: &str) {
    let value = templates.at(stack, pointer);
    let text = value.as_str().expect("no text");
    assert!(
        text.contains(from),
        "{stack}.yaml{pointer} does not say {from}"
    );
    *value = Value::from(text.replace(from, to));
}
