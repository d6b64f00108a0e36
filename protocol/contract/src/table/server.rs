//! What the gateway says: one record per form of an event.

use switchboard_protocol::limits;

use super::Event;
use super::values::conversation;
use crate::shape::{
    Definition, Field, Shape, any_text, from, list, may, must, named, record, tag, union,
};

/// Whether an event answers a frame, and may carry its `ref`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comes {
    Asked,
    Unasked,
}

/// The events, in the order of the contract.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn events() -> Vec<Event> {
    use Comes::{Asked, Unasked};
    let conversation_id = || must("conversation", named("ConversationId"), "Where.");
    let mut opened = conversation();
    opened.push(must("created", Shape::Flag, "Whether it is new."));
    vec![
        event(
            "welcome",
            vec![frame(
                "Welcome",
                "welcome",
                "Answers `hello`.",
                Asked,
                vec![
                    must("user", named("UserId"), "Who the client is."),
                    must("role", named("Role"), "On which side."),
                    must("now", named("Timestamp"), "The server's time."),
                    must("expires_at", named("Timestamp"), "When the token expires."),
                    must(
                        "reconnect_by",
                        named("Timestamp"),
                        "When to have opened another connection.",
                    ),
                    must(
                        "conversations",
                        list(named("Conversation")),
                        "The most recently active ones, newest first.",
                    ),
                    must("more", Shape::Flag, "Whether `inbox` has others."),
                    must("limits", named("Limits"), "What the client has to keep to."),
                ],
            )],
        ),
        event(
            "opened",
            vec![frame(
                "Opened",
                "opened",
                "Answers `open`, and tells the other member of a new conversation.",
                Asked,
                opened,
            )],
        ),
        event(
            "sent",
            vec![frame(
                "Sent",
                "sent",
                "Answers `send`: the entry is stored, and will be there for every member.",
                Asked,
                vec![
                    conversation_id(),
                    must("id", named("EntryId"), "The device's id for it."),
                    must("seq", from(1), "Its place."),
                    must("ts", named("Timestamp"), "When it was accepted."),
                    must(
                        "duplicate",
                        Shape::Flag,
                        "Whether it had been accepted before.",
                    ),
                ],
            )],
        ),
        event(
            "entry",
            vec![frame(
                "Entry",
                "entry",
                "An entry, live or in a page. Everything that must not be missed is one.",
                Unasked,
                vec![
                    conversation_id(),
                    must("seq", from(1), "Its place."),
                    must("id", named("EntryId"), "The sending device's id for it."),
                    must("from", named("UserId"), "Who sent it."),
                    must("ts", named("Timestamp"), "When it was accepted."),
                    must("body", named("Body"), "What it says now."),
                    may("reply_to", from(1), "The entry that it answers."),
                    may("edited_at", named("Timestamp"), "When it was last edited."),
                ],
            )],
        ),
        event(
            "receipt",
            vec![frame(
                "Receipt",
                "receipt",
                "A member got further.",
                Unasked,
                vec![
                    conversation_id(),
                    must("user", named("UserId"), "Who."),
                    must("recv", named("Seq"), "Stored up to here."),
                    must("read", named("Seq"), "Seen up to here."),
                ],
            )],
        ),
        event(
            "typing",
            vec![frame(
                "Typing",
                "typing",
                "A member is writing, or no longer. Forget it after six seconds.",
                Unasked,
                vec![
                    conversation_id(),
                    must("user", named("UserId"), "Who."),
                    must("on", Shape::Flag, "Whether it begins or ends."),
                ],
            )],
        ),
        event(
            "page",
            vec![frame(
                "Page",
                "page",
                "Answers `history`.",
                Asked,
                vec![
                    conversation_id(),
                    must("entries", list(named("Entry")), "Ascending."),
                    must(
                        "more",
                        Shape::Flag,
                        "Whether there are more in that direction.",
                    ),
                ],
            )],
        ),
        event(
            "synced",
            vec![frame(
                "Synced",
                "synced",
                "Answers `sync`.",
                Asked,
                vec![
                    must(
                        "entries",
                        list(named("Entry")),
                        "Each conversation's in ascending order, without gaps.",
                    ),
                    must(
                        "more",
                        Shape::Flag,
                        "Whether to call again with the cursors moved on.",
                    ),
                ],
            )],
        ),
        event(
            "inbox",
            vec![frame(
                "Inbox",
                "inbox",
                "Answers `inbox`.",
                Asked,
                vec![
                    must(
                        "conversations",
                        list(named("Conversation")),
                        "Newest first.",
                    ),
                    may(
                        "next",
                        any_text(),
                        "Where the next page begins, where there is one.",
                    ),
                ],
            )],
        ),
        event(
            "presence",
            vec![frame(
                "Presence",
                "presence",
                "Answers `presence`.",
                Asked,
                vec![must(
                    "users",
                    Shape::Map {
                        keys: "UserId",
                        of: Box::new(named("Present")),
                        max: Some(limits::PRESENCE_MAX),
                    },
                    "Those who share a conversation with the asking user.",
                )],
            )],
        ),
        event(
            "device",
            vec![frame(
                "Device",
                "device",
                "Answers `device`.",
                Asked,
                vec![
                    must("device", named("DeviceId"), "Which device."),
                    must(
                        "registered",
                        Shape::Flag,
                        "Whether it is pushed to from now on.",
                    ),
                ],
            )],
        ),
        event(
            "settings",
            vec![
                frame(
                    "Muted",
                    "settings",
                    "Answers `settings` of a conversation: what is now in force.",
                    Asked,
                    vec![
                        conversation_id(),
                        must(
                            "muted_until",
                            named("Timestamp"),
                            "Until when it is muted; 0 is not.",
                        ),
                    ],
                ),
                frame(
                    "Blocked",
                    "settings",
                    "Answers `settings` of a user: what is now in force.",
                    Asked,
                    vec![
                        must("user", named("UserId"), "Whom."),
                        must("blocked", Shape::Flag, "Whether that user is blocked."),
                    ],
                ),
            ],
        ),
        event(
            "pong",
            vec![frame("Pong", "pong", "Answers `ping`.", Asked, vec![])],
        ),
        event(
            "error",
            vec![frame(
                "ErrorFrame",
                "error",
                "A frame was refused: nothing has changed, and the connection stays.",
                Asked,
                vec![
                    must("code", named("ErrorCode"), "Why."),
                    must(
                        "message",
                        any_text(),
                        "For whoever develops the client; it names the field.",
                    ),
                    must(
                        "retry",
                        Shape::Flag,
                        "Whether sending the same again may help.",
                    ),
                    may("retry_after_ms", from(0), "After how long."),
                    may("id", named("EntryId"), "The entry that was not appended."),
                    may(
                        "conversation",
                        named("ConversationId"),
                        "The conversation that was named.",
                    ),
                ],
            )],
        ),
    ]
}

fn event(name: &'static str, frames: Vec<Definition>) -> Event {
    Event { name, frames }
}

fn frame(
    name: &'static str,
    event: &'static str,
    about: &'static str,
    comes: Comes,
    fields: Vec<Field>,
) -> Definition {
    let mut all = vec![must("event", tag(event), "What is said.")];
    if comes == Comes::Asked {
        all.push(may(
            "ref",
            named("Ref"),
            "The `ref` of the frame that is answered, where it had one.",
        ));
    }
    all.extend(fields);
    record(name, about, all)
}

/// The forms of `settings` as one, and all server frames as one.
pub(super) fn unions(events: &[Event]) -> Vec<Definition> {
    let names = events
        .iter()
        .flat_map(|it| it.frames.iter().map(|frame| frame.name));
    vec![
        union("Settings", "Answers `settings`.", vec!["Muted", "Blocked"]),
        union(
            "ServerFrame",
            "What the gateway says. Unknown events are to be ignored.",
            names.collect(),
        ),
    ]
}
