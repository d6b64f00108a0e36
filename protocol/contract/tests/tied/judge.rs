//! The schema, as somebody else's validator reads it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use jsonschema::Validator;
use serde_json::{Value, json};
use switchboard_contract::examples::Examples;
use switchboard_contract::schema;
use switchboard_contract::table::Contract;

/// The golden frames.
pub(crate) fn golden() -> Examples {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    Examples::read(&golden).unwrap()
}

/// A validator for each definition.
pub(crate) struct Judge {
    document: Value,
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

thread_local! {
    static LENIENT: Rc<Judge> = Rc::new(Judge::new(document()));
    static STRICT: Rc<Judge> = Rc::new(Judge::new(closed(document())));
}

fn document() -> Value {
    schema::document(&Contract::new()).to_value()
}

/// The same schema, but for unknown fields, which it refuses.
fn closed(mut document: Value) -> Value {
    let definitions = document["$defs"].as_object_mut().unwrap();
    for definition in definitions
        .values_mut()
        .filter(|it| it.get("properties").is_some())
    {
        definition["additionalProperties"] = json!(false);
    }
    document
}

impl Judge {
    /// The schema as it is published.
    pub(crate) fn lenient() -> Rc<Self> {
        LENIENT.with(Rc::clone)
    }

    /// The schema that takes no unknown fields.
    pub(crate) fn strict() -> Rc<Self> {
        STRICT.with(Rc::clone)
    }

    fn new(document: Value) -> Self {
        Self {
            document,
            validators: RefCell::default(),
        }
    }

    fn of(&self, definition: &str) -> Rc<Validator> {
        let mut validators = self.validators.borrow_mut();
        let made = validators.entry(definition.to_owned()).or_insert_with(|| {
            let schema = json!({
                "$schema": self.document["$schema"],
                "$ref": format!("#/$defs/{definition}"),
                "$defs": self.document["$defs"],
            });
            Rc::new(jsonschema::draft202012::new(&schema).unwrap())
        });
        Rc::clone(made)
    }

    pub(crate) fn is_valid(&self, definition: &str, frame: &Value) -> bool {
        self.of(definition).is_valid(frame)
    }

    pub(crate) fn accepts(&self, definition: &str, frame: &Value, what: &str) {
        let validator = self.of(definition);
        let errors: Vec<String> = validator
            .iter_errors(frame)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:?}: {frame}");
    }
}
