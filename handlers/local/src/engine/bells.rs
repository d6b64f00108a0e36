//! Who is told that a table was written.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::Notify;

/// One bell for each table whose stream somebody reads.
#[derive(Debug, Default)]
pub(super) struct Bells {
    by_table: RwLock<BTreeMap<String, Arc<Notify>>>,
}

impl Bells {
    /// The bell of `table`, hung up the first time somebody asks for it.
    pub(super) fn hang(&self, table: &str) -> Arc<Notify> {
        let mut bells = self
            .by_table
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(table.to_owned()).or_default())
    }

    /// The bells to ring once a write to `tables` has succeeded.
    pub(super) fn of<'a>(&self, tables: impl IntoIterator<Item = &'a String>) -> Vec<Arc<Notify>> {
        let bells = self.by_table.read().unwrap_or_else(PoisonError::into_inner);
        tables
            .into_iter()
            .filter_map(|table| bells.get(table).cloned())
            .collect()
    }
}
