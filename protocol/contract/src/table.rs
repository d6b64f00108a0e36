//! The tables: everything that travels, in the order in which it is to be read.

mod client;
mod errors;
mod server;
mod values;

pub use errors::{Explained, codes};

use crate::shape::Definition;

/// Something that a client may ask for.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its forms.
    pub frames: Vec<Definition>,
    /// The definition of its reply, if it is answered when it succeeds.
    pub reply: Option<&'static str>,
    /// The codes that it alone may be refused with, beside those of [`Action::ALWAYS`].
    pub errors: &'static [&'static str],
}

impl Action {
    /// The codes that any action may be refused with.
    pub const ALWAYS: [&'static str; 3] = ["bad_request", "token_expired", "unavailable"];
}

/// Something that the gateway says.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: &'static str,
    /// Its forms.
    pub frames: Vec<Definition>,
}

/// The whole contract.
#[derive(Clone, Debug)]
pub struct Contract {
    /// What clients say.
    pub actions: Vec<Action>,
    /// What the gateway says.
    pub events: Vec<Event>,
    /// Everything with a name, frames included.
    pub definitions: Vec<Definition>,
}

impl Contract {
    /// The contract as it is.
    pub fn new() -> Self {
        let (actions, events) = (client::actions(), server::events());
        let mut definitions = values::plain();
        definitions.extend(values::bodies());
        definitions.extend(values::objects());
        definitions.extend(actions.iter().flat_map(|it| it.frames.clone()));
        definitions.push(client::any_frame(&actions));
        definitions.extend(events.iter().flat_map(|it| it.frames.clone()));
        definitions.extend(server::unions(&events));
        Self {
            actions,
            events,
            definitions,
        }
    }

    /// The definition of that name.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|it| it.name == name)
    }
}

impl Default for Contract {
    fn default() -> Self {
        Self::new()
    }
}
