//! Frames with one thing wrong, made from the tables, and golden frames with something swapped.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use switchboard_contract::shape::{Kind, Presence, Shape};
use switchboard_contract::table::Contract;
use switchboard_protocol::ClientFrame;

use crate::judge::{Judge, golden};

/// Values that a shape does not have.
fn wrong(contract: &Contract, shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Text(it) => {
            let mut wrong = vec![json!(7), json!({}), json!(["a"])];
            if it.min > 0 {
                wrong.push(json!("a".repeat(it.min - 1)));
            }
            if let Some(max) = it.chars_max.or(it.bytes_max) {
                wrong.push(json!("a".repeat(max + 1)));
            }
            if it.pattern.is_some() {
                wrong.push(json!(" ".repeat(it.min)));
            }
            wrong
        }
        Shape::Integer { min, max } => {
            let mut wrong = vec![json!("7"), json!(-1), json!(1.5), json!([])];
            wrong.extend(min.checked_sub(1).map(Value::from));
            wrong.extend(max.map(|max| json!(max + 1)));
            wrong
        }
        Shape::Flag => vec![json!("true"), json!(1), json!({})],
        Shape::Yes => vec![json!("true"), json!(1)],
        Shape::Choice(_) => vec![json!("nothing known"), json!(0)],
        Shape::Anything => vec![json!([]), json!("{}"), json!(0)],
        Shape::List { of, min, max } => {
            let mut wrong = vec![json!({}), json!("[]")];
            let right = right(contract, of);
            if *min > 0 {
                wrong.push(json!([]));
            }
            wrong.extend(max.map(|max| json!(vec![right; max + 1])));
            wrong.extend(self::wrong(contract, of).into_iter().map(|it| json!([it])));
            wrong
        }
        Shape::Map { of, max, .. } => {
            let name = |place: usize| format!("01M82EAW1YQZZPSY4WDE1W{place:04}");
            let many = |count: usize| {
                (0..count)
                    .map(|it| (name(it), right(contract, of)))
                    .collect()
            };
            // `null` stands for an absent field, and a map has none.
            let mut wrong = vec![
                json!([]),
                json!({"not a name": right(contract, of)}),
                json!({ name(1): null }),
            ];
            wrong.extend(max.map(|max| Value::Object(many(max + 1))));
            wrong.extend(
                self::wrong(contract, of)
                    .into_iter()
                    .map(|it| json!({ name(1): it })),
            );
            wrong
        }
        Shape::Named(name) => match &contract.definition(name).unwrap().kind {
            Kind::Value(shape) => wrong(contract, shape),
            Kind::Record(_) | Kind::Union(_) => vec![json!([]), json!("x"), json!({})],
        },
        Shape::Nullable(of) => wrong(contract, of),
    }
}

/// One that it has, of those that lists and maps consist of.
fn right(contract: &Contract, shape: &Shape) -> Value {
    match shape {
        Shape::Named("Marks") => json!({"conversation": "01M82EAW1YQZZPSY4WDE1WCZ4F", "recv": 1}),
        Shape::Named(name) => match &contract.definition(name).unwrap().kind {
            Kind::Value(shape) => right(contract, shape),
            Kind::Record(_) | Kind::Union(_) => unreachable!("{name}"),
        },
        Shape::Text(_) => json!("alice"),
        Shape::Integer { min, .. } => json!(min),
        Shape::Flag
        | Shape::Yes
        | Shape::Choice(_)
        | Shape::Anything
        | Shape::List { .. }
        | Shape::Map { .. }
        | Shape::Nullable(_) => unreachable!("{shape:?}"),
    }
}

/// Every frame that a golden one becomes when one field of a definition is taken away or wrong.
fn spoiled(contract: &Contract, name: &str, frame: &Value) -> Vec<(String, Value)> {
    let mut spoiled = Vec::new();
    for field in contract.definition(name).unwrap().fields() {
        let mut with = |value: Option<Value>| {
            let mut frame = frame.clone();
            let map = frame.as_object_mut().unwrap();
            match value {
                Some(value) => drop(map.insert(field.name.to_owned(), value)),
                None => drop(map.remove(field.name)),
            }
            spoiled.push((format!("{name}.{}", field.name), frame));
        };
        if field.presence == Presence::Required {
            with(None);
        }
        for value in wrong(contract, &field.shape) {
            with(Some(value));
        }
    }
    spoiled
}

#[test]
fn what_the_schema_refuses_the_parser_refuses() {
    let contract = Contract::new();
    let judge = Judge::lenient();
    let mut tried = 0;
    for example in &golden().client {
        let forms = contract.actions.iter().flat_map(|it| &it.frames);
        let form = forms
            .into_iter()
            .find(|it| it.fits(&example.frame))
            .unwrap();
        let mut all = spoiled(&contract, form.name, &example.frame);
        if let Some(body) = example.frame.get("body") {
            let bodies = contract
                .definitions
                .iter()
                .filter(|it| it.name.ends_with("Body"));
            let kind = bodies
                .into_iter()
                .find(|it| !it.fields().is_empty() && it.fits(body))
                .unwrap();
            all.extend(
                spoiled(&contract, kind.name, body)
                    .into_iter()
                    .map(|(what, body)| {
                        let mut frame = example.frame.clone();
                        frame["body"] = body;
                        (what, frame)
                    }),
            );
        }
        for (what, frame) in all {
            // `remove` that is false, or is not there, makes another form of the frame: the schema decides.
            let refused = !judge.is_valid("ClientFrame", &frame);
            let taken = ClientFrame::parse(&frame.to_string()).is_ok();
            assert_eq!(taken, !refused, "{what}: {frame}");
            tried += usize::from(refused);
        }
    }
    assert!(tried > 400, "{tried}");
}

/// Golden client frames with one value, at whatever depth, swapped for another.
pub(crate) fn swapped() -> impl Strategy<Value = Value> {
    let frames: Vec<Value> = golden().client.into_iter().map(|it| it.frame).collect();
    (select(frames), any::<Index>(), json_value()).prop_map(|(mut frame, which, value)| {
        let mut places = vec![String::new()];
        note_places(&frame, "", &mut places);
        let place = which.get::<String>(&places[1..]).clone();
        *frame.pointer_mut(&place).unwrap() = value;
        frame
    })
}

/// JSON in ASCII, since a schema counts characters; without whole floats, which a schema takes for integers; and not deep.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0_u64..200).prop_map(Value::from),
        (-9_i64..0).prop_map(Value::from),
        Just(json!(0.5)),
        "[ -~]{0,80}".prop_map(Value::from),
        "[a-z]{0,40}".prop_map(Value::from),
        "[0-7][0-9A-HJKMNP-TV-Z]{25}".prop_map(Value::from),
        select(vec![
            "text", "edit", "delete", "reaction", "custom", "event", "fcm"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Notes the place of every value.
fn note_places(value: &Value, at: &str, places: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(place, it)| (place.to_string(), it))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, it) in inner {
        places.push(format!("{at}/{name}"));
        note_places(it, &format!("{at}/{name}"), places);
    }
}
