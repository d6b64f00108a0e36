//! Arbitrary frames of the gateway.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use switchboard_protocol::event::{
    DeviceEvent, EntryFields, Event, InboxEvent, Limits, Opened, Page, PresenceEvent, Present,
    ReceiptEvent, Sent, SettingsEvent, Synced, TypingEvent, Welcome,
};
use switchboard_protocol::frame::About;
use switchboard_protocol::{
    Body, Conversation, ConversationId, Entry, ErrorCode, Member, Refusal, Role, ServerFrame,
    UserId,
};

/// Any frame.
pub(crate) fn frame() -> impl Strategy<Value = ServerFrame> {
    let reference = "[ -~]{0,64}".prop_map(|it| it.parse().unwrap());
    let answer = (option::of(reference), prop_oneof![lists(), facts()])
        .prop_map(|(reference, event)| ServerFrame { reference, event });
    prop_oneof![answer, unasked().prop_map(Event::unasked), error()]
}

fn lists() -> impl Strategy<Value = Event> {
    let welcome = (
        user(),
        role(),
        any::<[u64; 3]>(),
        vec(conversation(), 0..3),
        any::<bool>(),
    );
    let welcome = welcome.prop_map(
        |(user, role, [now, expires_at, reconnect_by], conversations, more)| {
            let limits = Limits::default();
            Event::Welcome(Welcome {
                user,
                role,
                now,
                expires_at,
                reconnect_by,
                conversations,
                more,
                limits,
            })
        },
    );
    let page = (ulid(), vec(entry(), 0..4), any::<bool>());
    let page = page.prop_map(|(conversation, entries, more)| {
        Event::Page(Page {
            conversation,
            entries,
            more,
        })
    });
    let synced = (vec(entry(), 0..4), any::<bool>());
    let synced = synced.prop_map(|(entries, more)| Event::Synced(Synced { entries, more }));
    let inbox = (
        vec(conversation(), 0..3),
        option::of("[0-9]{1,13}\\.[0-9]{26}"),
    );
    let inbox = inbox.prop_map(|(conversations, next)| {
        Event::Inbox(InboxEvent {
            conversations,
            next,
        })
    });
    prop_oneof![welcome, page, synced, inbox]
}

fn facts() -> impl Strategy<Value = Event> {
    let opened = (conversation(), any::<bool>());
    let opened = opened.prop_map(|(conversation, created)| {
        Event::Opened(Opened {
            conversation,
            created,
        })
    });
    let sent = (
        ulid(),
        "[0-7][0-9A-HJKMNP-TV-Z]{25}",
        1_u64..,
        any::<u64>(),
        any::<bool>(),
    );
    let sent = sent.prop_map(|(conversation, id, seq, ts, duplicate)| {
        Event::Sent(Sent {
            conversation,
            id: id.parse().unwrap(),
            seq,
            ts,
            duplicate,
        })
    });
    let present =
        (any::<bool>(), any::<u64>()).prop_map(|(online, last_seen)| Present { online, last_seen });
    let presence = btree_map(user(), present, 0..4);
    let presence = presence
        .prop_map(|users: BTreeMap<UserId, Present>| Event::Presence(PresenceEvent { users }));
    let device = ("[A-Za-z0-9._-]{1,64}", any::<bool>());
    let device = device.prop_map(|(device, registered)| {
        Event::Device(DeviceEvent {
            device: device.parse().unwrap(),
            registered,
        })
    });
    let mute = (ulid(), any::<u64>());
    let mute = mute.prop_map(|(conversation, muted_until)| {
        Event::Settings(SettingsEvent::Mute {
            conversation,
            muted_until,
        })
    });
    let block = (user(), any::<bool>());
    let block =
        block.prop_map(|(user, blocked)| Event::Settings(SettingsEvent::Block { user, blocked }));
    prop_oneof![
        opened,
        sent,
        presence,
        device,
        mute,
        block,
        Just(Event::Pong {})
    ]
}

fn unasked() -> impl Strategy<Value = Event> {
    let receipt = (ulid(), user(), any::<u64>(), any::<u64>());
    let receipt = receipt.prop_map(|(conversation, user, recv, read)| {
        Event::Receipt(ReceiptEvent {
            conversation,
            user,
            recv,
            read,
        })
    });
    let typing = (ulid(), user(), any::<bool>());
    let typing = typing.prop_map(|(conversation, user, on)| {
        Event::Typing(TypingEvent {
            conversation,
            user,
            on,
        })
    });
    prop_oneof![
        entry().prop_map(|it| Event::Entry(it.fields)),
        receipt,
        typing
    ]
}

