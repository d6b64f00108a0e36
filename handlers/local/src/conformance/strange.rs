//! Frames from the future: what a client does not know and has to overlook.

use serde_json::{Value, json};

/// A frame with fields that no client knows, wherever one may be.
pub(crate) fn strange(text: &str) -> String {
    let Ok(mut frame) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    estrange(&mut frame);
    frame.to_string()
}

fn estrange(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let lists = ["entries", "conversations", "last"];
            for (_, inner) in map
                .iter_mut()
                .filter(|(name, _)| lists.contains(&name.as_str()))
            {
                estrange(inner);
            }
            map.insert("mood".to_owned(), json!("sunny"));
            map.insert(
                "future".to_owned(),
                json!({"event": "entry", "seq": 0, "list": [null, 1.5]}),
            );
        }
        Value::Array(list) => list.iter_mut().for_each(estrange),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
