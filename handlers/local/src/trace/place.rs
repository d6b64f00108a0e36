//! The last line: where the message is.

use std::collections::BTreeSet;

use switchboard::ports::push::Pushed;
use switchboard::ports::relay::Posted;
use switchboard::protocol::{TimestampMs, UserId};
use switchboard::trail::{Step, What};

use super::{Timeline, words};

impl Timeline {
    /// Where the message is, in words.
    pub(super) fn place(&self) -> String {
        let reader = self.recipient().map_or("the other member", UserId::as_str);
        let seen = self.telling().find(|it| it.what == What::Read);
        let has = self
            .telling()
            .find(|it| matches!(it.what, What::Confirmed(_)));
        let (recv, read) = self.marks();
        let mut line = match (has, seen) {
            (Some(has), Some(seen)) => {
                let (by, read_on) = (words::whose(has), words::whose(seen));
                let read = self.later(seen.at);
                format!(
                    "confirmed by {by} {}; read on {read_on} {read}",
                    self.later(has.at)
                )
            }
            // To have seen it is to have it.
            (None, Some(seen)) => {
                format!("read on {} {}", words::whose(seen), self.later(seen.at))
            }
            (Some(has), None) => {
                let read = if read { ", and read" } else { "" };
                let by = words::whose(has);
                format!("confirmed by {by} {}{read}", self.later(has.at))
            }
            (None, None) if recv => {
                let done = if read {
                    "confirmed and read"
                } else {
                    "confirmed"
                };
                format!("{done} by {reader}; when is not known")
            }
            (None, None) => self.waits(reader),
        };
        if self.entry.as_ref().is_some_and(|it| it.deleted)
            || self.telling().any(|it| matches!(it.what, What::Deleted(_)))
        {
            line.push_str("; deleted since");
        }
        line
    }

    /// What is being done for a member who has not confirmed.
    fn waits(&self, reader: &str) -> String {
        let connected = if self.is_connected() {
            format!("{reader} is connected and has not confirmed it")
        } else if self.was_taken() {
            format!(
                "{reader} has no connection any more, and the one that took it did not confirm it"
            )
        } else {
            format!("{reader} has no connection")
        };
        format!("waits: {connected}; {}", self.told(reader))
    }

    /// Whether the other member is connected: as the tables say, or as it looked last.
    fn is_connected(&self) -> bool {
        if let Some(entry) = &self.entry {
            return !entry.connections.is_empty();
        }
        let connected = |it: &Step| match it.what {
            What::Posted(posted) | What::Reposted(posted) => {
                let theirs = it.user.as_ref() == self.recipient();
                theirs.then_some(posted != Posted::Gone)
            }
            What::Waits => Some(true),
            What::Accepted
            | What::Repeated
            | What::Stored
            | What::Edited(_)
            | What::Deleted(_)
            | What::Confirmed(_)
            | What::Read
            | What::Pushed(_)
            | What::Unpushed(_) => None,
        };
        let seen: Vec<bool> = self.telling().filter_map(connected).collect();
        seen.last().copied().unwrap_or(false)
    }

    /// Whether a connection of the other member's took it.
    fn was_taken(&self) -> bool {
        self.telling().any(|it| {
            let (What::Posted(posted) | What::Reposted(posted)) = it.what else {
                return false;
            };
            posted == Posted::Delivered && it.user.as_ref() == self.recipient()
        })
    }

    fn told(&self, reader: &str) -> String {
        let pushes = |wanted| {
            self.telling()
                .filter(move |it| it.what == What::Pushed(wanted))
        };
        let devices: BTreeSet<_> = pushes(Pushed::Sent).map(|it| &it.device).collect();
        if let Some(last) = pushes(Pushed::Sent).map(|it| it.at).max() {
            let (many, time) = (devices.len(), words::time(last));
            let word = if many == 1 { "device" } else { "devices" };
            return format!("pushed to {many} {word} at {time}");
        }
        let unpushed = self.telling().filter_map(|it| match it.what {
            What::Unpushed(why) => Some(why),
            What::Accepted
            | What::Repeated
            | What::Stored
            | What::Edited(_)
            | What::Deleted(_)
            | What::Confirmed(_)
            | What::Read
            | What::Waits
            | What::Posted(_)
            | What::Reposted(_)
            | What::Pushed(_) => None,
        });
        if let Some(why) = unpushed.last() {
            return format!("no push: {}", words::reason(why));
        }
        if pushes(Pushed::Failed).next().is_some() {
            return "the push failed and will be tried again".to_owned();
        }
        if pushes(Pushed::Dead).next().is_some() {
            return format!("the device of {reader}'s that was pushed to no longer exists");
        }
        if self.telling().any(|it| it.what == What::Waits) {
            return "it will be posted again and pushed after the grace".to_owned();
        }
        if self.is_torn() {
            return "whether it was pushed is no longer held".to_owned();
        }
        "its delivery has not begun".to_owned()
    }

    /// Whether the tables say that the other member received and read it.
    fn marks(&self) -> (bool, bool) {
        let entry = self.entry.as_ref();
        let theirs = entry.and_then(|it| it.members.iter().find(|member| member.user == it.to));
        theirs.map_or((false, false), |it| {
            (it.recv >= self.seq, it.read >= self.seq)
        })
    }

