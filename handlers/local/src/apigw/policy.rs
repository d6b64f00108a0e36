//! The authorizer's answer: an IAM policy, and the context that every later event carries.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// The platform refuses a longer answer.
const ANSWER_BYTES_MAX: usize = 8 * 1024;

/// What the authorizer decided.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Go on, with this `requestContext.authorizer`.
    Allow(Box<RawValue>),
    /// The policy denies, or allows something else.
    Deny,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    principal_id: String,
    policy_document: Document,
    #[serde(default)]
    context: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    action: Value,
    resource: Value,
}

#[derive(Deserialize, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// Evaluates an authorizer's answer for `method_arn`; `None` where it is malformed.
pub(crate) fn evaluate(answer: &str, method_arn: &str) -> Option<Verdict> {
    if answer.len() > ANSWER_BYTES_MAX {
        return None;
    }
    let answer: Answer = serde_json::from_str(answer).ok()?;
    let applies = |it: &&Statement| {
        matches_one(&it.action, "execute-api:Invoke") && matches_one(&it.resource, method_arn)
    };
    let mut effects = answer
        .policy_document
        .statement
        .iter()
        .filter(applies)
        .map(|it| &it.effect);
    let allowed = effects.try_fold(false, |_, effect| {
        (*effect == Effect::Allow).then_some(true)
    });
    if allowed != Some(true) {
        return Some(Verdict::Deny);
    }
    let mut context = BTreeMap::from([("principalId".to_owned(), answer.principal_id)]);
    for (key, value) in answer.context {
        context.insert(key, stringified(value)?);
    }
    to_raw_value(&context).ok().map(Verdict::Allow)
}

/// The platform hands every value on as text, and takes no nested one.
fn stringified(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a policy element, one pattern or a list of them, matches.
fn matches_one(patterns: &Value, text: &str) -> bool {
    match patterns {
        Value::String(pattern) => wildcard(pattern.as_bytes(), text.as_bytes()),
        Value::Array(patterns) => patterns.iter().any(|it| matches_one(it, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// IAM's `*` and `?`. Goes back to the last star only, so that no pattern is slow.
fn wildcard(mut pattern: &[u8], mut text: &[u8]) -> bool {
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern, text) {
            ([b'*', rest @ ..], _) => {
                star = Some((rest, text));
                pattern = rest;
            }
            ([p, pattern_rest @ ..], [t, text_rest @ ..]) if *p == b'?' || p == t => {
                (pattern, text) = (pattern_rest, text_rest);
            }
            ([], []) => return true,
            _ => match star {
                Some((after_star, [_, later @ ..])) => {
                    star = Some((after_star, later));
                    (pattern, text) = (after_star, later);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:local:000000000000:api/local/$connect";

    fn verdict(statements: &str) -> &'static str {
        let answer = format!(
            r#"{{"principalId":"alice","policyDocument":{{"Version":"2012-10-17","Statement":[{statements}]}},
                "context":{{"role":"customer","exp":7,"admin":false}}}}"#
        );
        match evaluate(&answer, ARN) {
            Some(Verdict::Allow(context)) => {
                let expected =
                    r#"{"admin":"false","exp":"7","principalId":"alice","role":"customer"}"#;
                assert_eq!(context.get(), expected);
                "allow"
            }
            Some(Verdict::Deny) => "deny",
            None => "malformed",
        }
    }

    #[test]
    fn policies_are_evaluated() {
        let allow = |resource: &str| {
            format!(r#"{{"Effect":"Allow","Action":"execute-api:Invoke","Resource":{resource}}}"#)
        };
        let deny = r#"{"Effect":"Deny","Action":["execute-api:*"],"Resource":"*"}"#;
        let cases = [
            (allow(&format!("\"{ARN}\"")), "allow"),
            (
                allow(r#"["other","arn:aws:execute-api:*:api/?ocal/*"]"#),
                "allow",
            ),
            (allow(r#""arn:aws:execute-api:*/other/*""#), "deny"),
            (deny.to_owned(), "deny"),
            (format!("{},{deny}", allow("\"*\"")), "deny"),
            (format!("{deny},{}", allow("\"*\"")), "deny"),
            (String::new(), "deny"),
            (
                r#"{"Effect":"Maybe","Action":"*","Resource":"*"}"#.to_owned(),
                "malformed",
            ),
        ];
        for (statements, expected) in cases {
            assert_eq!(verdict(&statements), expected, "{statements}");
        }
        assert!(evaluate("null", ARN).is_none());
    }
}
