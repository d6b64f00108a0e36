//! What a template says under given parameters: conditions decided, functions applied.
//!
//! What only a deployment knows is a name in angle brackets: `<data.ChatTable>` for `!Ref ChatTable`,
//! `<data.ChatTable.Arn>` for its ARN. So an evaluated template has texts, numbers and lists, and no functions.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The account of the evaluated templates.
pub(crate) const ACCOUNT: &str = "111122223333";

/// One template and what its parameters are.
pub(crate) struct Scope<'a> {
    /// The stack's name.
    pub(crate) stack: &'a str,
    /// The template in the long form.
    pub(crate) template: &'a Value,
    /// The deploying Region.
    pub(crate) region: &'a str,
    /// The parameters' values.
    pub(crate) parameters: BTreeMap<String, Value>,
    /// What was wrong on the way.
    pub(crate) problems: RefCell<Vec<String>>,
}

impl Scope<'_> {
    /// What was found wrong.
    pub(crate) fn problem(&self, what: String) {
        self.problems.borrow_mut().push(what);
    }

    /// The value of an expression; `None` where it is `AWS::NoValue`.
    pub(crate) fn value(&self, it: &Value) -> Option<Value> {
        match it {
            Value::Array(items) => Some(items.iter().filter_map(|it| self.value(it)).collect()),
            Value::Object(entries) => match only(entries) {
                Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => {
                    self.apply(name, argument)
                }
                _ => {
                    let entries = entries.iter();
                    let kept = entries.filter_map(|(key, it)| Some((key.clone(), self.value(it)?)));
                    Some(Value::Object(kept.collect()))
                }
            },
            other => Some(other.clone()),
        }
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &str) -> bool {
        let pointer = format!("/Conditions/{condition}");
        let Some(expression) = self.template.pointer(&pointer) else {
            self.problem(format!("no condition is called {condition}"));
            return false;
        };
        self.decide(expression)
    }

    /// The truth of a condition's expression, or of a rule's.
    pub(crate) fn decide(&self, expression: &Value) -> bool {
        let Some((name, argument)) = expression.as_object().and_then(only) else {
            self.problem(format!("{expression} is no condition"));
            return false;
        };
        if name == "Condition" {
            return self.holds(argument.as_str().unwrap_or_default());
        }
        let items = argument.as_array().map_or(&[][..], Vec::as_slice);
        match (name, items) {
            ("Fn::Equals", [left, right]) => {
                let text = |it| self.value(it).map(|it| plain(&it));
                text(left) == text(right)
            }
            ("Fn::Not", [it]) => !self.decide(it),
            ("Fn::And", items) => items.iter().all(|it| self.decide(it)),
            ("Fn::Or", items) => items.iter().any(|it| self.decide(it)),
            ("Fn::Contains", [list, one]) => {
                let (list, one) = (self.value(list), self.value(one).map(|it| plain(&it)));
                let list = list
                    .and_then(|it| it.as_array().cloned())
                    .unwrap_or_default();
                list.iter().any(|it| Some(plain(it)) == one)
            }
            _ => {
                self.problem(format!(
                    "{name} with {} arguments is no condition",
                    items.len()
                ));
                false
            }
        }
    }

    fn apply(&self, name: &str, argument: &Value) -> Option<Value> {
        let items = argument.as_array().map_or(&[][..], Vec::as_slice);
        match (name, items) {
            ("Ref", _) => self.named(argument.as_str().unwrap_or_default()),
            ("Fn::If", [condition, then, otherwise]) => {
                let holds = self.holds(condition.as_str().unwrap_or_default());
                self.value(if holds { then } else { otherwise })
            }
            ("Fn::GetAtt", [resource, attribute]) => {
                let (resource, attribute) = (plain(resource), plain(attribute));
                self.present(&resource);
                Some(format!("<{}.{resource}.{attribute}>", self.stack).into())
            }
            ("Fn::Sub", [text, names]) => Some(self.substitute(&plain(text), Some(names))),
            ("Fn::Sub", _) => Some(self.substitute(argument.as_str().unwrap_or_default(), None)),
            ("Fn::Join", [between, list]) => {
                let list = self.list(list);
                let texts: Vec<String> = list.iter().map(plain).collect();
                Some(texts.join(&plain(between)).into())
            }
            ("Fn::Select", [index, list]) => {
                let index = plain(index).parse().unwrap_or(usize::MAX);
                let selected = self.list(list).get(index).cloned();
                if selected.is_none() {
                    self.problem(format!("{argument} selects what is not there"));
                }
                selected
            }
            ("Fn::Split", [between, text]) => {
                let text = self.value(text).map(|it| plain(&it)).unwrap_or_default();
                Some(
                    text.split(plain(between).as_str())
                        .map(Value::from)
                        .collect(),
                )
            }
            ("Fn::GetAZs", _) => {
                let zone = |letter| Value::from(format!("{}{letter}", self.region));
                Some(["a", "b", "c"].into_iter().map(zone).collect())
            }
            ("Fn::FindInMap", [map, first, second]) => {
                let key = |it| self.value(it).map(|it| plain(&it)).unwrap_or_default();
                let pointer = format!("/Mappings/{}/{}/{}", key(map), key(first), key(second));
                let found = self.template.pointer(&pointer).cloned();
                if found.is_none() {
                    self.problem(format!("{pointer} is not there"));
                }
                found
            }
            _ => {
                self.problem(format!(
                    "{name} with {} arguments is not understood",
                    items.len()
                ));
                None
            }
        }
    }

    fn list(&self, it: &Value) -> Vec<Value> {
        self.value(it)
            .and_then(|it| it.as_array().cloned())
            .unwrap_or_default()
    }

    /// What `Ref` gives for a name.
    fn named(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Some(value.clone());
        }
        let value = match name {
            "AWS::NoValue" => return None,
            "AWS::Region" => json!(self.region),
            "AWS::AccountId" => json!(ACCOUNT),
            "AWS::Partition" => json!("aws"),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            "AWS::StackName" => json!(format!("switchboard-{}", self.stack)),
            "AWS::StackId" => json!(format!("<{}>", self.stack)),
            _ => {
                self.present(name);
                json!(format!("<{}.{name}>", self.stack))
            }
        };
        Some(value)
    }

    /// Notes a problem where a resource is not there, or not under these parameters.
    fn present(&self, resource: &str) {
        let pointer = format!("/Resources/{resource}");
        match self.template.pointer(&pointer) {
            None => self.problem(format!("{resource} is referred to and is not there")),
            Some(it) => {
                if let Some(condition) = it["Condition"].as_str()
                    && !self.holds(condition)
                {
                    self.problem(format!(
                        "{resource} is referred to, and its condition {condition} does not hold"
                    ));
                }
            }
        }
    }

    /// `${Name}` and `${Name.Attribute}` replaced, `${!literal}` kept.
    fn substitute(&self, text: &str, names: Option<&Value>) -> Value {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            done.push_str(before);
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                done.push_str("${");
                done.push_str(literal);
                done.push('}');
                continue;
            }
            let value = match (names.and_then(|it| it.get(name)), name.split_once('.')) {
                (Some(given), _) => self.value(given),
                (None, Some((resource, attribute))) => {
                    self.apply("Fn::GetAtt", &json!([resource, attribute]))
                }
                (None, None) => self.named(name),
            };
            done.push_str(&value.map(|it| plain(&it)).unwrap_or_default());
        }
        done.push_str(rest);
        Value::String(done)
    }
}

