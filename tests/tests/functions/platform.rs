//! SNS platform applications, Secrets Manager and CloudFormation's answer box, as far as `applications` sees them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// What there is, and what was asked.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    secrets: BTreeMap<String, String>,
    applications: BTreeMap<String, BTreeMap<String, String>>,
    answers: Vec<Value>,
    box_is_shut: bool,
}

impl Platform {
    /// Keeps a secret and returns its ARN.
    pub(crate) fn keep(&self, name: &str, text: &str) -> String {
        let arn = format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}");
        let mut state = self.state.lock().unwrap();
        state.secrets.insert(arn.clone(), text.to_owned());
        arn
    }

    /// A platform application's attributes.
    pub(crate) fn attributes(&self, arn: &str) -> Option<BTreeMap<String, String>> {
        self.state.lock().unwrap().applications.get(arn).cloned()
    }

    /// Removes one, as somebody with a console does.
    pub(crate) fn lose(&self, arn: &str) {
        self.state.lock().unwrap().applications.remove(arn);
    }

    /// The stack's answers so far.
    pub(crate) fn answers(&self) -> Vec<Value> {
        self.state.lock().unwrap().answers.clone()
    }

    /// Whether the answer box takes nothing.
    pub(crate) fn shut_box(&self, shut: bool) {
        self.state.lock().unwrap().box_is_shut = shut;
    }

    pub(crate) fn answered(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        // Both are part of what the address was signed for, or would be.
        assert!(!headers.contains_key("content-type"));
        assert!(headers.contains_key("content-length"));
        let mut state = self.state.lock().unwrap();
        if state.box_is_shut {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        state.answers.push(serde_json::from_slice(body).unwrap());
        StatusCode::OK
    }

    pub(crate) fn secret(&self, body: &[u8]) -> (StatusCode, String) {
        let asked: Value = serde_json::from_slice(body).unwrap();
        let arn = asked["SecretId"].as_str().unwrap();
        let state = self.state.lock().unwrap();
        if let Some(text) = state.secrets.get(arn) {
            let answer = json!({"ARN": arn, "SecretString": text});
            return (StatusCode::OK, answer.to_string());
        }
        let error = json!({"__type": "ResourceNotFoundException", "message": arn});
        (StatusCode::BAD_REQUEST, error.to_string())
    }

    /// Answers what is about platform applications; `None` for anything else.
    pub(crate) fn application(&self, body: &[u8]) -> Option<(StatusCode, String)> {
        let form = read(body);
        let action = form.get("Action")?.as_str();
        let mut state = self.state.lock().unwrap();
        let applications = &mut state.applications;
        let arn = form.get("PlatformApplicationArn").cloned();
        Some(match action {
            "CreatePlatformApplication" => {
                let (platform, name) = (&form["Platform"], &form["Name"]);
                let attributes = attributes(&form);
                if attributes
                    .get("PlatformCredential")
                    .is_some_and(|it| it == "refuse me")
                {
                    return Some(refused(
                        "InvalidParameter",
                        &attributes["PlatformCredential"],
                    ));
                }
                let arn = format!("arn:aws:sns:us-east-1:123456789012:app/{platform}/{name}");
                applications.entry(arn.clone()).or_insert(attributes);
                done(
                    action,
                    &format!("<PlatformApplicationArn>{arn}</PlatformApplicationArn>"),
                )
            }
            "SetPlatformApplicationAttributes" => match applications.get_mut(&arn?) {
                Some(known) => {
                    known.extend(attributes(&form));
                    known.retain(|_, value| !value.is_empty());
                    done(action, "")
                }
                None => refused("NotFound", "PlatformApplication does not exist"),
            },
            "DeletePlatformApplication" => {
                applications.remove(&arn?);
                done(action, "")
            }
            _ => return None,
        })
    }
}

fn done(action: &str, result: &str) -> (StatusCode, String) {
    let xml = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{action}Result>{result}</{action}Result>\
        <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    );
    (StatusCode::OK, xml)
}

fn refused(code: &str, message: &str) -> (StatusCode, String) {
    let xml = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{code}</Code>\
        <Message>Invalid: {message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    let status = if code == "NotFound" {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    (status, xml)
}

/// A form's fields.
fn read(body: &[u8]) -> BTreeMap<String, String> {
    let text = std::str::from_utf8(body).unwrap();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn attributes(form: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for number in 1.. {
        let Some(name) = form.get(&format!("Attributes.entry.{number}.key")) else {
            break;
        };
        let value = form.get(&format!("Attributes.entry.{number}.value"));
        attributes.insert(name.clone(), value.cloned().unwrap_or_default());
    }
    attributes
}
