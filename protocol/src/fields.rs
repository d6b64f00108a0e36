//! Reading the fields of a JSON object, with refusals that name the field.

use core::str::FromStr;

use serde_json::{Map, Value};

use crate::error::{ErrorCode, Refusal};
use crate::ids::{Malformed, Seq};

/// The fields of one JSON object and where it stands in its frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// The name of the object itself: empty for the frame.
    within: &'a str,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>, within: &'a str) -> Self {
        Self { map, within }
    }

    pub(crate) fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    /// The field's full name, for messages.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.within.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.within)
        }
    }

    pub(crate) fn refuse(&self, name: &str, rule: impl core::fmt::Display) -> Refusal {
        Refusal::new(ErrorCode::BadRequest, format!("{} {rule}", self.path(name)))
    }

    /// Whether the field is there; `null` counts as absent, as in most client languages.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    fn value(&self, name: &str) -> Result<&'a Value, Refusal> {
        self.map
            .get(name)
            .filter(|value| !value.is_null())
            .ok_or_else(|| self.refuse(name, "is missing"))
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.value(name)?
            .as_str()
            .ok_or_else(|| self.refuse(name, "must be a string"))
    }

    pub(crate) fn bounded(&self, name: &str, min: usize, max: usize) -> Result<&'a str, Refusal> {
        let text = self.text(name)?;
        if (min..=max).contains(&text.len()) {
            Ok(text)
        } else {
            Err(self.refuse(name, format_args!("must have {min} to {max} bytes")))
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<u64, Refusal> {
        self.value(name)?
            .as_u64()
            .ok_or_else(|| self.refuse(name, "must be an integer of 0 or more"))
    }

    pub(crate) fn seq_from_one(&self, name: &str) -> Result<Seq, Refusal> {
        match self.integer(name)? {
            0 => Err(self.refuse(name, "must be 1 or more")),
            seq => Ok(seq),
        }
    }

    /// An integer within bounds, or the default where the field is absent.
    pub(crate) fn count(&self, name: &str, max: usize, default: usize) -> Result<usize, Refusal> {
        if !self.has(name) {
            return Ok(default);
        }
        usize::try_from(self.integer(name)?)
            .ok()
            .filter(|count| (1..=max).contains(count))
            .ok_or_else(|| self.refuse(name, format_args!("must be 1 to {max}")))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.value(name)?
            .as_bool()
            .ok_or_else(|| self.refuse(name, "must be true or false"))
    }

    pub(crate) fn object(&self, name: &'a str) -> Result<Fields<'a>, Refusal> {
        match self.value(name)? {
            Value::Object(map) => Ok(Self::new(map, name)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(self.refuse(name, "must be an object")),
        }
    }

    pub(crate) fn list(&self, name: &str, max: usize) -> Result<&'a [Value], Refusal> {
        let list = self
            .value(name)?
            .as_array()
            .ok_or_else(|| self.refuse(name, "must be an array"))?;
        if (1..=max).contains(&list.len()) {
            Ok(list)
        } else {
            Err(self.refuse(name, format_args!("must have 1 to {max} elements")))
        }
    }

    pub(crate) fn parsed<T: FromStr<Err = Malformed>>(&self, name: &str) -> Result<T, Refusal> {
        self.text(name)?
            .parse()
            .map_err(|rule: Malformed| self.refuse(name, rule))
    }

    pub(crate) fn parsed_if_there<T: FromStr<Err = Malformed>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Refusal> {
        if self.has(name) {
            self.parsed(name).map(Some)
        } else {
            Ok(None)
        }
    }
}