/// The only entry of an object that has one.
fn only(entries: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = entries.iter();
    let (key, value) = entries.next()?;
    entries.next().is_none().then_some((key.as_str(), value))
}

/// A scalar as CloudFormation passes it on: as text.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(it) => it.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(expression: &Value) -> (Option<Value>, Vec<String>) {
        let template = json!({
            "Conditions": {
                "On": {"Fn::Equals": [{"Ref": "Switch"}, "true"]},
                "Off": {"Fn::Not": [{"Condition": "On"}]},
                "Both": {"Fn::And": [{"Condition": "On"}, {"Condition": "Off"}]},
                "Either": {"Fn::Or": [{"Condition": "On"}, {"Condition": "Off"}]},
            },
            "Mappings": {"Net": {"Cidr": {"A": "10.0.0.0/22"}}},
            "Resources": {"Table": {}, "Spare": {"Condition": "Off"}},
        });
        let parameters = [("Switch", json!("true")), ("Ids", json!(["a", "b"]))];
        let scope = Scope {
            stack: "data",
            template: &template,
            region: "eu-central-1",
            parameters: parameters.map(|(name, it)| (name.to_owned(), it)).into(),
            problems: RefCell::default(),
        };
        let value = scope.value(expression);
        (value, scope.problems.into_inner())
    }

    #[test]
    fn functions_become_values() {
        for (expression, expected) in [
            (json!({"Ref": "Switch"}), json!("true")),
            (json!({"Ref": "Table"}), json!("<data.Table>")),
            (
                json!({"Fn::GetAtt": ["Table", "Arn"]}),
                json!("<data.Table.Arn>"),
            ),
            (json!({"Fn::If": ["Off", 1, {"a": [2]}]}), json!({"a": [2]})),
            (json!({"Fn::If": ["Both", 1, 2]}), json!(2)),
            (json!({"Fn::If": ["Either", 1, 2]}), json!(1)),
            (json!([1, {"Ref": "AWS::NoValue"}, 2]), json!([1, 2])),
            (
                json!({"a": {"Ref": "AWS::NoValue"}, "b": 1}),
                json!({"b": 1}),
            ),
            (
                json!({"Fn::FindInMap": ["Net", "Cidr", "A"]}),
                json!("10.0.0.0/22"),
            ),
            (json!({"Fn::Join": ["-", {"Ref": "Ids"}]}), json!("a-b")),
            (
                json!({"Fn::Select": [1, {"Fn::Split": ["/", "a/b"]}]}),
                json!("b"),
            ),
            (
                json!({"Fn::Sub": "${Table.Arn}/${AWS::Region}/${!sub}$x"}),
                json!("<data.Table.Arn>/eu-central-1/${sub}$x"),
            ),
            (
                json!({"Fn::Sub": ["${It}!", {"It": {"Ref": "Switch"}}]}),
                json!("true!"),
            ),
        ] {
            let (value, problems) = evaluate(&expression);
            assert_eq!(value, Some(expected), "{expression}");
            assert_eq!(problems, Vec::<String>::new(), "{expression}");
        }
    }

    #[test]
    fn what_is_not_there_is_a_problem() {
        for expression in [
            json!({"Ref": "Nothing"}),
            json!({"Ref": "Spare"}),
            json!({"Fn::GetAtt": ["Spare", "Arn"]}),
            json!({"Fn::Sub": "${Spare}"}),
            json!({"Fn::If": ["Never", 1, 2]}),
            json!({"Fn::Select": [2, {"Ref": "Ids"}]}),
            json!({"Fn::FindInMap": ["Net", "Cidr", "B"]}),
            json!({"Fn::ImportValue": "x"}),
        ] {
            let (_, problems) = evaluate(&expression);
            assert_eq!(problems.len(), 1, "{expression}: {problems:?}");
        }
    }
}
