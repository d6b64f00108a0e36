//! What is asked for all the time, kept in memory: the ends of partitions.
//!
//! Each send reads the end of its log and who is connected, and mostly the last write to either was through this very
//! process. The engine would find it in its file, each time, at the price of several writes. So the answer to a query
//! of a whole partition is kept, and each later write to the partition is done to the copy too.
//!
//! The copy is never behind: a window is filled and changed by who has the right to write (`Core::gate`), and it is out
//! of here while its partition is written. What cannot be followed is forgotten.

mod asked;
mod window;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dynoxide::AttributeValue as Own;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::types::{KeyType, ScalarAttributeType};
// Which of them was not asked for the longest: what rusqlite keeps its statements in.
use hashlink::LruCache;

use self::window::Window;
use super::locked;
use super::values::Map;

pub(super) use self::asked::{Asked, Found};
pub(super) use self::window::{Change, Row};

/// What the windows of one table may take: those of a few thousand conversations.
const TABLE_BYTES_MAX: usize = 32 << 20;
/// What one may take: a partition of large items is read seldom enough.
const WINDOW_BYTES_MAX: usize = 128 << 10;

/// The windows of all tables.
#[derive(Debug, Default)]
pub(super) struct Hot {
    tables: Mutex<BTreeMap<String, Table>>,
}

#[derive(Debug)]
struct Table {
    /// The names of the keys' attributes.
    partition: String,
    sort: Arc<str>,
    windows: LruCache<String, Window>,
    bytes: usize,
}

/// A window that is out while its partition is written. Forgotten unless it comes [`back`](Self::back).
#[derive(Debug)]
pub(super) struct Out<'a> {
    hot: &'a Hot,
    table: &'a str,
    partition: String,
    sort: Arc<str>,
    window: Window,
}

impl Hot {
    /// Takes note of a table. Nothing is kept of it yet, and no longer: it may be a new one.
    pub(super) fn learn(&self, table: &CreateTableRequest) {
        let mut tables = locked(&self.tables);
        match Table::of(table) {
            Some(learnt) => tables.insert(table.table_name.clone(), learnt),
            None => tables.remove(&table.table_name),
        };
    }

    /// What a query would find.
    pub(super) fn answer(&self, asked: &Asked<'_>) -> Option<Found> {
        let (rows, sort) = {
            let mut tables = locked(&self.tables);
            let table = tables.get_mut(&*asked.table)?;
            if table.partition != asked.name {
                return None;
            }
            let window = table.windows.get(&*asked.value)?;
            let rows = window.rows(asked.forward, asked.limit)?.to_vec();
            (rows, Arc::clone(&table.sort))
        };
        let last = rows.last().filter(|_| rows.len() == asked.limit);
        let last = last.map(|row| row.only(&[&asked.name, &sort]));
        Some(Found { rows, last })
    }

    /// Keeps what a query found. The caller has had the right to write since before it asked.
    pub(super) fn keep(&self, asked: &Asked<'_>, found: &[Map<Own>]) {
        let mut tables = locked(&self.tables);
        let table = tables.get_mut(&*asked.table);
        let Some(table) = table.filter(|it| it.partition == asked.name) else {
            return;
        };
        let rows = found
            .iter()
            .map(|item| Row::stored(&table.sort, item.clone()))
            .collect();
        if let Some(rows) = rows {
            let window = Window::new(asked.forward, asked.limit, rows);
            table.insert(asked.value.clone().into_owned(), window);
        }
    }

    /// Takes the window out of which an item is to be written, if it is here.
    pub(super) fn take<'a>(&'a self, table: &'a str, key: &Map<Own>) -> Option<Out<'a>> {
        let mut tables = locked(&self.tables);
        let kept = tables.get_mut(table)?;
        let Some(Own::S(partition)) = key.get(&kept.partition) else {
            return None;
        };
        let (partition, window) = kept.remove(partition)?;
        Some(Out {
            hot: self,
            table,
            partition,
            sort: Arc::clone(&kept.sort),
            window,
        })
    }

