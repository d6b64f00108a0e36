//! A document whose members keep their order, written as JSON or as YAML.
//!
//! `serde_json` would sort them, and keeping the order there is a switch for the whole program.

use core::fmt::Write as _;

use serde_json::Value;

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// What has no members: a string, a number, a flag.
    Leaf(Value),
    /// In order.
    List(Vec<Self>),
    /// Named members, in order.
    Object(Vec<(String, Self)>),
}

/// An object of these members.
pub fn object<const N: usize>(members: [(&str, Node); N]) -> Node {
    Node::Object(members.map(|(name, node)| (name.to_owned(), node)).into())
}

impl<T: Into<Value>> From<T> for Node {
    fn from(value: T) -> Self {
        match value.into() {
            Value::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Value::Object(map) => {
                let members = map.into_iter();
                Self::Object(members.map(|(name, it)| (name, Self::from(it))).collect())
            }
            leaf @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                Self::Leaf(leaf)
            }
        }
    }
}

impl Node {
    /// The object with one more member.
    #[must_use]
    pub fn with(mut self, name: &str, node: impl Into<Self>) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((name.to_owned(), node.into()));
        }
        self
    }

    /// The same as a value that knows no order.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Leaf(leaf) => leaf.clone(),
            Self::List(list) => list.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                let members = members.iter();
                Value::Object(
                    members
                        .map(|(name, it)| (name.clone(), it.to_value()))
                        .collect(),
                )
            }
        }
    }

    /// The document as JSON, indented by two.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.json(&mut text, 0);
        text.push('\n');
        text
    }

    fn json(&self, text: &mut String, depth: usize) {
        let (open, close, members): (_, _, Vec<(Option<&str>, &Self)>) = match self {
            Self::Leaf(leaf) => return text.push_str(&leaf.to_string()),
            Self::List(list) => ('[', ']', list.iter().map(|it| (None, it)).collect()),
            Self::Object(all) => {
                let all = all.iter().map(|(name, it)| (Some(name.as_str()), it));
                ('{', '}', all.collect())
            }
        };
        text.push(open);
        for (place, (name, member)) in members.iter().enumerate() {
            text.push_str(if place == 0 { "\n" } else { ",\n" });
            indent(text, depth + 1);
            if let Some(name) = name {
                text.push_str(&quoted(name));
                text.push_str(": ");
            }
            member.json(text, depth + 1);
        }
        if !members.is_empty() {
            text.push('\n');
            indent(text, depth);
        }
        text.push(close);
    }

    /// The document as YAML: every string in quotes, since a bare one may mean something else.
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        self.yaml(&mut text, 0);
        text
    }

    /// Writes the node's lines; the first is already indented.
    fn yaml(&self, text: &mut String, depth: usize) {
        match self {
            Self::Leaf(leaf) => text.push_str(&format!("{leaf}\n")),
            Self::List(list) if list.is_empty() => text.push_str("[]\n"),
            Self::Object(members) if members.is_empty() => text.push_str("{}\n"),
            Self::List(list) => {
                for (place, it) in list.iter().enumerate() {
                    if place > 0 {
                        indent(text, depth);
                    }
                    text.push_str("- ");
                    it.yaml(text, depth + 1);
                }
            }
            Self::Object(members) => {
                for (place, (name, it)) in members.iter().enumerate() {
                    if place > 0 {
                        indent(text, depth);
                    }
                    text.push_str(&key(name));
                    text.push(':');
                    if it.has_members() {
                        text.push('\n');
                        indent(text, depth + 1);
                    } else {
                        text.push(' ');
                    }
                    it.yaml(text, depth + 1);
                }
            }
        }
    }

    fn has_members(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::List(list) => !list.is_empty(),
            Self::Object(members) => !members.is_empty(),
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    // Writing into a string has no way to fail.
    write!(quoted, "{}", Value::from(text)).unwrap_or_default();
    quoted
}

/// A name bare where it cannot be taken for anything but a name.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '$')
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '$'))
        && !matches!(
            name,
            "on" | "off" | "yes" | "no" | "true" | "false" | "null" | "y" | "n"
        );
    if is_plain {
        name.to_owned()
    } else {
        quoted(name)
    }
}
