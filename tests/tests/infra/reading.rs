//! The configuration that each function reads, by the code that reads it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use switchboard_handlers::config::{self, Aws, Config, Misconfigured, Variables};

/// A function's variables.
pub(crate) type Given = BTreeMap<String, String>;

/// Variables that remember what they were asked for.
struct Asked<'g> {
    given: &'g Given,
    names: RefCell<BTreeSet<String>>,
}

impl Variables for Asked<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.names.borrow_mut().insert(name.to_owned());
        // The platform's own.
        let value = match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("a-key".to_owned()),
            name => self.given.get(name).cloned(),
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
        "authorize" => _ = config::trust(asked)?,
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
