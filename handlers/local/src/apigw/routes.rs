//! Routes, and which of them a frame takes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The key that opens a connection.
pub(crate) const CONNECT: &str = "$connect";
/// The key that is run after a connection ended.
pub(crate) const DISCONNECT: &str = "$disconnect";
/// The key of frames that name no other route.
pub(crate) const DEFAULT: &str = "$default";

/// The deployed stage: its names and routes, as the `CloudFormation` template has them.
#[derive(Debug, Clone)]
pub struct Routes {
    /// The stage, which is the path of the WebSocket API.
    pub stage: String,
    /// The API's id, which events carry.
    pub api_id: String,
    /// Whether `$connect` asks the authorizer first.
    pub authorizer: bool,
    /// The routes by key.
    pub keys: BTreeMap<String, Route>,
}

/// What serves a route key, and whether the client hears of it.
#[derive(Debug, Clone)]
pub struct Route {
    /// What serves it.
    pub integration: Integration,
    /// Whether it has a route response.
    pub replies: Replies,
}

/// What serves a route.
#[derive(Debug, Clone)]
pub enum Integration {
    /// A function.
    Lambda,
    /// The gateway itself.
    Mock {
        /// The literal text of the integration response, where there is one.
        reply: Option<String>,
    },
}

/// Whether a route's result is sent to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// It has a route response: the result's body becomes a frame.
    TwoWay,
    /// It has none: the result is discarded, though not a failure.
    OneWay,
}

impl Routes {
    /// The route of a frame by `$request.body.action`; `None` is the platform's "Forbidden".
    pub(crate) fn select(&self, frame: &str) -> Option<(&str, &Route)> {
        let action = action(frame);
        // The reserved keys are events of the connection: no frame may pass for one.
        let key = if action.starts_with('$') {
            DEFAULT
        } else {
            &action
        };
        let found = self
            .keys
            .get_key_value(key)
            .or_else(|| self.keys.get_key_value(DEFAULT));
        found.map(|(key, route)| (key.as_str(), route))
    }

    /// Whether a function serves `key`.
    pub(crate) fn invokes(&self, key: &str) -> bool {
        self.keys
            .get(key)
            .is_some_and(|it| matches!(it.integration, Integration::Lambda))
    }
}

#[derive(Deserialize)]
struct Selected<'a> {
    #[serde(borrow, default)]
    action: Option<&'a RawValue>,
}

/// The selection expression's value: stringified, and empty where the frame has none.
fn action(frame: &str) -> Cow<'_, str> {
    // An array would pass for an object whose fields are known by their place.
    if !frame.trim_ascii_start().starts_with('{') {
        return Cow::Borrowed("");
    }
    let Ok(Selected {
        action: Some(action),
    }) = serde_json::from_str(frame)
    else {
        return Cow::Borrowed("");
    };
    match action.get() {
        text if text.starts_with('"') => {
            serde_json::from_str::<String>(text).map_or(Cow::Borrowed(""), Cow::Owned)
        }
        json => Cow::Borrowed(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_stringified() {
        let cases = [
            (r#"{"action":"send"}"#, "send"),
            (r#" { "x": [1], "action" : "se\u006ed" } "#, "send"),
            (r#"{"action":7}"#, "7"),
            (r#"{"action":true}"#, "true"),
            (r#"{"action":{"a": 1}}"#, r#"{"a": 1}"#),
            (r#"{"action":null}"#, ""),
            (r#"{"action":"\ud800"}"#, ""),
            (r#"{"other":"send"}"#, ""),
            (r#"["send"]"#, ""),
            (r#"{"action":"send""#, ""),
            ("send", ""),
            ("", ""),
        ];
        for (frame, expected) in cases {
            assert_eq!(action(frame), expected, "{frame}");
        }
    }
}
