//! Nothing stands in the tables that no golden frame shows: what the types have lost, the tables lose as well.

use std::collections::BTreeSet;

use serde_json::Value;
use switchboard_contract::shape::{Definition, Kind, Shape};
use switchboard_contract::table::Contract;

use crate::judge::{Judge, golden};

/// What was seen of the tables: `Definition.field`, or `Definition=choice`.
struct Seen {
    contract: Contract,
    all: BTreeSet<String>,
}

impl Seen {
    fn definition(&mut self, name: &str, value: &Value) {
        let definition = self.contract.definition(name).unwrap().clone();
        match &definition.kind {
            Kind::Value(shape) => self.shape(name, shape, value),
            Kind::Union(names) => {
                let forms = names
                    .iter()
                    .filter(|it| Judge::strict().is_valid(it, value));
                let forms: Vec<&str> = forms.copied().collect();
                assert_eq!(forms.len(), 1, "{name}: {value}");
                self.definition(forms[0], value);
            }
            Kind::Record(fields) => {
                for field in fields {
                    if let Some(value) = value.get(field.name) {
                        self.all.insert(format!("{name}.{}", field.name));
                        self.shape(&format!("{name}.{}", field.name), &field.shape, value);
                    }
                }
            }
        }
    }

    fn shape(&mut self, at: &str, shape: &Shape, value: &Value) {
        match shape {
            Shape::Named(name) => self.definition(name, value),
            Shape::Nullable(of) if !value.is_null() => self.shape(at, of, value),
            Shape::List { of, .. } => value
                .as_array()
                .unwrap()
                .iter()
                .for_each(|it| self.shape(at, of, it)),
            Shape::Map { of, .. } => value
                .as_object()
                .unwrap()
                .values()
                .for_each(|it| self.shape(at, of, it)),
            Shape::Text(_)
            | Shape::Integer { .. }
            | Shape::Flag
            | Shape::Yes
            | Shape::Choice(_)
            | Shape::Anything
            | Shape::Nullable(_) => {}
        }
    }
}

#[test]
fn every_field_of_the_tables_is_in_a_golden_frame() {
    let mut seen = Seen {
        contract: Contract::new(),
        all: BTreeSet::new(),
    };
    let golden = golden();
    for it in &golden.client {
        seen.definition("ClientFrame", &it.frame);
    }
    for it in &golden.server {
        seen.definition("ServerFrame", &it.frame);
    }
    // The platform's own frame is nobody's to write here; its example stands in the AsyncAPI document.
    let ours = |it: &&Definition| it.name != "PlatformError";
    let definitions = seen.contract.definitions.iter().filter(ours);
    let fields = definitions.flat_map(|it| {
        it.fields()
            .iter()
            .map(move |field| format!("{}.{}", it.name, field.name))
    });
    let unseen: Vec<String> = fields.filter(|it| !seen.all.contains(it)).collect();
    // A `ref` is a `ref`, wherever it stands: one golden frame in three carries one.
    let unseen: Vec<&String> = unseen.iter().filter(|it| !it.ends_with(".ref")).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
