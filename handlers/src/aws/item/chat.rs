//! Everything in the table `chat` but entries.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use switchboard::log::{Conversation, Member};
use switchboard::ports::push::Device;
use switchboard::ports::store::{Pair, Profile};
use switchboard::protocol::action::{Marks, Platform, Position};
use switchboard::protocol::{ConversationId, DeviceId, Role, Seq, TimestampMs, UserId};

use super::{
    Build, Item, Unreadable, flag_of, key, key_part, number, number_if_there, number_of,
    numbers_of, parsed, text_if_there, text_of,
};

pub(crate) fn conversation_item(conversation: &Conversation) -> Item {
    Build::keyed(key::conversation(&conversation.id), key::META.to_owned())
        .text("key", conversation.key.as_str())
        .text("subject", conversation.subject.as_str())
        .text("customer", conversation.pair.customer.as_str())
        .text("provider", conversation.pair.provider.as_str())
        .number("created_at", conversation.created_at)
        // Not `listed_at`: that attribute is what the index of lists is sorted by.
        .number("touched_at", conversation.listed_at)
        .number_if_there("closed_at", conversation.closed_at)
        .done()
}

pub(crate) fn conversation_from(item: &Item) -> Result<Conversation, Unreadable> {
    Ok(Conversation {
        id: key_part(item, "pk", "C#")?,
        key: parsed(item, "key")?,
        subject: parsed(item, "subject")?,
        pair: Pair {
            customer: parsed(item, "customer")?,
            provider: parsed(item, "provider")?,
        },
        created_at: number_of(item, "created_at")?,
        listed_at: number_of(item, "touched_at")?,
        closed_at: number_if_there(item, "closed_at"),
    })
}

pub(crate) fn new_member_item(
    id: &ConversationId,
    user: &UserId,
    role: Role,
    blocks: bool,
) -> Item {
    Build::keyed(key::conversation(id), key::member(user))
        .text("role", role.as_str())
        .number("recv", 0)
        .number("read", 0)
        .flag("blocks", blocks)
        .done()
}

pub(crate) fn member_from(item: &Item) -> Result<Member, Unreadable> {
    Ok(Member {
        marks: Marks {
            recv: number_of(item, "recv")?,
            read: number_of(item, "read")?,
        },
        others_written: number_if_there(item, "others_written").unwrap_or(0),
        deletions: number_if_there(item, "deletions").unwrap_or(0),
        muted_until: number_if_there(item, "muted_until").unwrap_or(0),
        blocks: flag_of(item, "blocks"),
        pushed: numbers_of(item, "pushed"),
    })
}

/// Up to where each device was pushed to, as an attribute.
pub(crate) fn pushed_value(pushed: &BTreeMap<DeviceId, Seq>) -> AttributeValue {
    let entries = pushed
        .iter()
        .map(|(device, seq)| (device.to_string(), number(*seq)));
    AttributeValue::M(entries.collect())
}

pub(crate) fn pair_item(conversation: &Conversation) -> Item {
    Build::keyed(
        key::pair(&conversation.pair),
        key::paired(&conversation.key),
    )
    .text("conversation", conversation.id.as_str())
    .done()
}

pub(crate) fn list_item(user: &UserId, id: &ConversationId, at: TimestampMs) -> Item {
    Build::keyed(key::user(user), key::conversation(id))
        .number("listed_at", at)
        .done()
}

pub(crate) fn listed_from(item: &Item) -> Result<Position, Unreadable> {
    Ok(Position {
        last_at: number_of(item, "listed_at")?,
        conversation: key_part(item, "sk", "C#")?,
    })
}

pub(crate) fn profile_from(item: &Item) -> Result<Profile, Unreadable> {
    Ok(Profile {
        role: parsed(item, "role")?,
        last_seen: number_of(item, "last_seen")?,
    })
}

pub(crate) fn device_item(device: &Device) -> Item {
    let build = Build::keyed(key::user(&device.user), key::device(&device.id))
        .text("platform", device.platform.as_str())
        .text("token", device.token.as_str())
        .text("endpoint", device.endpoint.as_str())
        .number("registered_at", device.registered_at);
    match &device.locale {
        Some(locale) => build.text("locale", locale.as_str()),
        None => build,
    }
    .done()
}

pub(crate) fn device_from(item: &Item) -> Result<Device, Unreadable> {
    let platform = Platform::from_name(text_of(item, "platform")?);
    Ok(Device {
        user: key_part(item, "pk", "U#")?,
        id: key_part(item, "sk", key::DEVICE)?,
        platform: platform.ok_or(Unreadable("platform"))?,
        token: text_of(item, "token")?.to_owned(),
        endpoint: text_of(item, "endpoint")?.to_owned(),
        locale: text_if_there(item, "locale").map(str::to_owned),
        registered_at: number_of(item, "registered_at")?,
    })
}

pub(crate) fn owner_item(endpoint: &str, user: &UserId, device: &DeviceId) -> Item {
    Build::keyed(key::endpoint(endpoint), key::OWNER.to_owned())
        .text("user", user.as_str())
        .text("device", device.as_str())
        .done()
}

pub(crate) fn owner_from(item: &Item) -> Result<(UserId, DeviceId), Unreadable> {
    Ok((parsed(item, "user")?, parsed(item, "device")?))
}