fn error() -> impl Strategy<Value = ServerFrame> {
    let about = (
        option::of("[ -~]{0,64}"),
        option::of("[0-7][0-9A-HJKMNP-TV-Z]{25}"),
        option::of(ulid()),
    );
    let about = about.prop_map(|(reference, id, conversation)| About {
        reference: reference.map(|it| it.parse().unwrap()),
        id: id.map(|it| it.parse().unwrap()),
        conversation,
    });
    let refusal = (
        select(ErrorCode::ALL.to_vec()),
        any::<String>(),
        option::of(any::<u64>()),
    );
    let refusal = refusal.prop_map(|(code, message, retry_after_ms)| Refusal {
        code,
        message,
        retry_after_ms,
    });
    (about, refusal).prop_map(|(about, refusal)| about.error(refusal).into())
}

fn user() -> impl Strategy<Value = UserId> {
    "[!-\"$-~]{1,128}".prop_map(|it| it.parse().unwrap())
}

fn ulid() -> impl Strategy<Value = ConversationId> {
    "[0-7][0-9A-HJKMNP-TV-Z]{25}".prop_map(|it| it.parse().unwrap())
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Customer), Just(Role::Provider)]
}

fn entry() -> impl Strategy<Value = Entry> {
    let place = (
        ulid(),
        1_u64..,
        "[0-7][0-9A-HJKMNP-TV-Z]{25}",
        user(),
        any::<u64>(),
    );
    (place, body(), option::of(1_u64..), option::of(any::<u64>())).prop_map(
        |((conversation, seq, id, from, ts), body, reply_to, edited_at)| {
            let id = id.parse().unwrap();
            Entry {
                fields: EntryFields {
                    conversation,
                    seq,
                    id,
                    from,
                    ts,
                    body,
                    reply_to,
                    edited_at,
                },
            }
        },
    )
}

fn body() -> impl Strategy<Value = Body> {
    let text = || "\\PC{1,40}";
    let attachment = (
        "[a-z]{1,64}",
        "\\PC{1,40}",
        "[a-z/]{1,40}",
        any::<u64>(),
        option::of(text()),
    );
    let attachment =
        attachment.prop_map(
            |(attachment, name, media_type, size, text)| Body::Attachment {
                attachment,
                name,
                media_type,
                size,
                text,
            },
        );
    let reaction = (1_u64.., "\\PC{1,4}", any::<bool>());
    let custom = (
        "[a-z0-9._-]{1,64}",
        btree_map(any::<String>(), any::<u64>(), 0..4),
    );
    prop_oneof![
        text().prop_map(|text| Body::Text { text }),
        attachment,
        (1_u64.., text()).prop_map(|(of, text)| Body::Edit { of, text }),
        (1_u64..).prop_map(|of| Body::Delete { of }),
        reaction.prop_map(|(of, emoji, on)| Body::Reaction { of, emoji, on }),
        custom.prop_map(|(custom_type, data)| Body::Custom {
            custom_type,
            data: data
                .into_iter()
                .map(|(name, it)| (name, it.into()))
                .collect(),
        }),
        Just(Body::Deleted),
    ]
}

fn conversation() -> impl Strategy<Value = Conversation> {
    let member = (
        user(),
        role(),
        any::<u64>(),
        any::<u64>(),
        option::of(any::<u64>()),
    );
    let member = member.prop_map(|(user, role, recv, read, muted_until)| Member {
        user,
        role,
        recv,
        read,
        muted_until,
    });
    let names = (ulid(), "[ -~]{0,64}", "[ -~]{0,256}");
    let end = (any::<u64>(), any::<u64>(), option::of(entry()), 0_u64..=99);
    (names, vec(member, 2), end).prop_map(
        |((conversation, key, subject), members, (last_seq, last_at, last, unread))| Conversation {
            conversation,
            key: key.parse().unwrap(),
            subject: subject.parse().unwrap(),
            members,
            last_seq,
            last_at,
            last,
            unread,
        },
    )
}
