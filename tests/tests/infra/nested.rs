//! What the root passes to the stacks that it nests.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::scope::Scope;
use crate::stacks::{Stacks, entries};
use crate::templates::ROOT;

/// The parameters of one nested stack. The outputs of those before it are known already.
pub(crate) fn passed(stacks: &mut Stacks<'_>, child: &str) -> BTreeMap<String, Value> {
    let templates = stacks.templates;
    let Some(template) = templates.stacks.get(ROOT) else {
        return BTreeMap::new();
    };
    let scope = Scope {
        stack: ROOT,
        template,
        region: &stacks.setting.region,
        parameters: stacks.parameters(ROOT, template),
        problems: RefCell::default(),
    };
    let resources = entries(&template["Resources"]);
    let nested: BTreeMap<&str, Value> = resources
        .filter_map(|(id, body)| Some((id.as_str(), scope.value(&body["Properties"])?)))
        .collect();
    for problem in scope.problems.into_inner() {
        stacks.note(ROOT, &problem);
    }
    let Some(properties) = nested.values().find(|it| template_of(it) == child) else {
        stacks.note(ROOT, &format!("does not nest {child}"));
        return BTreeMap::new();
    };
    let output = |value: &Value| {
        let inner = value.as_str()?.strip_prefix("<root.")?.strip_suffix('>')?;
        let (id, name) = inner.split_once(".Outputs.")?;
        let stack = template_of(nested.get(id)?).to_owned();
        stacks.outputs.get(&(stack, name.to_owned())).cloned()
    };
    let parameters = entries(&properties["Parameters"]);
    parameters
        .map(|(name, value)| (name.clone(), output(value).unwrap_or_else(|| value.clone())))
        .collect()
}

/// The name of the template at a nested stack's URL.
fn template_of(properties: &Value) -> &str {
    let url = properties["TemplateURL"].as_str().unwrap_or_default();
    let file = url.rsplit('/').next().unwrap_or_default();
    file.trim_end_matches(".yaml")
}
