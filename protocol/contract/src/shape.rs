//! What values look like: the words that the tables are written in.

use serde_json::Value;

/// What a value looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string.
    Text(Text),
    /// An integer within bounds.
    Integer {
        /// The least.
        min: u64,
        /// The most, where there is one below what JSON numbers carry.
        max: Option<u64>,
    },
    /// `true` or `false`.
    Flag,
    /// `true`.
    Yes,
    /// One of these strings.
    Choice(Vec<&'static str>),
    /// Any JSON object.
    Anything,
    /// An array.
    List {
        /// Of what.
        of: Box<Self>,
        /// How many at least.
        min: usize,
        /// How many at most, where the contract says.
        max: Option<usize>,
    },
    /// An object of names that the frame brings.
    Map {
        /// The definition of the names.
        keys: &'static str,
        /// What they name.
        of: Box<Self>,
        /// How many at most, where the contract says.
        max: Option<usize>,
    },
    /// What is defined under this name.
    Named(&'static str),
    /// That, or `null`.
    Nullable(Box<Self>),
}

/// What a string looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The least length.
    pub min: usize,
    /// The most characters.
    pub chars_max: Option<usize>,
    /// The most bytes of UTF-8: a bound that a schema can only state in characters.
    pub bytes_max: Option<usize>,
    /// What it consists of.
    pub pattern: Option<&'static str>,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// Or it is absent.
    Optional,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it has to be there.
    pub presence: Presence,
    /// What it means, as a sentence.
    pub about: &'static str,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The name, in the schema and in TypeScript.
    pub name: &'static str,
    /// What it is, as sentences.
    pub about: &'static str,
    /// What it looks like.
    pub kind: Kind,
}

/// What a definition defines.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A value without fields.
    Value(Shape),
    /// An object.
    Record(Vec<Field>),
    /// One of these definitions.
    Union(Vec<&'static str>),
}

/// A string of `min` to `max` bytes.
pub(crate) fn bytes(min: usize, max: usize) -> Shape {
    Shape::Text(Text {
        min,
        bytes_max: Some(max),
        ..Text::default()
    })
}

/// A string of `min` to `max` characters.
pub(crate) fn chars(min: usize, max: usize) -> Shape {
    Shape::Text(Text {
        min,
        chars_max: Some(max),
        ..Text::default()
    })
}

/// A string of `min` to `max` characters of ASCII that match.
pub(crate) fn matching(min: usize, max: usize, pattern: &'static str) -> Shape {
    Shape::Text(Text {
        min,
        chars_max: Some(max),
        pattern: Some(pattern),
        ..Text::default()
    })
}

/// Any string.
pub(crate) fn any_text() -> Shape {
    Shape::Text(Text::default())
}

/// An integer from there on.
pub(crate) fn from(min: u64) -> Shape {
    Shape::Integer { min, max: None }
}

/// An integer from 1 to a bound.
pub(crate) fn up_to(max: usize) -> Shape {
    Shape::Integer {
        min: 1,
        max: u64::try_from(max).ok(),
    }
}

/// A list without bounds of its own.
pub(crate) fn list(of: Shape) -> Shape {
    Shape::List {
        of: Box::new(of),
        min: 0,
        max: None,
    }
}

/// A list of 1 to `max`.
pub(crate) fn few(of: Shape, max: usize) -> Shape {
    Shape::List {
        of: Box::new(of),
        min: 1,
        max: Some(max),
    }
}

/// What is defined elsewhere.
pub(crate) fn named(name: &'static str) -> Shape {
    Shape::Named(name)
}

/// One string.
pub(crate) fn tag(name: &'static str) -> Shape {
    Shape::Choice(vec![name])
}

/// A field that has to be there.
pub(crate) fn must(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Required,
        about,
    }
}

/// A field that may be absent.
pub(crate) fn may(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Optional,
        about,
    }
}

/// A value with a name.
pub(crate) fn value(name: &'static str, about: &'static str, shape: Shape) -> Definition {
    Definition {
        name,
        about,
        kind: Kind::Value(shape),
    }
}

/// An object with a name.
pub(crate) fn record(name: &'static str, about: &'static str, fields: Vec<Field>) -> Definition {
    Definition {
        name,
        about,
        kind: Kind::Record(fields),
    }
}

/// A choice with a name.
pub(crate) fn union(name: &'static str, about: &'static str, of: Vec<&'static str>) -> Definition {
    Definition {
        name,
        about,
        kind: Kind::Union(of),
    }
}

impl Definition {
    /// The fields, where it is a record.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Record(fields) => fields,
            Kind::Value(_) | Kind::Union(_) => &[],
        }
    }

    /// Whether a frame is of this form: every field that has to be there is, and its tags are these.
    pub fn fits(&self, frame: &Value) -> bool {
        let required = self
            .fields()
            .iter()
            .filter(|it| it.presence == Presence::Required);
        required
            .into_iter()
            .all(|field| match (&field.shape, frame.get(field.name)) {
                (_, None) => false,
                (Shape::Choice(names), Some(value)) => names.iter().any(|name| value == name),
                (_, Some(_)) => true,
            })
    }
}
