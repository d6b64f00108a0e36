//! What each peer's frames look like: the same body, said in its own words.

use serde::Deserialize;
use serde_json::{Value, json};

/// A peer's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Switchboard,
    Serverless,
    SocketIo,
    Plain,
}

/// A message, whatever the dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    pub(crate) conversation: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) id: &'a str,
    /// Entries of the conversation before this one.
    pub(crate) after: u64,
    pub(crate) body: &'a Value,
}

/// What a frame of the peer's says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message arrived.
    Entry(String),
    /// A message was accepted.
    Accepted(String),
    /// A question of the transport's that has to be answered so.
    Answer(&'static str),
    /// Nothing that is waited for.
    Other,
    /// The peer does not do what it was asked for.
    Refused(String),
}

#[derive(Deserialize)]
struct Frame<'a> {
    event: Option<&'a str>,
    id: Option<&'a str>,
}

impl Wire {
    /// Whether the peer says that it has a message.
    pub(crate) fn accepts(self) -> bool {
        self != Self::Plain
    }

    /// Where a user connects to.
    pub(crate) fn path(self, user: &str, to: &str) -> String {
        match self {
            Self::Switchboard => "/local?device=phone".to_owned(),
            Self::SocketIo => format!("/socket.io/?EIO=4&transport=websocket&user={user}"),
            Self::Serverless | Self::Plain => format!("/?user={user}&to={to}"),
        }
    }

    /// What a client says first, and the beginning of what it waits for then.
    pub(crate) fn greeting(self) -> Option<(&'static str, &'static str)> {
        (self == Self::SocketIo).then_some(("40", "40"))
    }

    /// A message as this peer wants it.
    pub(crate) fn say(self, words: &Words<'_>) -> String {
        let Words {
            conversation,
            from,
            to,
            id,
            after,
            body,
        } = words;
        match self {
            Self::Switchboard => json!({"action": "send", "conversation": conversation, "id": id,
                "after": after, "body": body})
            .to_string(),
            Self::Serverless => json!({"action": "send", "conversation": conversation, "id": id,
                "after": after, "body": body, "user": from, "to": to})
            .to_string(),
            Self::Plain => json!({"to": to, "id": id, "body": body}).to_string(),
            Self::SocketIo => format!("420{}", json!(["send", {"to": to, "id": id, "body": body}])),
        }
    }

    /// Reads a frame.
    pub(crate) fn hear(self, text: &str) -> Heard {
        match self {
            Self::SocketIo => Self::hear_socket_io(text),
            Self::Switchboard | Self::Serverless | Self::Plain => {
                match serde_json::from_str(text) {
                    Ok(Frame {
                        event,
                        id: Some(id),
                    }) => of_event(event.unwrap_or("entry"), id, text),
                    Ok(Frame {
                        event: Some("receipt" | "typing" | "opened"),
                        ..
                    }) => Heard::Other,
                    Ok(_) | Err(_) => Heard::Refused(text.to_owned()),
                }
            }
        }
    }

    /// engine.io's packet type, socket.io's, and for an acknowledgement the number of what it acknowledges.
    fn hear_socket_io(text: &str) -> Heard {
        if text == "2" {
            return Heard::Answer("3");
        }
        if let Some(rest) = text.strip_prefix("42")
            && let Ok((event, Frame { id: Some(id), .. })) =
                serde_json::from_str::<(&str, Frame<'_>)>(rest)
        {
            return of_event(event, id, text);
        }
        if let Some(rest) = text.strip_prefix("430")
            && let Ok((Frame { id: Some(id), .. },)) = serde_json::from_str::<(Frame<'_>,)>(rest)
        {
            return Heard::Accepted(id.to_owned());
        }
        Heard::Refused(text.to_owned())
    }
}

fn of_event(event: &str, id: &str, text: &str) -> Heard {
    match event {
        "entry" => Heard::Entry(id.to_owned()),
        "sent" => Heard::Accepted(id.to_owned()),
        _ => Heard::Refused(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_understood() {
        let table = [
            (
                Wire::Switchboard,
                r#"{"event":"entry","seq":1,"id":"a"}"#,
                Heard::Entry("a".to_owned()),
            ),
            (
                Wire::Switchboard,
                r#"{"event":"sent","seq":1,"id":"a"}"#,
                Heard::Accepted("a".to_owned()),
            ),
            (
                Wire::Switchboard,
                r#"{"event":"receipt","user":"b"}"#,
                Heard::Other,
            ),
            (
                Wire::Plain,
                r#"{"to":"b","id":"a","body":{}}"#,
                Heard::Entry("a".to_owned()),
            ),
            (Wire::SocketIo, "2", Heard::Answer("3")),
            (
                Wire::SocketIo,
                r#"42["entry",{"id":"a"}]"#,
                Heard::Entry("a".to_owned()),
            ),
            (
                Wire::SocketIo,
                r#"430[{"id":"a"}]"#,
                Heard::Accepted("a".to_owned()),
            ),
        ];
        for (wire, text, heard) in table {
            assert_eq!(wire.hear(text), heard, "{wire:?} {text}");
        }
    }

    #[test]
    fn a_refusal_is_no_message() {
        for (wire, text) in [
            (
                Wire::Switchboard,
                r#"{"event":"error","code":"rate_limited","id":"a"}"#,
            ),
            (Wire::Serverless, r#"{"message":"Internal server error"}"#),
            (Wire::SocketIo, "44{}"),
        ] {
            assert_eq!(wire.hear(text), Heard::Refused(text.to_owned()));
        }
    }
}