    fn recipient(&self) -> Option<&UserId> {
        let known = self.entry.as_ref().map(|it| &it.to);
        let author = self.author();
        known.or_else(|| {
            let mut users = self.steps.iter().filter_map(|it| it.user.as_ref());
            users.find(|it| author.is_some_and(|author| author != *it))
        })
    }

    fn later(&self, at: TimestampMs) -> String {
        match self.stored_at() {
            Some(stored) => format!("{} ms after it was stored", at.saturating_sub(stored)),
            None => format!("at {}", words::time(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard::trail::{How, Why};

    use super::*;

    /// A step of bob's phone, unless it is the author's.
    fn step(what: What, at: TimestampMs) -> Step {
        let conversation = "01JD8Z3KQ5W9T0000000000001".parse().unwrap();
        let step = Step::new(what, &conversation, 7, at);
        let (user, device) = match what {
            What::Accepted | What::Stored | What::Repeated | What::Deleted(_) => ("alice", "web"),
            What::Edited(_)
            | What::Confirmed(_)
            | What::Read
            | What::Waits
            | What::Posted(_)
            | What::Reposted(_)
            | What::Pushed(_)
            | What::Unpushed(_) => ("bob", "phone"),
        };
        step.to(&user.parse().unwrap(), device.parse().ok().as_ref())
    }

    fn place(events: &[(What, TimestampMs)]) -> String {
        let steps = events.iter().map(|(what, at)| step(*what, *at)).collect();
        let conversation = "01JD8Z3KQ5W9T0000000000001".parse().unwrap();
        Timeline::logged(conversation, 7, steps).unwrap().place()
    }

    /// What each list of steps comes to, after the entry was stored.
    fn come_to(rows: &[(&[(What, TimestampMs)], &str)]) {
        let sent = [(What::Accepted, 10), (What::Stored, 12)];
        for (more, expected) in rows {
            let events = [&sent[..], more].concat();
            assert_eq!(place(&events), *expected, "{events:?}");
        }
    }

    #[test]
    fn what_was_confirmed_or_read_is_said_with_its_times() {
        let posted = |answer| (What::Posted(answer), 12);
        let rows: [(&[(What, TimestampMs)], &str); 4] = [
            (
                &[
                    posted(Posted::Delivered),
                    (What::Confirmed(How::Receipt), 20),
                ],
                "confirmed by bob's phone 8 ms after it was stored",
            ),
            (
                &[(What::Read, 30)],
                "read on bob's phone 18 ms after it was stored",
            ),
            (
                &[(What::Confirmed(How::Reply), 20), (What::Read, 30)],
                "confirmed by bob's phone 8 ms after it was stored; read on bob's phone 18 ms after it was stored",
            ),
            (
                &[(What::Confirmed(How::Receipt), 20), (What::Deleted(9), 40)],
                "confirmed by bob's phone 8 ms after it was stored; deleted since",
            ),
        ];
        come_to(&rows);
    }

    #[test]
    fn what_waits_is_said_with_what_is_done_for_it() {
        let posted = |answer| (What::Posted(answer), 12);
        let rows: [(&[(What, TimestampMs)], &str); 11] = [
            (
                &[],
                "waits: the other member has no connection; its delivery has not begun",
            ),
            (
                &[posted(Posted::Delivered)],
                "waits: bob is connected and has not confirmed it; its delivery has not begun",
            ),
            (
                &[posted(Posted::Failed(Some(403)))],
                "waits: bob is connected and has not confirmed it; its delivery has not begun",
            ),
            (
                &[posted(Posted::Gone)],
                "waits: bob has no connection; its delivery has not begun",
            ),
            (
                &[posted(Posted::Throttled), (What::Waits, 90)],
                "waits: bob is connected and has not confirmed it; it will be posted again and pushed after the grace",
            ),
            (
                &[
                    posted(Posted::Delivered),
                    (What::Reposted(Posted::Gone), 3_012),
                ],
                "waits: bob has no connection any more, and the one that took it did not confirm it; its delivery has not begun",
            ),
            (
                &[(What::Pushed(Pushed::Failed), 40)],
                "waits: bob has no connection; the push failed and will be tried again",
            ),
            (
                &[
                    (What::Pushed(Pushed::Failed), 40),
                    (What::Pushed(Pushed::Sent), 1_767_225_600_000),
                ],
                "waits: bob has no connection; pushed to 1 device at 2026-01-01T00:00:00.000Z",
            ),
            (
                &[(What::Pushed(Pushed::Dead), 40)],
                "waits: bob has no connection; the device of bob's that was pushed to no longer exists",
            ),
            (
                &[(What::Unpushed(Why::Blocked), 40)],
                "waits: bob has no connection; no push: the author is blocked",
            ),
            (
                &[(What::Unpushed(Why::NoDevice), 40)],
                "waits: bob has no connection; no push: no device is registered",
            ),
        ];
        come_to(&rows);
    }

    #[test]
    fn a_log_that_begins_late_says_when_and_not_how_much_later() {
        let read = [(What::Confirmed(How::Receipt), 1_767_225_600_000)];
        let expected = "confirmed by bob's phone at 2026-01-01T00:00:00.000Z";
        assert_eq!(place(&read), expected);
    }
}
