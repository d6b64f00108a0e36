//! The way to phones that are not connected.

use core::fmt::Debug;

use switchboard_protocol::action::Platform;
use switchboard_protocol::{ConversationId, DeviceId, Seq, UserId};

use crate::failure::Unavailable;

/// Pushes to devices.
#[async_trait::async_trait]
pub trait Push: Debug + Send + Sync {
    /// Makes a device reachable and returns where; safe to repeat.
    ///
    /// `known` is what an earlier registration of the device returned: it is repaired rather than replaced where that is possible.
    async fn register(
        &self,
        platform: Platform,
        token: &str,
        known: Option<&str>,
    ) -> Result<Registration, Unavailable>;

    /// Forgets an endpoint; one that does not exist is as good as forgotten.
    async fn unregister(&self, endpoint: &str) -> Result<(), Unavailable>;

    /// Pushes one notification to one device.
    async fn publish(&self, device: &Device, notification: &Notification) -> Pushed;
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// The device is reachable at this endpoint.
    Endpoint(String),
    /// The push service, or the operator's set-up, does not take such a device.
    Refused,
}

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The service took it.
    Sent,
    /// The device is no longer reachable under this endpoint, and never will be.
    Dead,
    /// It may succeed later.
    Failed,
}

/// A device of a user that can be pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The user.
    pub user: UserId,
    /// The device.
    pub id: DeviceId,
    /// Its push service.
    pub platform: Platform,
    /// The service's name for the device. Secret: it never reaches a log.
    pub token: String,
    /// Where it is reachable.
    pub endpoint: String,
    /// The language to push in.
    pub locale: Option<String>,
    /// When it was registered.
    pub registered_at: u64,
}

/// What a phone is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The conversation, which is also the collapse key: a phone shows one notification for each.
    pub conversation: ConversationId,
    /// The newest entry that is told of.
    pub seq: Seq,
    /// Unread entries over the user's conversations.
    pub badge: u64,
    /// What is shown.
    pub alert: Alert,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alert {
    /// The beginning of the entry's text.
    Preview(String),
    /// "New message", in the phone's language.
    NewMessage,
}
