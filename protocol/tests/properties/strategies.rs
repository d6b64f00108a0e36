//! Where the frames come from.

use std::fs;
use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use switchboard_protocol::{Action, Body};

/// Every name of a field that a reader looks for.
const FIELDS: [&str; 31] = [
    "action",
    "ref",
    "with",
    "key",
    "subject",
    "conversation",
    "id",
    "after",
    "before",
    "body",
    "reply_to",
    "receipts",
    "recv",
    "read",
    "on",
    "limit",
    "cursors",
    "next",
    "users",
    "platform",
    "token",
    "device",
    "locale",
    "remove",
    "muted_until",
    "user",
    "blocked",
    "kind",
    "text",
    "of",
    "data",
];

/// Any JSON, whose objects like to have the fields that readers look for.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![select(&FIELDS[..]).prop_map(str::to_owned), any::<String>()];
    leaf().prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            object(name.clone(), inner).prop_map(Value::Object),
        ]
    })
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        ulid().prop_map(Value::from),
        "[a-z]{0,20}".prop_map(Value::from),
    ]
}

fn object(
    name: impl Strategy<Value = String>,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Map<String, Value>> {
    btree_map(name, value, 0..8).prop_map(|map| map.into_iter().collect())
}

/// The name of a conversation or of an entry.
pub(crate) fn ulid() -> impl Strategy<Value = String> {
    "[0-7][0-9A-HJKMNP-TV-Z]{25}"
}

/// A known action with arbitrary fields.
pub(crate) fn frame() -> impl Strategy<Value = Value> {
    let fields = object(select(&FIELDS[..]).prop_map(str::to_owned), json());
    (select(&Action::NAMES[..]), fields).prop_map(|(action, mut fields)| {
        fields.insert("action".to_owned(), json!(action));
        Value::Object(fields)
    })
}

fn golden() -> impl Strategy<Value = String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/client");
    let files = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    // The folder's own order is the file system's, and a seed is to mean the same everywhere.
    paths.sort();
    let frames: Vec<String> = paths
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    select(frames)
}

/// What is done to a byte.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Delete(Index),
    Replace(Index, u8),
    Insert(Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = || prop_oneof![any::<u8>(), select(&b"{}[]:,\"\\0-.eE "[..])];
    prop_oneof![
        any::<Index>().prop_map(Damage::Delete),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
    ]
}

/// A golden frame with a few bytes changed. Bytes that are no UTF-8 any more are replaced: the platform lets none through.
pub(crate) fn damaged_golden() -> impl Strategy<Value = String> {
    (golden(), vec(damage(), 1..6)).prop_map(|(text, damages)| {
        let mut bytes = text.into_bytes();
        for damage in damages {
            match damage {
                Damage::Delete(at) => drop(bytes.remove(at.index(bytes.len()))),
                Damage::Replace(at, byte) => *at.get_mut(&mut bytes) = byte,
                Damage::Insert(at, byte) => bytes.insert(at.index(bytes.len()), byte),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A golden frame with one of its values, at whatever depth, swapped.
pub(crate) fn swapped_golden() -> impl Strategy<Value = Value> {
    (golden(), any::<Index>(), json()).prop_map(|(text, which, value)| {
        let mut frame: Value = serde_json::from_str(&text).unwrap();
        let mut places = Vec::new();
        note_places(&frame, "", &mut places);
        *frame.pointer_mut(which.get::<String>(&places)).unwrap() = value;
        frame
    })
}

/// Notes the place of every value but the frame itself and its action.
fn note_places(value: &Value, at: &str, places: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(list) => (0..).map(|it: usize| it.to_string()).zip(list).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, it) in inner.into_iter().filter(|(name, _)| name != "action") {
        let place = format!("{at}/{name}");
        note_places(it, &place, places);
        places.push(place);
    }
    // `hello` and `ping` have nothing else.
    if at.is_empty() && places.is_empty() {
        places.push("/action".to_owned());
    }
}

/// A body that may stand in the table.
pub(crate) fn body() -> impl Strategy<Value = Body> {
    let text = any::<String>;
    let attachment = (text(), text(), text(), any::<u64>(), option::of(text()));
    let attachment =
        attachment.prop_map(
            |(attachment, name, media_type, size, text)| Body::Attachment {
                attachment,
                name,
                media_type,
                size,
                text,
            },
        );
    let reaction = (any::<u64>(), text(), any::<bool>());
    let custom = ("[a-z0-9._-]{1,64}", object(any::<String>(), json()));
    prop_oneof![
        text().prop_map(|text| Body::Text { text }),
        attachment,
        (any::<u64>(), text()).prop_map(|(of, text)| Body::Edit { of, text }),
        any::<u64>().prop_map(|of| Body::Delete { of }),
        reaction.prop_map(|(of, emoji, on)| Body::Reaction { of, emoji, on }),
        custom.prop_map(|(custom_type, data)| Body::Custom { custom_type, data }),
        Just(Body::Deleted),
    ]
}
