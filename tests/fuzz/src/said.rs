//! Every text in a JSON document, so that what is made of the document can be asked where it came from.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The texts of a document, repeated fields included: of those a reader may take any.
#[derive(Debug, Default)]
pub struct Said(BTreeSet<String>);

impl Said {
    /// The texts of a document; `None` where it is not JSON.
    pub fn in_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Whether the document says this.
    pub fn has(&self, text: &str) -> bool {
        self.0.contains(text)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Texts)
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said([text.to_owned()].into()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_unit<E>(self) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Said, A::Error> {
        let mut all = Said::default();
        while let Some(Said(mut texts)) = list.next_element()? {
            all.0.append(&mut texts);
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said, A::Error> {
        let mut all = Said::default();
        while let Some((name, Said(mut texts))) = map.next_entry::<String, Said>()? {
            all.0.insert(name);
            all.0.append(&mut texts);
        }
        Ok(all)
    }
}
