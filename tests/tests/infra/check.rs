//! What a check is, and what it finds.

use crate::stacks::{Resource, Stacks};

/// Something that a template must not say.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The stack and the logical id.
    pub(crate) at: String,
    /// What is wrong.
    pub(crate) what: String,
}

/// A rule over the evaluated stacks.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    /// What a finding is called by.
    pub(crate) name: &'static str,
    /// Why the rule is there.
    pub(crate) reason: &'static str,
    /// Everything that breaks it.
    pub(crate) run: fn(&Stacks<'_>) -> Vec<Finding>,
}

impl Finding {
    /// A finding about a resource.
    pub(crate) fn of(resource: &Resource, what: impl Into<String>) -> Self {
        Self::at(resource.at(), what)
    }

    /// A finding about a place.
    pub(crate) fn at(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at: place.into(),
            what: what.into(),
        }
    }
}
