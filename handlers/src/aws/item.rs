//! How things look in the tables: the keys, and the two-way conversion of every item.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | entry | `C#<conversation>` | `E#<seq, 12 digits>` |
//! | member | `C#<conversation>` | `M#<user>` |
//! | conversation | `C#<conversation>` | `META` |
//! | place under a pair | `P#<customer>#<provider>` | `K#<key>` |
//! | profile | `U#<user>` | `PROFILE` |
//! | place in a list | `U#<user>` | `C#<conversation>` |
//! | block | `U#<user>` | `B#<other user>` |
//! | device | `U#<user>` | `D#<device>` |
//! | owner of an endpoint | `T#<endpoint>` | `OWNER` |
//! | connection (table `connections`) | `U#<user>` | `D#<device>` or `I#<connection id>` |
//!
//! In a conversation's collection `META` sorts last, after the members, after the entries: a descending query of six
//! items returns it, both members and the three newest entries.
//!
//! A reader ignores attributes that it does not know and defaults those that older versions did not write.

#![expect(clippy::disallowed_types, reason = "the SDK's item type is a HashMap")]

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

mod chat;
mod connection;
mod entry;
pub mod key;

pub(crate) use chat::{
    conversation_from, conversation_item, device_from, device_item, list_item, listed_from,
    member_from, new_member_item, owner_from, owner_item, pair_item, profile_from, pushed_value,
};
pub(crate) use connection::{connection_from, connection_item};
pub use entry::entry_of_stream;
pub(crate) use entry::{entry_from, entry_item};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// An attribute is missing or is not what it has to be.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the attribute `{0}` of an item")]
pub struct Unreadable(pub(crate) &'static str);

/// An item that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Build(Item);

impl Build {
    pub(crate) fn keyed(pk: String, sk: String) -> Self {
        Self::default().text("pk", pk).text("sk", sk)
    }

    pub(crate) fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), text(value));
        self
    }

    pub(crate) fn number(mut self, name: &str, value: u64) -> Self {
        self.0.insert(name.to_owned(), number(value));
        self
    }

    pub(crate) fn number_if_there(self, name: &str, value: Option<u64>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    pub(crate) fn flag(mut self, name: &str, value: bool) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::Bool(value));
        self
    }

    pub(crate) fn done(self) -> Item {
        self.0
    }
}

/// A string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The text of an attribute, where it is there.
fn text_if_there<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn text_of<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, Unreadable> {
    text_if_there(item, name).ok_or(Unreadable(name))
}

fn parsed<T: FromStr>(item: &Item, name: &'static str) -> Result<T, Unreadable> {
    text_of(item, name)?.parse().map_err(|_| Unreadable(name))
}

fn number_if_there(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn number_of(item: &Item, name: &'static str) -> Result<u64, Unreadable> {
    number_if_there(item, name).ok_or(Unreadable(name))
}

fn flag_of(item: &Item, name: &str) -> bool {
    item.get(name)
        .and_then(|value| value.as_bool().ok())
        .copied()
        .unwrap_or(false)
}

/// What follows a prefix of a key attribute.
fn key_part<T: FromStr>(item: &Item, name: &'static str, prefix: &str) -> Result<T, Unreadable> {
    let part = text_of(item, name)?
        .strip_prefix(prefix)
        .ok_or(Unreadable(name))?;
    part.parse().map_err(|_| Unreadable(name))
}

/// A map of numbers.
fn numbers_of<K: FromStr + Ord>(item: &Item, name: &str) -> BTreeMap<K, u64> {
    let map = item.get(name).and_then(|value| value.as_m().ok());
    let pairs = map
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.parse().ok()?, value.as_n().ok()?.parse().ok()?)));
    pairs.collect()
}
