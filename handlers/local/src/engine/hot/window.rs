//! One end of a partition.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue as Sdk;
use dynoxide::AttributeValue as Own;
use dynoxide::types::item_size;

use super::super::values::{Map, told};

/// What an attribute takes in memory beside its text, roughly.
const ATTRIBUTE_BYTES: usize = 160;

/// The first rows of a partition from one of its ends, as many as a query asked for.
#[derive(Debug)]
pub(in crate::engine) struct Window {
    forward: bool,
    limit: usize,
    rows: Vec<Row>,
}

/// An item, and what is asked of it.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Row {
    /// The value of its sort key.
    sort: Arc<str>,
    /// As DynamoDB counts it.
    size: usize,
    item: Arc<Map<Sdk>>,
}

/// What a write did to an item of the partition.
#[derive(Debug)]
pub(in crate::engine) enum Change {
    /// It is so now.
    Put(Row),
    /// The item with this sort key is gone.
    Deleted(String),
    /// Nothing.
    None,
}

impl Row {
    /// A row of an item as the engine has stored it; none where its sort key is no text.
    pub(super) fn stored(sort: &str, item: Map<Own>) -> Option<Self> {
        let Some(Own::S(value)) = item.get(sort) else {
            return None;
        };
        Some(Self {
            sort: value.as_str().into(),
            size: item_size(&item),
            item: Arc::new(told(item)),
        })
    }

    /// A row of an item as somebody sent it; none where the engine may store it in another form.
    pub(super) fn sent(sort: &str, item: Map<Own>) -> Option<Self> {
        let as_it_is = item.values().all(is_stored_as_it_is);
        as_it_is.then(|| Self::stored(sort, item)).flatten()
    }

    /// The item.
    pub(in crate::engine) fn item(&self) -> Map<Sdk> {
        Map::clone(&self.item)
    }

    /// These attributes of it.
    pub(super) fn only(&self, names: &[&str]) -> Map<Sdk> {
        let attributes = names.iter().filter_map(|&name| {
            let value = self.item.get(name)?;
            Some((name.to_owned(), value.clone()))
        });
        attributes.collect()
    }

    /// Its size, as DynamoDB counts it.
    pub(in crate::engine) fn size(&self) -> usize {
        self.size
    }
}

impl Window {
    /// What a query with this limit found, in its order.
    pub(super) fn new(forward: bool, limit: usize, rows: Vec<Row>) -> Self {
        Self {
            forward,
            limit,
            rows,
        }
    }

    /// The rows, if this is what a query asks for.
    pub(super) fn rows(&self, forward: bool, limit: usize) -> Option<&[Row]> {
        (self.forward == forward && self.limit == limit).then_some(&*self.rows)
    }

    /// Does what a write did. None where it can no longer be known what a query would find.
    pub(super) fn after(mut self, change: Change) -> Option<Self> {
        match change {
            Change::None => {}
            Change::Put(row) => match self.place(&row.sort) {
                Ok(place) => self.rows[place] = row,
                Err(place) => {
                    self.rows.insert(place, row);
                    self.rows.truncate(self.limit);
                }
            },
            Change::Deleted(sort) => {
                if let Ok(place) = self.place(&sort) {
                    // Another one would move up, and nobody knows whether there is one.
                    if self.rows.len() == self.limit {
                        return None;
                    }
                    self.rows.remove(place);
                }
            }
        }
        Some(self)
    }

    /// Where the row with this sort key is, or would be.
    fn place(&self, sort: &str) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| {
            let order = (*row.sort).cmp(sort);
            if self.forward { order } else { order.reverse() }
        })
    }

    /// What it takes in memory, roughly.
    pub(super) fn bytes(&self) -> usize {
        let rows = self.rows.iter();
        rows.map(|row| row.size + row.item.len() * ATTRIBUTE_BYTES)
            .sum()
    }
}

/// Whether the engine stores a value as it was sent: it puts numbers into one form, and sets in order.
fn is_stored_as_it_is(value: &Own) -> bool {
    match value {
        Own::S(_) | Own::B(_) | Own::BOOL(_) | Own::NULL(_) => true,
        Own::N(number) => number
            .parse()
            .is_ok_and(|parsed: i64| parsed.to_string() == *number),
        Own::M(map) => map.values().all(is_stored_as_it_is),
        Own::L(list) => list.iter().all(is_stored_as_it_is),
        Own::SS(_) | Own::NS(_) | Own::BS(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sort: &str) -> Row {
        let item = Map::from([("sk".to_owned(), Own::S(sort.to_owned()))]);
        Row::sent("sk", item).unwrap()
    }

    fn window(forward: bool, limit: usize, sorts: &[&str]) -> Window {
        Window::new(forward, limit, sorts.iter().map(|it| row(it)).collect())
    }

    fn sorts(window: &Window) -> Vec<&str> {
        window.rows.iter().map(|row| &*row.sort).collect()
    }

    fn put(window: Window, sort: &str) -> Window {
        window.after(Change::Put(row(sort))).unwrap()
    }

    #[test]
    fn a_row_takes_its_place_and_the_last_one_leaves() {
        let newest = put(window(false, 3, &["e", "c", "a"]), "d");
        assert_eq!(sorts(&newest), ["e", "d", "c"]);
        assert_eq!(sorts(&put(newest, "a")), ["e", "d", "c"]);
        let oldest = put(window(true, 3, &["a", "c"]), "b");
        assert_eq!(sorts(&oldest), ["a", "b", "c"]);
        assert_eq!(sorts(&put(oldest, "b")), ["a", "b", "c"]);
    }

    #[test]
    fn a_full_window_that_loses_a_row_is_no_longer_known() {
        let deleted = |window: Window, sort: &str| window.after(Change::Deleted(sort.to_owned()));
        let full = || window(false, 2, &["b", "a"]);
        assert!(deleted(full(), "a").is_none());
        assert_eq!(sorts(&deleted(full(), "0").unwrap()), ["b", "a"]);
        let whole = window(false, 3, &["b", "a"]);
        assert_eq!(sorts(&deleted(whole, "a").unwrap()), ["b"]);
    }

    #[test]
    fn what_the_engine_may_store_otherwise_makes_no_row() {
        let item = |value| {
            Map::from([
                ("sk".to_owned(), Own::S("a".to_owned())),
                ("x".to_owned(), value),
            ])
        };
        let number = |text: &str| Row::sent("sk", item(Own::N(text.to_owned())));
        assert!(number("12").is_some());
        assert!(number("1.20").is_none() && number("+1").is_none());
        let set = Own::SS(vec!["b".to_owned(), "a".to_owned()]);
        assert!(Row::sent("sk", item(set)).is_none());
    }
}
