//! What is in `infra/`, as it is read, before any parameter has a value.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::yaml;

/// The stacks in the order in which they are deployed: each takes what those before it put out.
pub(crate) const ORDER: [&str; 7] = [
    "foundation",
    "data",
    "identity",
    "push",
    "app",
    "observability",
    "dns",
];

/// The stack that nests the others.
pub(crate) const ROOT: &str = "root";

/// The files, of which a seeded fault changes one.
#[derive(Clone, Debug)]
pub(crate) struct Templates {
    /// The templates by name, in the long form.
    pub(crate) stacks: BTreeMap<String, Value>,
    /// The stack policies by the stack's name.
    pub(crate) policies: BTreeMap<String, Value>,
    /// The parameter files by environment.
    pub(crate) parameters: BTreeMap<String, Value>,
    /// `infra/README.md`, which has the runbook.
    pub(crate) readme: String,
}

impl Templates {
    /// Reads them from the repository.
    pub(crate) fn read() -> Self {
        let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra");
        let json = |text: &str, name: &str| {
            serde_json::from_str(text)
                .unwrap_or_else(|error| panic!("failed to read {name} as JSON: {error}"))
        };
        let stacks = files(&infra, "", ".yaml");
        let policies = files(&infra.join("policies"), "stack-policy-", ".json");
        let parameters = files(&infra.join("params"), "", ".json");
        let jsons = |texts: BTreeMap<String, String>| {
            let read = |(name, text): (String, String)| {
                let value: Value = json(&text, &name);
                (name, value)
            };
            texts.into_iter().map(read).collect()
        };
        Self {
            stacks: stacks
                .into_iter()
                .map(|(name, text)| (name.clone(), yaml::parse(&name, &text)))
                .collect(),
            policies: jsons(policies),
            parameters: jsons(parameters),
            readme: fs::read_to_string(infra.join("README.md")).expect("failed to read the README"),
        }
    }

    /// What stands at a place of a template, to be changed.
    pub(crate) fn at(&mut self, stack: &str, pointer: &str) -> &mut Value {
        self.stacks
            .get_mut(stack)
            .and_then(|it| it.pointer_mut(pointer))
            .unwrap_or_else(|| panic!("{stack}.yaml has nothing at {pointer}"))
    }

    /// Puts a value where there is another one.
    pub(crate) fn set(&mut self, stack: &str, pointer: &str, value: impl Into<Value>) {
        *self.at(stack, pointer) = value.into();
    }

    /// Puts a value where there is none yet.
    pub(crate) fn add(&mut self, stack: &str, parent: &str, key: &str, value: Value) {
        let parent = self.at(stack, parent).as_object_mut();
        let former = parent.expect("no object").insert(key.to_owned(), value);
        assert!(former.is_none(), "{stack}.yaml has {key} already");
    }

    /// Takes away what stands at a place, and returns it.
    pub(crate) fn take(&mut self, stack: &str, pointer: &str) -> Value {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let key = key.replace("~1", "/");
        let taken = match self.at(stack, parent) {
            Value::Array(items) => Some(items.remove(key.parse().expect("no index"))),
            Value::Object(entries) => entries.remove(&key),
            _ => None,
        };
        taken.unwrap_or_else(|| panic!("{stack}.yaml has nothing at {pointer}"))
    }
}

/// The texts of a folder's files by what stands between a prefix and a suffix of their names.
fn files(folder: &Path, prefix: &str, suffix: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("failed to list {}: {error}", folder.display()));
    let paths = entries.map(|it| it.expect("failed to list a folder").path());
    let named = |path: PathBuf| {
        let file = path.file_name()?.to_str()?.to_owned();
        let name = file.strip_prefix(prefix)?.strip_suffix(suffix)?.to_owned();
        let text = fs::read_to_string(&path).expect("failed to read a file");
        Some((name, text))
    };
    paths.filter_map(named).collect()
}
