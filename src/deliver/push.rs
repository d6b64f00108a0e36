//! Pushing an entry to a member's devices, each at most once.

use std::ops::RangeInclusive;

use futures_util::future::join_all;
use switchboard_protocol::limits::INBOX_DEFAULT;
use switchboard_protocol::{Body, Role, Seq, UserId};

use crate::failure::Unavailable;
use crate::gateway::{Gateway, PushText};
use crate::log::Tail;
use crate::metric::Metric;
use crate::ports::push::{Alert, Device, Notification, Pushed};
use crate::tally::Tally;
use crate::trail::{Step, What, Why};

/// The characters of a text that a preview shows: two lines of a phone's notification.
const PREVIEW_CHARS: usize = 120;

/// Whom a push can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressees {
    /// Devices, or somebody who wants no pushes.
    Some,
    /// The member has registered no device.
    None,
}

impl Gateway {
    /// Tells a member's devices of entries, in one push each. A device that was told of the last one before is left alone.
    pub(super) async fn push_entry(
        &self,
        tail: &Tail,
        role: Role,
        told_of: RangeInclusive<Seq>,
        tally: &mut Tally,
    ) -> Result<Addressees, Unavailable> {
        let member = tail.members.of(role);
        let user = tail.conversation.user(role);
        let (first, seq) = told_of.into_inner();
        let step = |what, at| Step::new(what, &tail.conversation.id, seq, at).since(first);
        let leave_alone = |why| self.note(step(What::Unpushed(why), self.now()).to(user, None));
        if member.blocks || member.muted_until > self.now() {
            leave_alone(if member.blocks {
                Why::Blocked
            } else {
                Why::Muted
            });
            return Ok(Addressees::Some);
        }
        let devices = self.store.devices(user).await?;
        if devices.is_empty() {
            leave_alone(Why::NoDevice);
            return Ok(Addressees::None);
        }
        let told = |device: &Device| {
            member
                .pushed
                .get(&device.id)
                .is_some_and(|upto| *upto >= seq)
        };
        let untold: Vec<&Device> = devices.iter().filter(|device| !told(device)).collect();
        if untold.is_empty() {
            leave_alone(Why::Before);
            return Ok(Addressees::Some);
        }
        let notification = self.notification(tail, user, seq).await?;
        let notification = &notification;
        let publish = |device| async move {
            let begun = self.now();
            let outcome = self.push.publish(device, notification).await;
            let told = step(What::Pushed(outcome), begun).to(user, Some(&device.id));
            self.note(told.until(self.now()));
            (device, outcome)
        };
        let outcomes = join_all(untold.into_iter().map(publish)).await;
        // Only devices that still exist are kept, so the note cannot grow.
        let mut pushed = member.pushed.clone();
        pushed.retain(|id, _| devices.iter().any(|device| device.id == *id));
        let (mut failures, mut buried) = (0, Ok(()));
        for (device, outcome) in outcomes {
            match outcome {
                Pushed::Sent => {
                    tally.add(Metric::Pushes, 1);
                    pushed.insert(device.id.clone(), seq);
                }
                Pushed::Dead => {
                    tally.add(Metric::PushesDead, 1);
                    buried = buried.and(self.bury(device).await);
                }
                Pushed::Failed => failures += 1,
            }
        }
        // Noted before a failure is reported, so that the retry leaves alone whom this push reached.
        let id = &tail.conversation.id;
        self.store
            .note_pushed(id, user, &member.pushed, &pushed)
            .await?;
        tally.add(Metric::PushesFailed, failures);
        if failures == 0 {
            buried.map(|()| Addressees::Some)
        } else {
            Err(Unavailable::new(
                "push to every device",
                "the push service failed",
            ))
        }
    }

    async fn bury(&self, device: &Device) -> Result<(), Unavailable> {
        self.store
            .delete_device(&device.user, &device.id, &device.endpoint)
            .await?;
        self.store
            .release_endpoint(&device.endpoint, &device.user, &device.id)
            .await?;
        Ok(())
    }

    async fn notification(
        &self,
        tail: &Tail,
        user: &UserId,
        seq: Seq,
    ) -> Result<Notification, Unavailable> {
        // What `welcome` would show is what the badge counts.
        let listed = self.list(user, None, INBOX_DEFAULT).await?;
        let badge = listed.conversations.iter().map(|it| it.unread).sum();
        let alert = match self.push_text {
            PushText::Generic => Alert::NewMessage,
            PushText::Preview => self.preview(tail, seq).await?,
        };
        Ok(Notification {
            conversation: tail.conversation.id.clone(),
            seq,
            badge,
            alert,
        })
    }

    /// The beginning of the entry's text, as it reads now.
    async fn preview(&self, tail: &Tail, seq: Seq) -> Result<Alert, Unavailable> {
        let known = tail.newest.iter().find(|entry| entry.seq == seq).cloned();
        let entry = match known {
            Some(entry) => Some(entry),
            None => self.store.entry(&tail.conversation.id, seq).await?,
        };
        let text = match entry.map(|entry| entry.body) {
            Some(Body::Text { text }) => text.chars().take(PREVIEW_CHARS).collect(),
            Some(Body::Attachment { name, .. }) => name,
            Some(Body::Reaction {
                emoji, on: true, ..
            }) => emoji,
            Some(
                Body::Reaction { .. }
                | Body::Edit { .. }
                | Body::Delete { .. }
                | Body::Custom { .. }
                | Body::Deleted,
            )
            | None => return Ok(Alert::NewMessage),
        };
        Ok(Alert::Preview(text.chars().take(PREVIEW_CHARS).collect()))
    }
}
