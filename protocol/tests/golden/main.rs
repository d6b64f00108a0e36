//! The golden frames: what `protocol/golden/` shows is what the types say, word for word.
//!
//! A client's file parses to exactly one value; a server's value is written as exactly one file. Every file belongs to
//! a value, every action and every event has a file: the folder can be given to whoever writes a client.
#![cfg(test)]

mod client;
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use switchboard_protocol::event::Event;
use switchboard_protocol::{Action, ClientFrame};

/// Every event of the contract, and `pong`.
const EVENTS: [&str; 14] = [
    "welcome", "opened", "sent", "entry", "receipt", "typing", "page", "synced", "inbox",
    "presence", "device", "settings", "pong", "error",
];

/// The event's name. A new event does not compile here before it has one, and then [`EVENTS`] wants it.
fn name_of(event: &Event) -> &'static str {
    match event {
        Event::Welcome(_) => "welcome",
        Event::Opened(_) => "opened",
        Event::Sent(_) => "sent",
        Event::Entry(_) => "entry",
        Event::Receipt(_) => "receipt",
        Event::Typing(_) => "typing",
        Event::Page(_) => "page",
        Event::Synced(_) => "synced",
        Event::Inbox(_) => "inbox",
        Event::Presence(_) => "presence",
        Event::Device(_) => "device",
        Event::Settings(_) => "settings",
        Event::Pong {} => "pong",
        Event::Error(_) => "error",
    }
}

fn folder(side: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", side]
        .iter()
        .collect()
}

fn golden(side: &str, name: &str) -> String {
    let path = folder(side).join(format!("{name}.json"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of a folder's files, without `.json`.
fn names_in(side: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(side)).unwrap();
    let name = |file: fs::DirEntry| file.file_name().into_string().unwrap();
    files
        .map(|file| {
            name(file.unwrap())
                .strip_suffix(".json")
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// What stands before the variant in a file's name: the action, or the event.
fn kinds<'a>(names: impl IntoIterator<Item = &'a String>) -> BTreeSet<&'a str> {
    names
        .into_iter()
        .map(|name| name.split('.').next().unwrap())
        .collect()
}

#[test]
fn client_frames_parse_to_exactly_what_they_say() {
    for (name, reference, action) in client::frames() {
        let expected = ClientFrame {
            reference: reference.map(|text| text.parse().unwrap()),
            action,
        };
        let frame = ClientFrame::parse(&golden("client", name));
        assert_eq!(frame, Ok(expected), "{name}");
    }
}

#[test]
fn a_client_file_is_named_after_its_action() {
    for (name, _, action) in client::frames() {
        assert_eq!(name.split('.').next(), Some(action.name()), "{name}");
    }
}

#[test]
fn every_client_file_is_expected_and_every_action_has_one() {
    let files = names_in("client");
    let expected: BTreeSet<String> = client::frames().iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(files, expected);
    assert_eq!(kinds(&files), BTreeSet::from(Action::NAMES));
}

#[test]
fn server_frames_are_written_exactly_as_their_files_say() {
    for (name, frame) in server::frames() {
        let expected: Value = serde_json::from_str(&golden("server", name)).unwrap();
        let text = frame.to_json();
        let written: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(written, expected, "{name}");
        // A field that was written twice is one field in a `Value`: only the text's length tells.
        assert_eq!(
            text.len(),
            expected.to_string().len(),
            "{name}: nothing is written twice, and nothing with blanks"
        );
    }
}

#[test]
fn a_server_file_is_named_after_its_event() {
    for (name, frame) in server::frames() {
        let event = name_of(&frame.event);
        assert_eq!(name.split('.').next(), Some(event), "{name}");
        let written: Value = serde_json::from_str(&frame.to_json()).unwrap();
        assert_eq!(written["event"], event, "{name}");
    }
}

#[test]
fn every_server_file_is_expected_and_every_event_has_one() {
    let files = names_in("server");
    let expected: BTreeSet<String> = server::frames().iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(files, expected);
    assert_eq!(kinds(&files), BTreeSet::from(EVENTS));
}

#[test]
fn every_kind_of_body_travels_both_ways() {
    let kinds_of = |side: &str, prefix: &str| -> BTreeSet<String> {
        let files = names_in(side);
        let frames = files.iter().filter(|name| name.starts_with(prefix));
        let kind = |name: &String| {
            let frame: Value = serde_json::from_str(&golden(side, name)).unwrap();
            frame["body"]["kind"].as_str().unwrap().to_owned()
        };
        frames.map(kind).collect()
    };
    let sent = kinds_of("client", "send.");
    let sendable = ["text", "attachment", "edit", "delete", "reaction", "custom"];
    assert_eq!(sent, sendable.map(str::to_owned).into());
    let mut received = sent;
    received.insert("deleted".to_owned());
    assert_eq!(kinds_of("server", "entry."), received);
}
