//! Values that frames consist of: ids, times, bodies, entries, conversations.

use switchboard_protocol::{ErrorCode, Role, limits};

use crate::shape::{
    Definition, Field, Shape, any_text, bytes, chars, from, list, matching, may, must, named,
    record, tag, union, value,
};

const ULID: &str = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";

/// The plain values.
pub(super) fn plain() -> Vec<Definition> {
    vec![
        value(
            "UserId",
            "A user: the `sub` of the token.",
            matching(1, limits::USER_BYTES_MAX, "^[!-\"$-~]+$"),
        ),
        value(
            "Role",
            "Which side of a conversation a user stands on.",
            Shape::Choice(vec![Role::Customer.as_str(), Role::Provider.as_str()]),
        ),
        value(
            "ConversationId",
            "A conversation: a ULID made by the gateway.",
            matching(26, 26, ULID),
        ),
        value(
            "EntryId",
            "An entry: a ULID made by the sending device, the idempotency key of the send.",
            matching(26, 26, ULID),
        ),
        value(
            "DeviceId",
            "A device of a user, as the user's apps name it. It is no secret.",
            matching(1, limits::DEVICE_CHARS_MAX, "^[A-Za-z0-9._-]+$"),
        ),
        value(
            "Ref",
            "A client's name for a frame, which comes back on the reply and on an error.",
            bytes(0, limits::REF_BYTES_MAX),
        ),
        value(
            "Seq",
            "The place of an entry in its log: 1, 2, 3, … without gaps; 0 stands before the first.",
            from(0),
        ),
        value(
            "Timestamp",
            "Milliseconds since 1970 UTC, by the server's clock.",
            from(0),
        ),
        value(
            "ErrorCode",
            "Why a frame was not done.",
            Shape::Choice(ErrorCode::ALL.map(ErrorCode::as_str).into()),
        ),
    ]
}

/// The bodies of entries.
pub(super) fn bodies() -> Vec<Definition> {
    let of = |about| must("of", from(1), about);
    let text = |about| must("text", chars(1, limits::TEXT_CHARS_MAX), about);
    let name = || bytes(1, limits::ATTACHMENT_NAME_BYTES_MAX);
    vec![
        record(
            "TextBody",
            "A message.",
            vec![kind("text"), text("What it says.")],
        ),
        record(
            "AttachmentBody",
            "A file that was uploaded before.",
            vec![
                kind("attachment"),
                must(
                    "attachment",
                    bytes(1, limits::REF_BYTES_MAX),
                    "The id that the upload was given.",
                ),
                must("name", name(), "The file's name."),
                must("type", name(), "The file's media type."),
                must("size", from(0), "The file's size in bytes."),
                may("text", chars(1, limits::TEXT_CHARS_MAX), "A caption."),
            ],
        ),
        record(
            "EditBody",
            "Replaces the text of an own text entry.",
            vec![
                kind("edit"),
                of("The entry that is edited."),
                text("Its new text."),
            ],
        ),
        record(
            "DeleteBody",
            "Takes an own entry back.",
            vec![kind("delete"), of("The entry that is deleted.")],
        ),
        record(
            "ReactionBody",
            "Adds or takes back a reaction.",
            vec![
                kind("reaction"),
                of("The entry that is reacted to."),
                must("emoji", bytes(1, limits::EMOJI_BYTES_MAX), "The reaction."),
                must("on", Shape::Flag, "Whether it is added or taken back."),
            ],
        ),
        record(
            "CustomBody",
            "What an app adds: a price offer, a location.",
            vec![
                kind("custom"),
                must(
                    "type",
                    matching(1, limits::CUSTOM_TYPE_CHARS_MAX, "^[a-z0-9._-]+$"),
                    "Which of the app's own kinds.",
                ),
                must("data", Shape::Anything, "Whatever the app says."),
            ],
        ),
        record(
            "DeletedBody",
            "What stands where a deleted entry stood. Written by the server alone.",
            vec![kind("deleted")],
        ),
        union(
            "ClientBody",
            "What a client may send: at most 16,384 bytes as compact JSON.",
            vec![
                "TextBody",
                "AttachmentBody",
                "EditBody",
                "DeleteBody",
                "ReactionBody",
                "CustomBody",
            ],
        ),
        union(
            "Body",
            "What an entry says. Other kinds may come: show nothing for them.",
            vec![
                "TextBody",
                "AttachmentBody",
                "EditBody",
                "DeleteBody",
                "ReactionBody",
                "CustomBody",
                "DeletedBody",
            ],
        ),
    ]
}

fn kind(name: &'static str) -> Field {
    must("kind", tag(name), "Which kind of body.")
}

/// What a conversation consists of, and what `opened` says of one.
pub(super) fn conversation() -> Vec<Field> {
    vec![
        must("conversation", named("ConversationId"), "Its id."),
        must(
            "key",
            bytes(0, limits::KEY_BYTES_MAX),
            "Which of the pair's conversations.",
        ),
        must(
            "subject",
            bytes(0, limits::SUBJECT_BYTES_MAX),
            "What it is about.",
        ),
        must("members", list(named("Member")), "Who is in it."),
        must(
            "last_seq",
            named("Seq"),
            "The newest entry's place; 0 while there is none.",
        ),
        must(
            "last_at",
            named("Timestamp"),
            "When something last happened in it.",
        ),
        must(
            "last",
            Shape::Nullable(Box::new(named("Entry"))),
            "The newest entry, or `null`.",
        ),
        must(
            "unread",
            Shape::Integer {
                min: 0,
                max: Some(limits::UNREAD_MAX),
            },
            "The others' texts and attachments above one's own `read`; it stops at 99.",
        ),
    ]
}

/// Objects within frames.
pub(super) fn objects() -> Vec<Definition> {
    vec![
        record(
            "Conversation",
            "A conversation as one of its members sees it.",
            conversation(),
        ),
        record(
            "Member",
            "A member of a conversation.",
            vec![
                must("user", named("UserId"), "Who."),
                must("role", named("Role"), "On which side."),
                must(
                    "recv",
                    named("Seq"),
                    "Stored by one of the member's devices up to here.",
                ),
                must("read", named("Seq"), "Seen up to here; never above `recv`."),
                may(
                    "muted_until",
                    named("Timestamp"),
                    "Until when one wants no pushes; told to the member alone.",
                ),
            ],
        ),
        record(
            "Limits",
            "What a client has to keep to.",
            vec![
                must("frame_bytes", from(1), "A frame's bytes."),
                must("text_chars", from(1), "A text's characters."),
                must(
                    "sends_per_10s",
                    from(1),
                    "Sends of a user in a conversation in 10 s.",
                ),
            ],
        ),
        record(
            "Present",
            "Whether somebody is there.",
            vec![
                must("online", Shape::Flag, "Whether a device is connected."),
                must("last_seen", named("Timestamp"), "When one last was."),
            ],
        ),
        record(
            "Marks",
            "How far somebody got in a conversation. `recv`, `read` or both.",
            vec![
                must("conversation", named("ConversationId"), "Where."),
                may("recv", named("Seq"), "Stored by this device up to here."),
                may("read", named("Seq"), "Seen up to here."),
            ],
        ),
        record(
            "PlatformError",
            "API Gateway's own error. It has no `event`: it means `unavailable` for whatever is in flight.",
            vec![
                must("message", any_text(), "What the platform says."),
                may("connectionId", any_text(), "The connection's id."),
                may("requestId", any_text(), "The request's id."),
            ],
        ),
    ]
}
