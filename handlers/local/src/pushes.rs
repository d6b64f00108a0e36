//! The push inbox: what phones would have been shown.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use switchboard::ports::push::{Device, Notification, Push, Pushed, Registration};
use switchboard::protocol::action::Platform;
use switchboard::protocol::{ConversationId, DeviceId, Seq, TimestampMs, UserId};
use switchboard::{Clock, Unavailable};
use switchboard_handlers::aws::push::{SnsPush, payload};

/// Pushes that are kept; older ones are forgotten.
const KEPT_MAX: usize = 10_000;

/// One push.
#[derive(Clone, Debug, Serialize)]
pub struct PushRecord {
    /// When SNS took it.
    pub at: TimestampMs,
    /// Whose phone.
    pub user: UserId,
    /// Which.
    pub device: DeviceId,
    /// Through which service.
    pub platform: &'static str,
    /// The conversation that it tells of.
    pub conversation: ConversationId,
    /// The newest entry that it tells of.
    pub seq: Seq,
    /// What SNS was given.
    pub message: Value,
}

/// The real push adapter, with a copy of what SNS took.
#[derive(Debug)]
pub struct PushInbox {
    sns: SnsPush,
    clock: Arc<dyn Clock>,
    taken: Mutex<VecDeque<PushRecord>>,
}

impl PushInbox {
    /// An empty inbox in front of an adapter.
    pub fn new(sns: SnsPush, clock: Arc<dyn Clock>) -> Self {
        Self {
            sns,
            clock,
            taken: Mutex::default(),
        }
    }

    /// What was taken, newest first, and no more than so many; of one user where one is named.
    pub fn newest_first(&self, user: Option<&str>, limit: usize) -> Vec<PushRecord> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |it: &&PushRecord| user.is_none_or(|user| it.user.as_str() == user);
        taken
            .iter()
            .rev()
            .filter(wanted)
            .take(limit)
            .cloned()
            .collect()
    }

    fn keep(&self, record: PushRecord) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() == KEPT_MAX {
            taken.pop_front();
        }
        taken.push_back(record);
    }
}

#[async_trait::async_trait]
impl Push for PushInbox {
    async fn register(
        &self,
        platform: Platform,
        token: &str,
        known: Option<&str>,
    ) -> Result<Registration, Unavailable> {
        self.sns.register(platform, token, known).await
    }

    async fn unregister(&self, endpoint: &str) -> Result<(), Unavailable> {
        self.sns.unregister(endpoint).await
    }

    async fn publish(&self, device: &Device, notification: &Notification) -> Pushed {
        let pushed = self.sns.publish(device, notification).await;
        if pushed == Pushed::Sent {
            self.keep(PushRecord {
                at: self.clock.now_ms(),
                user: device.user.clone(),
                device: device.id.clone(),
                platform: device.platform.as_str(),
                conversation: notification.conversation.clone(),
                seq: notification.seq,
                message: payload::message(notification),
            });
        }
        pushed
    }
}