    /// Forgets the partition of an item that is written in a way that is not followed.
    pub(super) fn forget(&self, table: &str, key: &Map<Own>) {
        drop(self.take(table, key));
    }

    /// Forgets everything of a table.
    pub(super) fn forget_all(&self, table: &str) {
        if let Some(table) = locked(&self.tables).get_mut(table) {
            table.windows.clear();
            table.bytes = 0;
        }
    }
}

impl Out<'_> {
    /// The row of an item that is put; none where its form is not known.
    pub(super) fn row(&self, item: &Map<Own>) -> Option<Row> {
        Row::sent(&self.sort, item.clone())
    }

    /// The sort key of an item.
    pub(super) fn sort_of(&self, key: &Map<Own>) -> Option<String> {
        let Some(Own::S(sort)) = key.get(&*self.sort) else {
            return None;
        };
        Some(sort.clone())
    }

    /// Puts it back as it is now, where that is known.
    pub(super) fn back(self, change: Option<Change>) {
        let Some(window) = change.and_then(|change| self.window.after(change)) else {
            return;
        };
        if let Some(table) = locked(&self.hot.tables).get_mut(self.table) {
            table.insert(self.partition, window);
        }
    }
}

impl Table {
    fn of(request: &CreateTableRequest) -> Option<Self> {
        let key = |wanted| {
            let mut keys = request.key_schema.iter();
            let name = &keys.find(|it| it.key_type == wanted)?.attribute_name;
            let mut attributes = request.attribute_definitions.iter();
            let is_text = attributes.any(|it| {
                it.attribute_name == *name && it.attribute_type == ScalarAttributeType::S
            });
            is_text.then_some(name)
        };
        Some(Self {
            partition: key(KeyType::HASH)?.clone(),
            sort: key(KeyType::RANGE)?.as_str().into(),
            windows: LruCache::new_unbounded(),
            bytes: 0,
        })
    }

    fn insert(&mut self, partition: String, window: Window) {
        let bytes = window.bytes();
        if bytes > WINDOW_BYTES_MAX {
            return;
        }
        self.bytes += bytes;
        let before = self.windows.insert(partition, window);
        self.bytes -= before.map_or(0, |it| it.bytes());
        while self.bytes > TABLE_BYTES_MAX
            && let Some((_, eldest)) = self.windows.remove_lru()
        {
            self.bytes -= eldest.bytes();
        }
    }

    fn remove(&mut self, partition: &str) -> Option<(String, Window)> {
        let (partition, window) = self.windows.remove_entry(partition)?;
        self.bytes -= window.bytes();
        Some((partition, window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = 100 << 10;

    fn table() -> Table {
        let request = serde_json::json!({
            "TableName": "table",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        });
        Table::of(&serde_json::from_str(&request.to_string()).unwrap()).unwrap()
    }

    fn window(bytes: usize) -> Window {
        let item = Map::from([("sk".to_owned(), Own::S("s".repeat(bytes)))]);
        Window::new(true, 1, vec![Row::sent("sk", item).unwrap()])
    }

    #[test]
    fn what_was_not_asked_for_the_longest_leaves() {
        let mut table = table();
        let fits = TABLE_BYTES_MAX / LARGE;
        for number in 0..2 * fits {
            table.insert(number.to_string(), window(LARGE));
            assert!(table.bytes <= TABLE_BYTES_MAX);
            assert!(table.windows.get("0").is_some());
        }
        assert!(table.windows.len() > fits / 2 && table.windows.get("1").is_none());
        let kept = table.bytes;
        table.remove("0").unwrap();
        table.insert("huge".to_owned(), window(WINDOW_BYTES_MAX + 1));
        assert!(table.windows.get("huge").is_none() && table.bytes < kept);
    }
}
