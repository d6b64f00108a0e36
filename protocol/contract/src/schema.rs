//! The contract as JSON Schema, draft 2020-12.
//!
//! It says what a client is to send: the gateway also takes `null` for an absent field, and ignores unknown ones.

use serde_json::{Value, json};

use crate::node::{Node, object};
use crate::shape::{Definition, Field, Kind, Presence, Shape, Text};
use crate::table::Contract;

/// Where references lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home(pub(crate) &'static str);

/// The schema document: a frame of either side, and everything with a name under `$defs`.
pub fn document(contract: &Contract) -> Node {
    object([
        (
            "$schema",
            "https://json-schema.org/draft/2020-12/schema".into(),
        ),
        ("title", "Switchboard, version 1".into()),
        (
            "description",
            "Every frame of the protocol. Unknown fields are ignored by both sides.".into(),
        ),
        (
            "anyOf",
            Node::List(
                ["ClientFrame", "ServerFrame", "PlatformError"]
                    .map(|it| reference(Home("#/$defs/"), it))
                    .into(),
            ),
        ),
        ("$defs", definitions(contract, Home("#/$defs/"))),
    ])
}

/// Everything with a name.
pub(crate) fn definitions(contract: &Contract, home: Home) -> Node {
    let all = contract.definitions.iter();
    Node::Object(
        all.map(|it| (it.name.to_owned(), definition(it, home)))
            .collect(),
    )
}

fn reference(home: Home, name: &str) -> Node {
    object([("$ref", format!("{}{name}", home.0).into())])
}

fn definition(it: &Definition, home: Home) -> Node {
    let about = object([("description", it.about.into())]);
    match &it.kind {
        Kind::Value(shape) => extended(about, self::shape(shape, home)),
        Kind::Union(names) => {
            let any = names.iter().map(|name| reference(home, name)).collect();
            about.with("anyOf", Node::List(any))
        }
        Kind::Record(fields) => {
            let required = fields.iter().filter(|it| it.presence == Presence::Required);
            let required: Vec<Value> = required.map(|it| it.name.into()).collect();
            let properties = fields
                .iter()
                .map(|it| (it.name.to_owned(), field(it, home)));
            let record = about
                .with("type", "object")
                .with("properties", Node::Object(properties.collect()))
                .with("required", Value::from(required));
            if it.name == "Marks" {
                // Without either it says nothing.
                record.with(
                    "anyOf",
                    json!([{"required": ["recv"]}, {"required": ["read"]}]),
                )
            } else {
                record
            }
        }
    }
}

fn field(field: &Field, home: Home) -> Node {
    extended(
        object([("description", field.about.into())]),
        shape(&field.shape, home),
    )
}

fn extended(one: Node, other: Node) -> Node {
    match (one, other) {
        (Node::Object(mut one), Node::Object(other)) => {
            one.extend(other);
            Node::Object(one)
        }
        (one, Node::Leaf(_) | Node::List(_)) | (one @ (Node::Leaf(_) | Node::List(_)), _) => one,
    }
}

fn shape(it: &Shape, home: Home) -> Node {
    match it {
        Shape::Text(it) => text(it),
        Shape::Integer { min, max } => bounded(
            object([("type", "integer".into()), ("minimum", (*min).into())]),
            "maximum",
            *max,
        ),
        Shape::Flag => object([("type", "boolean".into())]),
        Shape::Yes => object([("const", true.into())]),
        Shape::Choice(names) => match names.as_slice() {
            [one] => object([("const", (*one).into())]),
            _ => object([("enum", Value::from(names.clone()).into())]),
        },
        Shape::Anything => object([("type", "object".into())]),
        Shape::List { of, min, max } => {
            let list = object([("type", "array".into()), ("items", shape(of, home))]);
            let list = if *min > 0 {
                list.with("minItems", *min)
            } else {
                list
            };
            bounded(list, "maxItems", *max)
        }
        Shape::Map { keys, of, max } => {
            let map = object([
                ("type", "object".into()),
                ("propertyNames", reference(home, keys)),
                ("additionalProperties", shape(of, home)),
            ]);
            bounded(map, "maxProperties", *max)
        }
        Shape::Named(name) => reference(home, name),
        Shape::Nullable(of) => object([(
            "anyOf",
            Node::List(vec![shape(of, home), object([("type", "null".into())])]),
        )]),
    }
}

fn text(it: &Text) -> Node {
    let mut node = object([("type", "string".into())]);
    if it.min > 0 {
        node = node.with("minLength", it.min);
    }
    // A string has at most as many characters as bytes.
    node = bounded(node, "maxLength", it.chars_max.or(it.bytes_max));
    node = bounded(node, "x-max-bytes", it.bytes_max);
    bounded(node, "pattern", it.pattern)
}

fn bounded<T: Into<Value>>(node: Node, name: &str, bound: Option<T>) -> Node {
    match bound {
        Some(bound) => node.with(name, bound),
        None => node,
    }
}
