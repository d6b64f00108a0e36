//! Reading the fields of each action.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Action, Device, History, Inbox, Marks, Open, Platform, Position, Presence, Receipt, Send,
    Settings, Span, Sync, Typing,
};
use crate::body::Body;
use crate::error::{ErrorCode, Refusal};
use crate::fields::Fields;
use crate::ids::ConversationId;
use crate::limits;

impl Action {
    /// Reads the fields of the action of that name.
    pub(crate) fn read(name: &str, fields: &Fields<'_>) -> Result<Self, Refusal> {
        match name {
            "hello" => Ok(Self::Hello),
            "ping" => Ok(Self::Ping),
            "open" => open(fields).map(Self::Open),
            "send" => send(fields).map(Self::Send),
            "receipt" => receipt(fields).map(Self::Receipt),
            "typing" => typing(fields).map(Self::Typing),
            "history" => history(fields).map(Self::History),
            "sync" => sync(fields).map(Self::Sync),
            "inbox" => inbox(fields).map(Self::Inbox),
            "presence" => presence(fields).map(Self::Presence),
            "device" => device(fields).map(Self::Device),
            "settings" => settings(fields).map(Self::Settings),
            _ => Err(Refusal::new(
                ErrorCode::UnknownAction,
                "action is not one of this gateway's",
            )),
        }
    }
}

fn open(fields: &Fields<'_>) -> Result<Open, Refusal> {
    Ok(Open {
        with: fields.parsed("with")?,
        key: fields.parsed_if_there("key")?.unwrap_or_default(),
        subject: fields.parsed_if_there("subject")?.unwrap_or_default(),
    })
}

fn send(fields: &Fields<'_>) -> Result<Send, Refusal> {
    Ok(Send {
        conversation: fields.parsed("conversation")?,
        id: fields.parsed("id")?,
        after: fields.integer("after")?,
        body: Body::from_client(&fields.object("body")?)?,
        reply_to: if fields.has("reply_to") {
            Some(fields.seq_from_one("reply_to")?)
        } else {
            None
        },
    })
}

fn receipt(fields: &Fields<'_>) -> Result<Receipt, Refusal> {
    let mut receipts = BTreeMap::<ConversationId, Marks>::new();
    for value in fields.list("receipts", limits::RECEIPTS_MAX)? {
        let map = value
            .as_object()
            .ok_or_else(|| fields.refuse("receipts", "must be an array of objects"))?;
        let one = Fields::new(map, "receipts");
        let mark = |name| {
            if one.has(name) {
                one.integer(name)
            } else {
                Ok(0)
            }
        };
        let (recv, read) = (mark("recv")?, mark("read")?);
        if !one.has("recv") && !one.has("read") {
            return Err(one.refuse("recv", "or receipts.read is missing"));
        }
        let marks = receipts.entry(one.parsed("conversation")?).or_default();
        marks.recv = marks.recv.max(recv);
        marks.read = marks.read.max(read);
    }
    Ok(Receipt { receipts })
}

fn typing(fields: &Fields<'_>) -> Result<Typing, Refusal> {
    Ok(Typing {
        conversation: fields.parsed("conversation")?,
        on: fields.flag("on")?,
    })
}

fn history(fields: &Fields<'_>) -> Result<History, Refusal> {
    let from = match (fields.has("after"), fields.has("before")) {
        (true, false) => Span::After(fields.integer("after")?),
        (false, true) => Span::Before(fields.integer("before")?),
        (true, true) => return Err(fields.refuse("after", "and before exclude each other")),
        (false, false) => return Err(fields.refuse("after", "or before is missing")),
    };
    Ok(History {
        conversation: fields.parsed("conversation")?,
        from,
        limit: fields.count("limit", limits::HISTORY_MAX, limits::HISTORY_DEFAULT)?,
    })
}

fn sync(fields: &Fields<'_>) -> Result<Sync, Refusal> {
    let map = fields.object("cursors")?.map();
    if map.len() > limits::CURSORS_MAX {
        let rule = format!("must have at most {} members", limits::CURSORS_MAX);
        return Err(fields.refuse("cursors", rule));
    }
    let mut cursors = BTreeMap::new();
    for (name, value) in map {
        let conversation = name
            .parse()
            .map_err(|rule| fields.refuse("cursors", rule))?;
        let cursor = value
            .as_u64()
            .ok_or_else(|| fields.refuse("cursors", "must hold integers of 0 or more"))?;
        cursors.insert(conversation, cursor);
    }
    Ok(Sync { cursors })
}

fn inbox(fields: &Fields<'_>) -> Result<Inbox, Refusal> {
    let next = if fields.has("next") {
        let next = Position::from_next(fields.text("next")?)
            .ok_or_else(|| fields.refuse("next", "must be what an inbox reply gave"))?;
        Some(next)
    } else {
        None
    };
    Ok(Inbox {
        limit: fields.count("limit", limits::INBOX_MAX, limits::INBOX_DEFAULT)?,
        next,
    })
}

fn presence(fields: &Fields<'_>) -> Result<Presence, Refusal> {
    let user = |value: &Value| {
        let text = value
            .as_str()
            .ok_or_else(|| fields.refuse("users", "must be an array of strings"))?;
        text.parse().map_err(|rule| fields.refuse("users", rule))
    };
    let users = fields.list("users", limits::PRESENCE_MAX)?.iter().map(user);
    Ok(Presence {
        users: users.collect::<Result<_, _>>()?,
    })
}

fn device(fields: &Fields<'_>) -> Result<Device, Refusal> {
    let device = fields.parsed("device")?;
    if fields.has("remove") && fields.flag("remove")? {
        return Ok(Device::Remove { device });
    }
    let platform = Platform::from_name(fields.text("platform")?)
        .ok_or_else(|| fields.refuse("platform", "must be apns, apns_sandbox or fcm"))?;
    let token = fields.bounded("token", 1, limits::PUSH_TOKEN_BYTES_MAX)?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(fields.refuse("token", "must consist of visible ASCII characters"));
    }
    let locale = if fields.has("locale") {
        Some(
            fields
                .bounded("locale", 1, limits::LOCALE_BYTES_MAX)?
                .to_owned(),
        )
    } else {
        None
    };
    Ok(Device::Register {
        device,
        platform,
        token: token.to_owned(),
        locale,
    })
}

fn settings(fields: &Fields<'_>) -> Result<Settings, Refusal> {
    match (fields.has("conversation"), fields.has("user")) {
        (true, false) => Ok(Settings::Mute {
            conversation: fields.parsed("conversation")?,
            muted_until: if fields.has("muted_until") {
                Some(fields.integer("muted_until")?)
            } else {
                None
            },
        }),
        (false, true) => Ok(Settings::Block {
            user: fields.parsed("user")?,
            blocked: fields.flag("blocked")?,
        }),
        (true, true) => Err(fields.refuse("conversation", "and user exclude each other")),
        (false, false) => Err(fields.refuse("conversation", "or user is missing")),
    }
}
