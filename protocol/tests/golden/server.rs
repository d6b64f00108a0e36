//! What the server's golden frames are written from.

use serde_json::{Value, json};
use switchboard_protocol::event::{
    DeviceEvent, EntryFields, Event, InboxEvent, Limits, Opened, Page, PresenceEvent, Present,
    ReceiptEvent, Sent, SettingsEvent, Synced, TypingEvent, Welcome,
};
use switchboard_protocol::frame::About;
use switchboard_protocol::{
    Body, Conversation, ConversationId, Entry, EntryId, ErrorCode, Member, Refusal, Role, Seq,
    ServerFrame, UserId,
};

const TS: u64 = 1_795_000_000_000;

/// A file's name and its frame.
type Frame = (&'static str, ServerFrame);

/// Every server frame of the folder.
pub(crate) fn frames() -> Vec<Frame> {
    [conversations(), entries(), others(), errors()].concat()
}

fn reply(reference: &str, event: Event) -> ServerFrame {
    ServerFrame {
        reference: Some(reference.parse().unwrap()),
        event,
    }
}

fn id() -> ConversationId {
    "01JD8Z3KQ5W9T0000000000001".parse().unwrap()
}

fn entry_id() -> EntryId {
    "01JD8Z5A7XG4N000000000000A".parse().unwrap()
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn fields(body: Body) -> EntryFields {
    EntryFields {
        conversation: id(),
        seq: 42,
        id: entry_id(),
        from: user("alice"),
        ts: TS,
        body,
        reply_to: None,
        edited_at: None,
    }
}

fn text(text: &str) -> Body {
    Body::Text {
        text: text.to_owned(),
    }
}

fn entry() -> Entry {
    Entry {
        fields: fields(text("on my way")),
    }
}

fn member(name: &str, role: Role, (recv, read): (Seq, Seq), muted_until: Option<u64>) -> Member {
    Member {
        user: user(name),
        role,
        recv,
        read,
        muted_until,
    }
}

/// Alice's view of a new conversation.
fn new() -> Conversation {
    Conversation {
        conversation: id(),
        key: "".parse().unwrap(),
        subject: "".parse().unwrap(),
        members: vec![
            member("alice", Role::Customer, (0, 0), Some(0)),
            member("bob", Role::Provider, (0, 0), None),
        ],
        last_seq: 0,
        last_at: TS,
        last: None,
        unread: 0,
    }
}

fn lively() -> Conversation {
    Conversation {
        key: "booking-17".parse().unwrap(),
        subject: "The kitchen tap".parse().unwrap(),
        last_seq: 42,
        last: Some(entry()),
        unread: 2,
        members: vec![
            member("alice", Role::Customer, (42, 40), Some(0)),
            member("bob", Role::Provider, (41, 41), None),
        ],
        ..new()
    }
}

fn conversations() -> Vec<Frame> {
    let welcome = Event::Welcome(Welcome {
        user: user("alice"),
        role: Role::Customer,
        now: TS + 1_000,
        expires_at: TS + 3_600_000,
        reconnect_by: TS + 3_500_000,
        conversations: vec![lively()],
        more: false,
        limits: Limits::default(),
    });
    let opened = |conversation, created| {
        Event::Opened(Opened {
            conversation,
            created,
        })
    };
    let inbox = |conversations, next: Option<&str>| {
        Event::Inbox(InboxEvent {
            conversations,
            next: next.map(str::to_owned),
        })
    };
    let page = inbox(
        vec![new()],
        Some("1795000000000.01JD8Z3KQ5W9T0000000000001"),
    );
    vec![
        ("welcome", reply("1", welcome)),
        ("opened.new", opened(new(), true).unasked()),
        ("opened.existing", reply("2", opened(lively(), false))),
        ("inbox.last_page", reply("12", inbox(Vec::new(), None))),
        ("inbox.page", reply("13", page)),
    ]
}

fn attachment(text: Option<&str>) -> Body {
    Body::Attachment {
        attachment: "up-1".to_owned(),
        name: "tap.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        size: 182_044,
        text: text.map(str::to_owned),
    }
}

fn entries() -> Vec<Frame> {
    let live = |body| Event::Entry(fields(body)).unasked();
    let edited_reply = Event::Entry(EntryFields {
        reply_to: Some(40),
        edited_at: Some(TS + 2_000),
        ..fields(text("on my way, ten minutes"))
    });
    let edit = Body::Edit {
        of: 41,
        text: "on my way".to_owned(),
    };
    let reaction = Body::Reaction {
        of: 41,
        emoji: "👍".to_owned(),
        on: true,
    };
    let Value::Object(data) = json!({ "amount": 80, "currency": "EUR" }) else {
        panic!("an object is an object");
    };
    let custom = Body::Custom {
        custom_type: "price.offer-v1".to_owned(),
        data,
    };
    let page = Event::Page(Page {
        conversation: id(),
        entries: vec![entry()],
        more: true,
    });
    let synced = Event::Synced(Synced {
        entries: vec![entry()],
        more: false,
    });
    vec![
        ("entry.text", live(text("on my way"))),
        ("entry.edited_reply", edited_reply.unasked()),
        ("entry.attachment", live(attachment(None))),
        (
            "entry.attachment_with_text",
            live(attachment(Some("this one"))),
        ),
        ("entry.edit", live(edit)),
        ("entry.delete", live(Body::Delete { of: 41 })),
        ("entry.reaction", live(reaction)),
        ("entry.custom", live(custom)),
        ("entry.deleted", live(Body::Deleted)),
        ("page", reply("8", page)),
        ("synced", reply("10", synced)),
    ]
}

fn others() -> Vec<Frame> {
    let sent = Event::Sent(Sent {
        conversation: id(),
        id: entry_id(),
        seq: 42,
        ts: TS,
        duplicate: false,
    });
    let receipt = Event::Receipt(ReceiptEvent {
        conversation: id(),
        user: user("bob"),
        recv: 42,
        read: 40,
    });
    let typing = Event::Typing(TypingEvent {
        conversation: id(),
        user: user("bob"),
        on: true,
    });
    let present = |online, last_seen| Present { online, last_seen };
    let users = [
        (user("bob"), present(true, TS)),
        (user("carol"), present(false, TS - 10_000_000)),
    ];
    let presence = Event::Presence(PresenceEvent {
        users: users.into(),
    });
    let device = |registered| {
        Event::Device(DeviceEvent {
            device: "phone-1".parse().unwrap(),
            registered,
        })
    };
    let mute = Event::Settings(SettingsEvent::Mute {
        conversation: id(),
        muted_until: TS + 3_600_000,
    });
    let block = Event::Settings(SettingsEvent::Block {
        user: user("bob"),
        blocked: true,
    });
    vec![
        ("sent", reply("7", sent)),
        ("receipt", receipt.unasked()),
        ("typing", typing.unasked()),
        ("presence", reply("14", presence)),
        ("device.registered", reply("15", device(true))),
        ("device.removed", reply("16", device(false))),
        ("settings.mute", reply("17", mute)),
        ("settings.block", reply("19", block)),
        ("pong", Event::Pong {}.unasked()),
    ]
}

fn errors() -> Vec<Frame> {
    let about = About {
        reference: Some("7".parse().unwrap()),
        id: Some(entry_id()),
        conversation: Some(id()),
    };
    let rate_limited = Refusal {
        retry_after_ms: Some(1_200),
        ..Refusal::new(ErrorCode::RateLimited, "more than 20 sends in 10 seconds")
    };
    let unknown = About::default();
    let bad_request = Refusal::new(ErrorCode::BadRequest, "the frame is not JSON");
    vec![
        ("error.rate_limited", about.error(rate_limited).into()),
        ("error.bad_request", unknown.error(bad_request).into()),
    ]
}
