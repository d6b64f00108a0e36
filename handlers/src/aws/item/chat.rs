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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::item::text;

    fn conversation(closed_at: Option<TimestampMs>) -> Conversation {
        Conversation {
            id: "01JD8Z3KQ5W9T0000000000001".parse().unwrap(),
            key: "booking#17".parse().unwrap(),
            subject: "The kitchen tap".parse().unwrap(),
            pair: Pair {
                customer: "alice".parse().unwrap(),
                provider: "bob".parse().unwrap(),
            },
            created_at: 1_795_000_000_000,
            listed_at: 1_795_000_300_000,
            closed_at,
        }
    }

    fn device(locale: Option<&str>) -> Device {
        Device {
            user: "alice".parse().unwrap(),
            id: "phone-1".parse().unwrap(),
            platform: Platform::ApnsSandbox,
            token: "740f".to_owned(),
            endpoint: "arn:aws:sns:us-east-1:1:endpoint/APNS/a/b".to_owned(),
            locale: locale.map(str::to_owned),
            registered_at: 1_795_000_000_000,
        }
    }

    fn keys_of(item: &Item) -> (&str, &str) {
        (text_of(item, "pk").unwrap(), text_of(item, "sk").unwrap())
    }

    #[test]
    fn a_conversation_is_read_as_it_was_written() {
        for closed_at in [None, Some(1_795_000_400_000)] {
            let conversation = conversation(closed_at);
            let mut item = conversation_item(&conversation);
            item.insert("later".to_owned(), text("ignored"));
            assert_eq!(conversation_from(&item).unwrap(), conversation);
        }
    }

    #[test]
    fn a_conversation_is_in_no_index_of_lists() {
        assert_eq!(
            conversation_item(&conversation(None)).get("listed_at"),
            None
        );
    }

    #[test]
    fn a_new_member_has_nothing_behind_it() {
        let id = conversation(None).id;
        let user = "bob".parse().unwrap();
        for blocks in [false, true] {
            let item = new_member_item(&id, &user, Role::Provider, blocks);
            let expected = Member {
                blocks,
                ..Member::default()
            };
            assert_eq!(member_from(&item).unwrap(), expected);
            assert_eq!(keys_of(&item), ("C#01JD8Z3KQ5W9T0000000000001", "M#bob"));
        }
    }

    #[test]
    fn a_member_is_read_with_everything_that_was_noted_since() {
        let pushed = BTreeMap::from([
            ("phone-1".parse().unwrap(), 41),
            ("a.b".parse().unwrap(), 7),
        ]);
        let id = conversation(None).id;
        let mut item = new_member_item(&id, &"bob".parse().unwrap(), Role::Provider, true);
        let numbers = [
            ("recv", 42),
            ("read", 40),
            ("others_written", 30),
            ("deletions", 2),
            ("muted_until", 1_795_003_600_000),
        ];
        for (name, value) in numbers {
            item.insert(name.to_owned(), number(value));
        }
        item.insert("pushed".to_owned(), pushed_value(&pushed));
        let expected = Member {
            marks: Marks { recv: 42, read: 40 },
            others_written: 30,
            deletions: 2,
            muted_until: 1_795_003_600_000,
            blocks: true,
            pushed,
        };
        assert_eq!(member_from(&item).unwrap(), expected);
    }

    #[test]
    fn a_place_under_a_pair_and_a_place_in_a_list_lead_to_the_conversation() {
        let conversation = conversation(None);
        let pair = pair_item(&conversation);
        assert_eq!(keys_of(&pair), ("P#alice#bob", "K#booking#17"));
        assert_eq!(
            pair.get("conversation"),
            Some(&text(conversation.id.as_str()))
        );

        let user = "alice".parse().unwrap();
        let list = list_item(&user, &conversation.id, 1_795_000_300_000);
        assert_eq!(keys_of(&list), ("U#alice", "C#01JD8Z3KQ5W9T0000000000001"));
        let expected = Position {
            last_at: 1_795_000_300_000,
            conversation: conversation.id,
        };
        assert_eq!(listed_from(&list).unwrap(), expected);
    }

    #[test]
    fn a_device_is_read_as_it_was_written() {
        for locale in [None, Some("de-CH")] {
            let device = device(locale);
            assert_eq!(device_from(&device_item(&device)).unwrap(), device);
        }
        let mut unknown = device_item(&device(None));
        unknown.insert("platform".to_owned(), text("adm"));
        assert_eq!(device_from(&unknown).unwrap_err().0, "platform");
    }

    #[test]
    fn an_endpoint_has_an_owner() {
        let owner = ("alice".parse().unwrap(), "phone-1".parse().unwrap());
        let item = owner_item("arn:a/b", &owner.0, &owner.1);
        assert_eq!(keys_of(&item), ("T#arn:a/b", "OWNER"));
        assert_eq!(owner_from(&item).unwrap(), owner);
    }

    #[test]
    fn a_profile_is_a_role_and_when_it_was_last_seen() {
        let build = Build::keyed("U#alice".to_owned(), key::PROFILE.to_owned());
        let item = build.text("role", "customer").number("last_seen", 7).done();
        let expected = Profile {
            role: Role::Customer,
            last_seen: 7,
        };
        assert_eq!(profile_from(&item).unwrap(), expected);
    }
}
