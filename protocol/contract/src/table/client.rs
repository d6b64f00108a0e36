//! What a client may say: one record per form of an action.

use switchboard_protocol::limits;

use super::Action;
use crate::shape::{
    Definition, Field, Shape, bytes, few, from, matching, may, must, named, record, tag, union,
    up_to,
};

const ASKS: &str = "What is asked for.";

/// The actions, in the order of the contract.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn actions() -> Vec<Action> {
    let conversation = || must("conversation", named("ConversationId"), "Where.");
    vec![
        Action {
            name: "hello",
            about: "Who am I, and what is going on? The first frame of a connection.",
            frames: vec![frame("HelloFrame", "hello", "Says hello.", vec![])],
            reply: Some("Welcome"),
            errors: &[],
        },
        Action {
            name: "ping",
            about: "I am still here. Sent after nine minutes of silence; the platform closes after ten.",
            frames: vec![frame("PingFrame", "ping", "Keeps the connection.", vec![])],
            reply: Some("Pong"),
            errors: &[],
        },
        Action {
            name: "open",
            about: "The conversation with a user of the other role, new or not. The same pair and key give the same conversation, whoever opens it and however often.",
            frames: vec![frame(
                "OpenFrame",
                "open",
                "Opens a conversation.",
                vec![
                    must("with", named("UserId"), "The other user."),
                    may(
                        "key",
                        bytes(0, limits::KEY_BYTES_MAX),
                        "Which of the pair's conversations: one for each booking, say. Absent is `\"\"`.",
                    ),
                    may(
                        "subject",
                        bytes(0, limits::SUBJECT_BYTES_MAX),
                        "What it is about; used when it is new.",
                    ),
                ],
            )],
            reply: Some("Opened"),
            errors: &["unknown_user", "blocked"],
        },
        Action {
            name: "send",
            about: "Appends an entry. The same `id` with the same `after` is stored once, however often it is sent.",
            frames: vec![frame(
                "SendFrame",
                "send",
                "Sends an entry.",
                vec![
                    conversation(),
                    must(
                        "id",
                        named("EntryId"),
                        "The device's own id for it; the same on every retry.",
                    ),
                    must(
                        "after",
                        named("Seq"),
                        "The device's cursor when it first tried to send this `id`; the same on every retry. It also confirms everything up to there.",
                    ),
                    must("body", named("ClientBody"), "What it says."),
                    may("reply_to", from(1), "The entry that it answers."),
                ],
            )],
            reply: Some("Sent"),
            errors: &[
                "too_large",
                "unknown_conversation",
                "not_allowed",
                "blocked",
                "conflict",
                "rate_limited",
            ],
        },
        Action {
            name: "receipt",
            about: "What was stored and seen. At most one frame a second; answered only when it fails.",
            frames: vec![frame(
                "ReceiptFrame",
                "receipt",
                "Confirms entries.",
                vec![must(
                    "receipts",
                    few(named("Marks"), limits::RECEIPTS_MAX),
                    "How far, for each conversation.",
                )],
            )],
            reply: None,
            errors: &["unknown_conversation"],
        },
        Action {
            name: "typing",
            about: "Somebody is writing, or no longer. At most one frame every three seconds; answered only when it fails.",
            frames: vec![frame(
                "TypingFrame",
                "typing",
                "Says whether somebody is writing.",
                vec![
                    conversation(),
                    must("on", Shape::Flag, "Whether it begins or ends."),
                ],
            )],
            reply: None,
            errors: &["unknown_conversation", "blocked"],
        },
        Action {
            name: "history",
            about: "Entries of one conversation, upward from `after` or downward from `before`.",
            frames: vec![
                frame(
                    "HistoryAfterFrame",
                    "history",
                    "Asks for the entries above one.",
                    vec![
                        conversation(),
                        must(
                            "after",
                            named("Seq"),
                            "From the entry after this one, upward.",
                        ),
                        may(
                            "limit",
                            up_to(limits::HISTORY_MAX),
                            "How many at most; 50 where absent.",
                        ),
                    ],
                ),
                frame(
                    "HistoryBeforeFrame",
                    "history",
                    "Asks for the entries below one.",
                    vec![
                        conversation(),
                        must(
                            "before",
                            named("Seq"),
                            "The entries just below this one, still ascending.",
                        ),
                        may(
                            "limit",
                            up_to(limits::HISTORY_MAX),
                            "How many at most; 50 where absent.",
                        ),
                    ],
                ),
            ],
            reply: Some("Page"),
            errors: &["unknown_conversation"],
        },
        Action {
            name: "sync",
            about: "Everything above these cursors, and the newest 20 entries of recent conversations that have none. After `more: false` the device holds everything that was acknowledged before the call.",
            frames: vec![frame(
                "SyncFrame",
                "sync",
                "Asks for what was missed.",
                vec![must(
                    "cursors",
                    Shape::Map {
                        keys: "ConversationId",
                        of: Box::new(named("Seq")),
                        max: Some(limits::CURSORS_MAX),
                    },
                    "For each conversation the `seq` up to which the device misses nothing.",
                )],
            )],
            reply: Some("Synced"),
            errors: &[],
        },
        Action {
            name: "inbox",
            about: "The conversations, newest first, in pages.",
            frames: vec![frame(
                "InboxFrame",
                "inbox",
                "Lists conversations.",
                vec![
                    may(
                        "limit",
                        up_to(limits::INBOX_MAX),
                        "How many at most; 20 where absent.",
                    ),
                    may(
                        "next",
                        matching(28, 47, "^[0-9]{1,20}\\.[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
                        "Where the page before ended, as it said.",
                    ),
                ],
            )],
            reply: Some("Inbox"),
            errors: &[],
        },
        Action {
            name: "presence",
            about: "Who is there? Only of users with whom one shares a conversation.",
            frames: vec![frame(
                "PresenceFrame",
                "presence",
                "Asks who is there.",
                vec![must(
                    "users",
                    few(named("UserId"), limits::PRESENCE_MAX),
                    "Of whom.",
                )],
            )],
            reply: Some("Presence"),
            errors: &[],
        },
        Action {
            name: "device",
            about: "Where to push to when nobody is connected.",
            frames: vec![
                frame(
                    "RegisterDeviceFrame",
                    "device",
                    "Registers a device for pushes.",
                    vec![
                        must("device", named("DeviceId"), "Which device."),
                        must(
                            "platform",
                            Shape::Choice(vec!["apns", "apns_sandbox", "fcm"]),
                            "Through which service.",
                        ),
                        must(
                            "token",
                            matching(1, limits::PUSH_TOKEN_BYTES_MAX, "^[!-~]+$"),
                            "The service's name for it.",
                        ),
                        may(
                            "locale",
                            bytes(1, limits::LOCALE_BYTES_MAX),
                            "The language to push in.",
                        ),
                    ],
                ),
                frame(
                    "RemoveDeviceFrame",
                    "device",
                    "Ends the pushes to a device.",
                    vec![
                        must("device", named("DeviceId"), "Which device."),
                        must("remove", Shape::Yes, "Pushes end."),
                    ],
                ),
            ],
            reply: Some("Device"),
            errors: &[],
        },
        Action {
            name: "settings",
            about: "Mutes a conversation, or blocks a user.",
            frames: vec![
                frame(
                    "MuteFrame",
                    "settings",
                    "Mutes a conversation, or asks whether it is.",
                    vec![
                        conversation(),
                        may(
                            "muted_until",
                            named("Timestamp"),
                            "No pushes until then; 0 ends it. Where absent, what is in force is asked for.",
                        ),
                    ],
                ),
                frame(
                    "BlockFrame",
                    "settings",
                    "Blocks a user, or no longer.",
                    vec![
                        must("user", named("UserId"), "Whom."),
                        must("blocked", Shape::Flag, "Whether."),
                    ],
                ),
            ],
            reply: Some("Settings"),
            errors: &["unknown_conversation", "unknown_user"],
        },
    ]
}

fn frame(
    name: &'static str,
    action: &'static str,
    about: &'static str,
    fields: Vec<Field>,
) -> Definition {
    let mut all = vec![
        must("action", tag(action), ASKS),
        may(
            "ref",
            named("Ref"),
            "Comes back on the reply and on an error.",
        ),
    ];
    all.extend(fields);
    record(name, about, all)
}

/// All client frames as one definition.
pub(super) fn any_frame(actions: &[Action]) -> Definition {
    let names = actions
        .iter()
        .flat_map(|it| it.frames.iter().map(|frame| frame.name));
    union("ClientFrame", "What a client says.", names.collect())
}
