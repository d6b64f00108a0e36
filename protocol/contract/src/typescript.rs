//! The contract as TypeScript types.

use core::fmt::Write as _;

use crate::shape::{Definition, Field, Kind, Presence, Shape};
use crate::table::Contract;

/// The module with every type.
pub fn module(contract: &Contract) -> String {
    let mut text = String::from(
        "// Generated from `protocol/contract` by `cargo run -p switchboard-contract`: do not edit.\n",
    );
    for it in &contract.definitions {
        definition(&mut text, it);
    }
    replies(&mut text, contract);
    text
}

fn definition(text: &mut String, it: &Definition) {
    let name = it.name;
    let about = it.about;
    text.push_str(&format!("\n/** {about} */\n"));
    match &it.kind {
        Kind::Value(shape) => text.push_str(&format!("export type {name} = {};\n", of(shape))),
        Kind::Union(names) => {
            text.push_str(&format!(
                "export type {name} =\n  | {};\n",
                names.join("\n  | ")
            ));
        }
        Kind::Record(fields) => {
            text.push_str(&format!("export interface {name} {{\n"));
            for it in fields {
                field(text, it);
            }
            text.push_str("}\n");
        }
    }
}

fn field(text: &mut String, it: &Field) {
    let mark = if it.presence == Presence::Required {
        ""
    } else {
        "?"
    };
    let line = format!(
        "  /** {} */\n  {}{mark}: {};\n",
        it.about,
        it.name,
        of(&it.shape)
    );
    text.push_str(&line);
}

/// Which reply answers which action.
fn replies(text: &mut String, contract: &Contract) {
    text.push_str("\n/** What answers each action, where it succeeds and is answered. */\nexport interface Replies {\n");
    for action in &contract.actions {
        if let Some(reply) = action.reply {
            text.push_str(&format!("  {}: {reply};\n", action.name));
        }
    }
    text.push_str("}\n");
}

fn of(shape: &Shape) -> String {
    match shape {
        Shape::Text(_) => "string".to_owned(),
        Shape::Integer { .. } => "number".to_owned(),
        Shape::Flag => "boolean".to_owned(),
        Shape::Yes => "true".to_owned(),
        Shape::Choice(names) => {
            let mut text = String::new();
            for (place, name) in names.iter().enumerate() {
                let or = if place == 0 { "" } else { " | " };
                // Writing into a string has no way to fail.
                write!(text, "{or}\"{name}\"").unwrap_or_default();
            }
            text
        }
        Shape::Anything => "Record<string, unknown>".to_owned(),
        Shape::List { of, .. } => format!("{}[]", self::of(of)),
        Shape::Map { keys, of, .. } => format!("Record<{keys}, {}>", self::of(of)),
        Shape::Named(name) => (*name).to_owned(),
        Shape::Nullable(of) => format!("{} | null", self::of(of)),
    }
}
