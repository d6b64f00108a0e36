//! What the client's golden frames mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchboard_protocol::action::{
    Device, History, Inbox, Marks, Open, Platform, Position, Presence, Receipt, Send, Settings,
    Span, Sync, Typing,
};
use switchboard_protocol::{Action, Body, ConversationId, Seq};

/// A file's name, its `ref` and its action.
type Frame = (&'static str, Option<&'static str>, Action);

/// Every client frame of the folder.
pub(crate) fn frames() -> Vec<Frame> {
    [sessions(), sends(), logs(), settings()].concat()
}

/// One of the three conversations that the frames speak of.
fn conversation(number: u8) -> ConversationId {
    format!("01JD8Z3KQ5W9T000000000000{number}")
        .parse()
        .unwrap()
}

fn sessions() -> Vec<Frame> {
    let open = |key: &str, subject: &str| {
        Action::Open(Open {
            with: "bob".parse().unwrap(),
            key: key.parse().unwrap(),
            subject: subject.parse().unwrap(),
        })
    };
    let presence = Action::Presence(Presence {
        users: BTreeSet::from(["bob".parse().unwrap(), "carol".parse().unwrap()]),
    });
    vec![
        ("hello", Some("1"), Action::Hello),
        ("ping", None, Action::Ping),
        ("open.minimal", None, open("", "")),
        (
            "open.full",
            Some("2"),
            open("booking-17", "The kitchen tap"),
        ),
        ("presence", Some("14"), presence),
    ]
}

/// A `send` of the entry whose id ends so.
fn send(ending: char, after: Seq, body: Body, reply_to: Option<Seq>) -> Action {
    let id = format!("01JD8Z5A7XG4N000000000000{ending}");
    Action::Send(Send {
        conversation: conversation(1),
        id: id.parse().unwrap(),
        after,
        body,
        reply_to,
    })
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

fn sends() -> Vec<Frame> {
    let text = |text: &str| Body::Text {
        text: text.to_owned(),
    };
    let edit = Body::Edit {
        of: 42,
        text: "on my way, ten minutes".to_owned(),
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
    let reply = send('B', 0, text("Bis gleich 👋"), Some(40));
    let captioned = send('D', 42, attachment(Some("this one")), None);
    let delete = send('F', 44, Body::Delete { of: 42 }, None);
    vec![
        (
            "send.text",
            Some("7"),
            send('A', 41, text("on my way"), None),
        ),
        ("send.reply", None, reply),
        (
            "send.attachment",
            None,
            send('C', 42, attachment(None), None),
        ),
        ("send.attachment_with_text", None, captioned),
        ("send.edit", None, send('E', 43, edit, None)),
        ("send.delete", None, delete),
        ("send.reaction", None, send('G', 45, reaction, None)),
        ("send.custom", None, send('H', 46, custom, None)),
    ]
}

fn logs() -> Vec<Frame> {
    let receipts = [(1, 42, 40), (2, 7, 0), (3, 0, 3)];
    let receipt = Action::Receipt(Receipt {
        receipts: receipts
            .map(|(number, recv, read)| (conversation(number), Marks { recv, read }))
            .into(),
    });
    let typing = |on| {
        Action::Typing(Typing {
            conversation: conversation(1),
            on,
        })
    };
    let history = |from, limit| {
        Action::History(History {
            conversation: conversation(1),
            from,
            limit,
        })
    };
    let sync = |cursors| Action::Sync(Sync { cursors });
    let inbox = |limit, next| Action::Inbox(Inbox { limit, next });
    let cursors = BTreeMap::from([(conversation(1), 42), (conversation(2), 0)]);
    let next = Position {
        last_at: 1_795_000_000_000,
        conversation: conversation(1),
    };
    vec![
        ("receipt", None, receipt),
        ("typing.on", None, typing(true)),
        ("typing.off", None, typing(false)),
        ("history.after", Some("8"), history(Span::After(0), 100)),
        ("history.before", Some("9"), history(Span::Before(41), 50)),
        (
            "history.before_limited",
            Some("10"),
            history(Span::Before(41), 1),
        ),
        ("sync", Some("10"), sync(cursors)),
        ("sync.empty", Some("11"), sync(BTreeMap::new())),
        ("inbox.minimal", Some("12"), inbox(20, None)),
        ("inbox.full", Some("13"), inbox(50, Some(next))),
    ]
}

fn settings() -> Vec<Frame> {
    let token = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad";
    let register = Action::Device(Device::Register {
        device: "phone-1".parse().unwrap(),
        platform: Platform::ApnsSandbox,
        token: token.to_owned(),
        locale: Some("de-CH".to_owned()),
    });
    let register_minimal = Action::Device(Device::Register {
        device: "phone-2".parse().unwrap(),
        platform: Platform::Fcm,
        token: "fcm:APA91b-_x".to_owned(),
        locale: None,
    });
    let remove = Action::Device(Device::Remove {
        device: "phone-1".parse().unwrap(),
    });
    let mute = |muted_until| {
        Action::Settings(Settings::Mute {
            conversation: conversation(1),
            muted_until,
        })
    };
    let block = Action::Settings(Settings::Block {
        user: "bob".parse().unwrap(),
        blocked: true,
    });
    vec![
        ("device.register", Some("15"), register),
        ("device.register_minimal", None, register_minimal),
        ("device.remove", Some("16"), remove),
        ("settings.mute", Some("17"), mute(Some(1_795_003_600_000))),
        ("settings.unmute", Some("18"), mute(Some(0))),
        ("settings.muted", Some("19"), mute(None)),
        ("settings.block", Some("19"), block),
    ]
}
