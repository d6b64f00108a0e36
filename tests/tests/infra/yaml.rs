//! CloudFormation's YAML as JSON in the long form: `!Ref x` is `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`.
//!
//! Nothing is evaluated here.

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

/// A template's text in the long form.
pub(crate) fn parse(name: &str, text: &str) -> Value {
    let yaml = serde_yaml_ng::from_str(text)
        .unwrap_or_else(|error| panic!("failed to read {name} as YAML: {error}"));
    long_form(&yaml)
}

fn long_form(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(it) => Value::Bool(*it),
        Yaml::Number(it) => serde_json::to_value(it).expect("a YAML number is no JSON number"),
        Yaml::String(it) => Value::String(it.clone()),
        Yaml::Sequence(items) => items.iter().map(long_form).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, it)| (text(key), long_form(it)));
            Value::Object(entries.collect())
        }
        Yaml::Tagged(tagged) => intrinsic(&tagged.tag.to_string(), long_form(&tagged.value)),
    }
}

fn text(key: &Yaml) -> String {
    match long_form(key) {
        Value::String(it) => it,
        other => other.to_string(),
    }
}

fn intrinsic(tag: &str, argument: Value) -> Value {
    let name = tag.trim_start_matches('!');
    let (key, argument) = match (name, argument) {
        ("Ref" | "Condition", it) => (name.to_owned(), it),
        ("GetAtt", Value::String(it)) => {
            let (resource, attribute) = it.split_once('.').unwrap_or((&it, ""));
            (
                "Fn::GetAtt".to_owned(),
                Value::from(vec![resource, attribute]),
            )
        }
        (_, it) => (format!("Fn::{name}"), it),
    };
    Value::Object(Map::from_iter([(key, argument)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn tags_become_the_long_form() {
        let text = "
            a: !Ref X
            b: !GetAtt X.Outputs.Arn
            c: !If [Off, !Sub 'x-${Y}', !Ref AWS::NoValue]
            d: { Fn::Not: [!Condition Off], 200: 1 }";
        let expected = json!({
            "a": {"Ref": "X"},
            "b": {"Fn::GetAtt": ["X", "Outputs.Arn"]},
            "c": {"Fn::If": ["Off", {"Fn::Sub": "x-${Y}"}, {"Ref": "AWS::NoValue"}]},
            "d": {"Fn::Not": [{"Condition": "Off"}], "200": 1},
        });
        assert_eq!(parse("a test", text), expected);
    }
}
