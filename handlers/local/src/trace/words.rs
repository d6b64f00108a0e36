//! A step in words.

use std::time::{Duration, UNIX_EPOCH};

use switchboard::ConnectionId;
use switchboard::ports::push::Pushed;
use switchboard::ports::relay::Posted;
use switchboard::protocol::{TimestampMs, UserId};
use switchboard::trail::{How, Step, What, Why};

/// A time as people compare them: `2026-01-01T00:00:00.000Z`.
pub(super) fn time(at: TimestampMs) -> String {
    // What a log says may be absurd, and a time that is none must not bring anything down.
    let Some(time) = UNIX_EPOCH
        .checked_add(Duration::from_millis(at))
        .filter(|_| at < 253_402_300_800_000)
    else {
        return format!("{at} ms");
    };
    humantime::format_rfc3339_millis(time).to_string()
}

/// What happened.
pub(super) fn of(step: &Step) -> String {
    let (whose, over) = (whose(step), over(step));
    let who = step.user.as_ref().map_or("somebody", UserId::as_str);
    let took = step
        .ms
        .map_or_else(String::new, |ms| format!(" after {ms} ms"));
    match step.what {
        What::Accepted => format!("accepted from {whose}{over}"),
        What::Repeated => format!("came again from {whose}{over}: it stood in the log"),
        What::Stored => "stored".to_owned(),
        What::Edited(by) => format!("edited by entry {by}"),
        What::Deleted(by) => format!("deleted by entry {by}"),
        What::Confirmed(How::Receipt) => format!("confirmed by {whose}{over}"),
        What::Confirmed(How::Reply) => format!("confirmed by {whose}{over}, with a reply"),
        What::Read => format!("read by {who}, on {whose}"),
        What::Waits => format!("{who} is connected and has not confirmed: the grace runs"),
        What::Posted(posted) => format!("posted to {whose}{over}: {}{took}", answer(posted)),
        What::Reposted(posted) => {
            format!(
                "posted again to {whose}{over}, unconfirmed so far: {}{took}",
                answer(posted)
            )
        }
        What::Pushed(Pushed::Sent) => format!("pushed to {whose}: taken{took}"),
        What::Pushed(Pushed::Dead) => {
            format!("pushed to {whose}: that device no longer exists{took}")
        }
        What::Pushed(Pushed::Failed) => {
            format!("pushed to {whose}: failed{took}, will be tried again")
        }
        What::Unpushed(why) => format!("no push to {who}: {}", reason(why)),
    }
}

/// `bob's phone`, or `bob's connection` of a device without a name.
pub(super) fn whose(step: &Step) -> String {
    let who = step.user.as_ref().map_or("somebody", UserId::as_str);
    let device = step.device.as_ref();
    device.map_or_else(
        || format!("{who}'s connection"),
        |device| format!("{who}'s {device}"),
    )
}

fn over(step: &Step) -> String {
    let id = step.connection.as_ref().map(ConnectionId::as_str);
    id.map_or_else(String::new, |id| format!(" ({id})"))
}

/// Why there is no push.
pub(super) fn reason(why: Why) -> &'static str {
    match why {
        Why::Muted => "the conversation is muted",
        Why::Blocked => "the author is blocked",
        Why::NoDevice => "no device is registered",
        Why::Before => "every device had been pushed to",
    }
}

fn answer(posted: Posted) -> String {
    match posted {
        Posted::Delivered => "200".to_owned(),
        Posted::Gone => "410, gone".to_owned(),
        Posted::Throttled => "429, throttled".to_owned(),
        Posted::Failed(Some(403)) => "403, forbidden".to_owned(),
        Posted::Failed(Some(status)) => status.to_string(),
        Posted::Failed(None) => "no answer".to_owned(),
    }
}
