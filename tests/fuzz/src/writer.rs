//! Client frames, written: the inverse of the parser, which has none of its own because the gateway never writes one.

use serde_json::{Map, Value, json};
use switchboard::protocol::action::{Action, Device, Receipt, Send, Settings, Span};
use switchboard::protocol::{ClientFrame, Seq};

/// The frame as a client would write it. Parsing it gives the same frame.
pub fn written(frame: &ClientFrame) -> Value {
    let mut fields = fields(&frame.action);
    fields.insert("action".to_owned(), json!(frame.action.name()));
    if let Some(reference) = &frame.reference {
        fields.insert("ref".to_owned(), json!(reference));
    }
    Value::Object(fields)
}

fn fields(action: &Action) -> Map<String, Value> {
    let fields = match action {
        Action::Hello | Action::Ping => json!({}),
        Action::Open(open) => {
            json!({"with": open.with, "key": open.key, "subject": open.subject})
        }
        Action::Send(send) => send_fields(send),
        Action::Receipt(receipt) => receipt_fields(receipt),
        Action::Typing(typing) => json!({"conversation": typing.conversation, "on": typing.on}),
        Action::History(history) => {
            let (name, seq): (&str, Seq) = match history.from {
                Span::After(seq) => ("after", seq),
                Span::Before(seq) => ("before", seq),
            };
            json!({"conversation": history.conversation, "limit": history.limit, name: seq})
        }
        Action::Sync(sync) => json!({"cursors": sync.cursors}),
        Action::Inbox(inbox) => match &inbox.next {
            Some(next) => json!({"limit": inbox.limit, "next": next.to_next()}),
            None => json!({"limit": inbox.limit}),
        },
        Action::Presence(presence) => json!({"users": presence.users}),
        Action::Device(Device::Remove { device }) => json!({"device": device, "remove": true}),
        Action::Device(Device::Register {
            device,
            platform,
            token,
            locale,
        }) => {
            json!({"device": device, "platform": platform.as_str(), "token": token, "locale": locale})
        }
        Action::Settings(Settings::Mute {
            conversation,
            muted_until,
        }) => json!({"conversation": conversation, "muted_until": muted_until}),
        Action::Settings(Settings::Block { user, blocked }) => {
            json!({"user": user, "blocked": blocked})
        }
    };
    match fields {
        Value::Object(fields) => fields,
        other => panic!("not the fields of a frame: {other}"),
    }
}

fn send_fields(send: &Send) -> Value {
    json!({
        "conversation": send.conversation,
        "id": send.id,
        "after": send.after,
        "body": send.body,
        "reply_to": send.reply_to,
    })
}

fn receipt_fields(receipt: &Receipt) -> Value {
    let each = receipt.receipts.iter();
    let each: Vec<Value> = each
        .map(|(conversation, marks)| {
        json!({"conversation": conversation, "recv": marks.recv, "read": marks.read})
    }).collect();
    json!({"receipts": each})
}
