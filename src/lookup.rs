//! What an operator may see of the tables: who is connected, which devices can be pushed to, how far members got.
//!
//! States alone. It does not know message texts, subjects, push tokens and endpoints, so no answer made of it can hold one.

use futures_util::future::{join3, try_join};
use serde::Serialize;
use switchboard_protocol::limits::INBOX_MAX;
use switchboard_protocol::{ConversationId, DeviceId, Role, Seq, TimestampMs, UserId};

use crate::failure::Unavailable;
use crate::gateway::Gateway;
use crate::log::{LogEntry, Tail};
use crate::session::Connection;

/// A user as an operator sees one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// The user's side.
    pub role: Role,
    /// When a device of the user last connected or disconnected.
    pub last_seen: TimestampMs,
    /// The connections that are posted to.
    pub connections: Vec<Link>,
    /// The devices that can be pushed to.
    pub devices: Vec<Phone>,
    /// The most recently active conversations, newest first.
    pub conversations: Vec<State>,
    /// Whether there are others.
    pub more: bool,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The platform's name for it.
    pub connection: String,
    /// The device, where it has a name.
    pub device: Option<DeviceId>,
    /// When it was opened.
    pub connected_at: TimestampMs,
}

/// A device that can be pushed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// The device.
    pub device: DeviceId,
    /// Its push service.
    pub platform: &'static str,
    /// When it was registered.
    pub registered_at: TimestampMs,
}

/// A conversation's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// The conversation.
    pub conversation: ConversationId,
    /// The newest entry's place.
    pub last_seq: Seq,
    /// When something last happened.
    pub last_at: TimestampMs,
    /// How far its members got.
    pub members: Vec<Progress>,
}

/// How far a member got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The member.
    pub user: UserId,
    /// The member's side.
    pub role: Role,
    /// Up to where some device has everything.
    pub recv: Seq,
    /// Up to where the member has seen everything.
    pub read: Seq,
    /// Until when the member wants no pushes; known of the user who was asked for, or where an entry was.
    pub muted_until: Option<TimestampMs>,
}

/// An entry as an operator sees one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whereabouts {
    /// Who sent it.
    pub from: UserId,
    /// When it was accepted.
    pub at: TimestampMs,
    /// When it was last edited.
    pub edited_at: Option<TimestampMs>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// How far its conversation's members got.
    pub members: Vec<Progress>,
    /// The other member.
    pub to: UserId,
    /// The other member's connections.
    pub connections: Vec<Link>,
}

impl Gateway {
    /// Looks a user up; `None` where nobody of that name ever connected.
    pub async fn person(&self, user: &UserId) -> Result<Option<Person>, Unavailable> {
        let Some(profile) = self.store.profile(user).await? else {
            return Ok(None);
        };
        let (connections, devices, listed) = join3(
            self.store.connections(user),
            self.store.devices(user),
            self.list(user, None, INBOX_MAX),
        )
        .await;
        let (devices, listed) = (devices?, listed?);
        let member = |it: switchboard_protocol::Member| Progress {
            user: it.user,
            role: it.role,
            recv: it.recv,
            read: it.read,
            muted_until: it.muted_until,
        };
        let state = |it: switchboard_protocol::Conversation| State {
            conversation: it.conversation,
            last_seq: it.last_seq,
            last_at: it.last_at,
            members: it.members.into_iter().map(member).collect(),
        };
        Ok(Some(Person {
            user: user.clone(),
            role: profile.role,
            last_seen: profile.last_seen,
            connections: links(self.live(connections?)),
            devices: devices
                .into_iter()
                .map(|it| Phone {
                    device: it.id,
                    platform: it.platform.as_str(),
                    registered_at: it.registered_at,
                })
                .collect(),
            more: listed.more,
            conversations: listed.conversations.into_iter().map(state).collect(),
        }))
    }

    /// Looks an entry up; `None` where there is none at that place.
    pub async fn whereabouts(
        &self,
        conversation: &ConversationId,
        seq: Seq,
    ) -> Result<Option<Whereabouts>, Unavailable> {
        let (tail, entry) = try_join(
            self.store.tail(conversation),
            self.store.entry(conversation, seq),
        )
        .await?;
        let (Some(tail), Some(entry)) = (tail, entry) else {
            return Ok(None);
        };
        let pair = &tail.conversation.pair;
        let to = if entry.from == pair.customer {
            &pair.provider
        } else {
            &pair.customer
        };
        let connections = self.live(self.store.connections(to).await?);
        Ok(Some(whereabouts(&tail, entry, to, connections)))
    }
}

fn whereabouts(
    tail: &Tail,
    entry: LogEntry,
    to: &UserId,
    connections: Vec<Connection>,
) -> Whereabouts {
    let member = |role: Role| {
        let marks = tail.marks(role);
        Progress {
            user: tail.conversation.user(role).clone(),
            role,
            recv: marks.recv,
            read: marks.read,
            muted_until: Some(tail.members.of(role).muted_until),
        }
    };
    Whereabouts {
        deleted: entry.body == switchboard_protocol::Body::Deleted,
        from: entry.from,
        at: entry.ts,
        edited_at: entry.edited_at,
        members: [Role::Customer, Role::Provider].map(member).to_vec(),
        to: to.clone(),
        connections: links(connections),
    }
}

fn links(connections: Vec<Connection>) -> Vec<Link> {
    connections
        .into_iter()
        .map(|it| Link {
            connection: it.id.as_str().to_owned(),
            device: it.device,
            connected_at: it.connected_at,
        })
        .collect()
}
