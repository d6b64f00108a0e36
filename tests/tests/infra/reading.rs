//! The configuration that each function reads, by the code that reads it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use switchboard_handlers::config::{self, Aws, Config, Misconfigured, Variables};

/// A function's variables.
pub(crate) type Given = BTreeMap<String, String>;

/// What the platform tells every function.
pub(crate) const PLATFORM: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// Variables that remember what they were asked for.
struct Asked<'g> {
    given: &'g Given,
    names: RefCell<BTreeSet<String>>,
}

impl Variables for Asked<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.names.borrow_mut().insert(name.to_owned());
        let value = if PLATFORM.contains(&name) {
            Some("the platform's".to_owned())
        } else {
            self.given.get(name).cloned()
        };
        value.filter(|it| !it.is_empty())
    }
}

/// Reads a function's configuration, and returns the names that it asked for, or what is missing.
pub(crate) fn read(function: &str, given: &Given) -> Result<BTreeSet<String>, String> {
    let asked = Asked {
        given,
        names: RefCell::default(),
    };
    let read = configure(function, &asked);
    read.map_err(|error| error.to_string())?;
    Ok(asked.names.into_inner())
}

/// What the functions' mains read, and nothing else.
fn configure(function: &str, asked: &Asked<'_>) -> Result<(), Misconfigured> {
    config::environment(asked)?;
    match function {
        "authorize" => {
            config::trust(asked)?;
            config::endpoint_url(asked);
        }
        "connect" | "disconnect" | "message" | "deliver" => {
            Aws::read(asked)?;
            Config::read(asked)?;
        }
        "census" => {
            Aws::read(asked)?;
            config::connections_table(asked)?;
        }
        "feedback" => {
            Aws::read(asked)?;
            config::chat_table(asked)?;
        }
        "applications" => _ = Aws::read(asked)?,
        other => panic!("what does {other} read?"),
    }
    Ok(())
}
