//! Faults that are planted into the templates, each of which its check has to find.

use crate::templates::Templates;

/// One fault.
pub(crate) struct Seed {
    /// The check that finds it.
    pub(crate) check: &'static str,
    /// What somebody could do wrong.
    pub(crate) fault: &'static str,
    /// The setting under which it shows.
    pub(crate) setting: &'static str,
    /// Does it.
    pub(crate) plant: fn(&mut Templates),
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Seed> {
    [].into_iter()
}
