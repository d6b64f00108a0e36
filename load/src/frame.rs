//! Frames as a device reads and writes them: one flat, borrowed type in, one text out.
//!
//! The protocol's own types check what a client may ask for and what the gateway says, at length. A simulated device
//! reads a hundred thousand frames a second: it looks at the few fields that it acts upon.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;

/// Any frame of the gateway's, or of the platform's.
#[derive(Debug, Default, Deserialize)]
pub struct Heard<'a> {
    /// What it is; the platform's own error frame has none.
    #[serde(borrow)]
    pub event: Option<Cow<'a, str>>,
    /// The question that it answers.
    #[serde(borrow, rename = "ref")]
    pub reference: Option<Cow<'a, str>>,
    /// The conversation that it is about.
    pub conversation: Option<&'a str>,
    /// An entry's place.
    pub seq: Option<u64>,
    /// An entry's id.
    pub id: Option<&'a str>,
    /// When the entry was accepted, by the gateway's clock.
    pub ts: Option<u64>,
    /// Whose receipt it is.
    #[serde(borrow)]
    pub user: Option<Cow<'a, str>>,
    /// Stored up to here.
    pub recv: Option<u64>,
    /// Seen up to here.
    pub read: Option<u64>,
    /// Where an opened conversation's log ends.
    pub last_seq: Option<u64>,
    /// Entries of a page or a sync.
    #[serde(borrow)]
    pub entries: Option<Vec<Entry<'a>>>,
    /// Whether there is more of them.
    pub more: Option<bool>,
    /// An error's code.
    #[serde(borrow)]
    pub code: Option<Cow<'a, str>>,
    /// An error's words.
    #[serde(borrow)]
    pub message: Option<Cow<'a, str>>,
    /// Whether to try again.
    pub retry: Option<bool>,
    /// After how long.
    pub retry_after_ms: Option<u64>,
    /// The gateway's time, in `welcome`.
    pub now: Option<u64>,
    /// When the token ends, in `welcome`.
    pub expires_at: Option<u64>,
    /// When to have connected anew, in `welcome`.
    pub reconnect_by: Option<u64>,
}

/// An entry in an answer.
#[derive(Debug, Deserialize)]
pub struct Entry<'a> {
    /// Its conversation.
    pub conversation: &'a str,
    /// Its place.
    pub seq: u64,
    /// Its id.
    pub id: &'a str,
}

/// `hello`.
pub fn hello(reference: u64) -> String {
    format!(r#"{{"action":"hello","ref":"{reference}"}}"#)
}

/// `ping`.
pub fn ping() -> String {
    r#"{"action":"ping"}"#.to_owned()
}

/// `open`.
pub fn open(reference: u64, with: &str, key: &str) -> String {
    let (with, key) = (quoted(with), quoted(key));
    format!(r#"{{"action":"open","ref":"{reference}","with":{with},"key":{key}}}"#)
}

/// `send` of a text.
pub fn send(reference: u64, conversation: &str, id: &str, after: u64, text: &str) -> String {
    format!(
        r#"{{"action":"send","ref":"{reference}","conversation":"{conversation}","id":"{id}","after":{after},"body":{{"kind":"text","text":"{text}"}}}}"#
    )
}

/// `receipt` of several conversations.
pub fn receipt<'a>(marks: impl Iterator<Item = (&'a str, u64, Option<u64>)>) -> String {
    let mut frame = r#"{"action":"receipt","receipts":["#.to_owned();
    for (place, (conversation, recv, read)) in marks.enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let read = read
            .map(|read| format!(r#","read":{read}"#))
            .unwrap_or_default();
        push(
            &mut frame,
            format_args!(r#"{comma}{{"conversation":"{conversation}","recv":{recv}{read}}}"#),
        );
    }
    frame + "]}"
}

/// `history`, upward.
pub fn history(reference: u64, conversation: &str, after: u64) -> String {
    format!(
        r#"{{"action":"history","ref":"{reference}","conversation":"{conversation}","after":{after},"limit":100}}"#
    )
}

/// `sync`.
pub fn sync<'a>(reference: u64, cursors: impl Iterator<Item = (&'a str, u64)>) -> String {
    let mut frame = format!(r#"{{"action":"sync","ref":"{reference}","cursors":{{"#);
    for (place, (conversation, cursor)) in cursors.enumerate() {
        let comma = if place == 0 { "" } else { "," };
        push(
            &mut frame,
            format_args!(r#"{comma}"{conversation}":{cursor}"#),
        );
    }
    frame + "}}"
}

/// `device`, to be pushed to.
pub fn device(reference: u64, device: &str, push_token: &str) -> String {
    let (device, token) = (quoted(device), quoted(push_token));
    format!(
        r#"{{"action":"device","ref":"{reference}","platform":"fcm","token":{token},"device":{device}}}"#
    )
}

/// A text of so many bytes that needs no escaping and does not compress to nothing.
pub fn text(bytes: usize) -> String {
    let words = "the quick brown fox is on its way and will be there in ten minutes ";
    words.chars().cycle().take(bytes).collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn push(frame: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes whatever is written to it.
    let written = frame.write_fmt(text);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::{Action, ClientFrame};

    const ULID: &str = "01M82EAW1YQZZPSY4WDE1WCZ4F";

    /// Goal: what a simulated device says is what the protocol's own reader accepts.
    #[test]
    fn every_frame_is_one_that_the_protocol_reads() {
        let frames = [
            super::hello(1),
            super::ping(),
            super::open(2, "bo\"b", "load-1"),
            super::send(3, ULID, ULID, 41, &super::text(8_000)),
            super::receipt(
                [(ULID, 3, Some(2)), ("01M82EAW1YQZZPSY4WDE1WCZ4G", 1, None)].into_iter(),
            ),
            super::history(4, ULID, 7),
            super::sync(
                5,
                [(ULID, 7), ("01M82EAW1YQZZPSY4WDE1WCZ4G", 0)].into_iter(),
            ),
            super::sync(6, std::iter::empty()),
            super::device(7, "phone", "token"),
        ];
        for frame in frames {
            let parsed = ClientFrame::parse(&frame);
            let parsed = parsed.unwrap_or_else(|refused| panic!("{frame}: {refused:?}"));
            if let Action::Receipt(receipt) = parsed.action {
                assert_eq!(receipt.receipts.len(), 2);
            }
        }
    }
}
