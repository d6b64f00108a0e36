//! The documents themselves: valid, whole, and pointing at what is there.

use serde_json::Value;
use switchboard_contract::schema;
use switchboard_contract::table::Contract;
use switchboard_contract::{asyncapi, reference, typescript};

use crate::judge::{Judge, golden};

#[test]
fn the_schema_is_one_by_its_own_rules() {
    let document = schema::document(&Contract::new()).to_value();
    assert!(jsonschema::meta::is_valid(&document));
}

#[test]
fn the_whole_schema_takes_frames_of_both_sides_and_of_the_platform() {
    let document = schema::document(&Contract::new()).to_value();
    let validator = jsonschema::draft202012::new(&document).unwrap();
    let golden = golden();
    let frames = golden.client.iter().chain(&golden.server);
    assert!(frames.into_iter().all(|it| validator.is_valid(&it.frame)));
    assert!(validator.is_valid(
        &serde_json::json!({"message": "Forbidden", "connectionId": "a=", "requestId": "b="})
    ));
    assert!(!validator.is_valid(&serde_json::json!({"action": "fly"})));
}

#[test]
fn every_message_of_the_asyncapi_document_has_examples_and_they_are_valid() {
    let document = asyncapi::document(&Contract::new(), &golden()).to_value();
    let messages = document["components"]["messages"].as_object().unwrap();
    assert_eq!(messages.len(), 31);
    for (name, message) in messages {
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            Judge::strict().accepts(name, &example["payload"], name);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let contract = Contract::new();
    for document in [
        schema::document(&contract),
        asyncapi::document(&contract, &golden()),
    ] {
        let document = document.to_value();
        let mut found = 0;
        references(&document, &mut |path| {
            let place = path.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{path}");
            found += 1;
        });
        assert!(found > 50);
    }
}

#[test]
fn every_link_of_the_reference_page_leads_somewhere() {
    let page = reference::page(&Contract::new(), &golden());
    let links = page
        .split("href=\"#")
        .skip(1)
        .map(|it| it.split('"').next().unwrap());
    let mut found = 0;
    for link in links {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        found += 1;
    }
    assert!(found > 100);
}

#[test]
fn every_definition_is_a_type() {
    let contract = Contract::new();
    let module = typescript::module(&contract);
    for it in &contract.definitions {
        let (alias, interface) = (
            format!("export type {} =", it.name),
            format!("export interface {} {{", it.name),
        );
        assert!(
            module.contains(&alias) || module.contains(&interface),
            "{}",
            it.name
        );
    }
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            for (name, it) in map {
                if let (true, Some(path)) = (name == "$ref", it.as_str()) {
                    found(path);
                }
                references(it, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|it| references(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
