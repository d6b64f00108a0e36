//! What may be appended: pure decisions over what was read.

use switchboard_protocol::action::Send;
use switchboard_protocol::{Body, ErrorCode, Refusal, Role, TimestampMs, UserId};

use crate::log::entry::{LogEntry, digest_of};
use crate::log::standing::Standing;
use crate::log::tail::Conversation;

/// What stands in the log under an entry id.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// This send, stored by an earlier attempt.
    Duplicate(Box<LogEntry>),
    /// Something else.
    Conflict,
    /// Nothing.
    Nothing,
}

/// Looks for a send among entries.
pub fn find<'a>(
    entries: impl IntoIterator<Item = &'a LogEntry>,
    from: &UserId,
    send: &Send,
) -> Found {
    let Some(entry) = entries.into_iter().find(|entry| entry.id == send.id) else {
        return Found::Nothing;
    };
    if entry.says(from, &send.body, send.reply_to) {
        Found::Duplicate(Box::new(entry.clone()))
    } else {
        Found::Conflict
    }
}

/// The entry that a send appends after `head`, or why it may not.
///
/// The caller has looked for duplicates before: a retry is answered whatever has changed since.
pub fn next_entry(
    conversation: &Conversation,
    head: Option<&LogEntry>,
    role: Role,
    send: &Send,
    now: TimestampMs,
) -> Result<LogEntry, Refusal> {
    let last_seq = head.map_or(0, |entry| entry.seq);
    if conversation.closed_at.is_some() {
        return Err(Refusal::new(
            ErrorCode::NotAllowed,
            "the conversation is closed",
        ));
    }
    for (field, seq) in [("body.of", send.body.of()), ("reply_to", send.reply_to)] {
        if seq.is_some_and(|seq| seq > last_seq) {
            let message = format!("{field} must be the seq of an entry");
            return Err(Refusal::new(ErrorCode::BadRequest, message));
        }
    }
    let before = head
        .map(|entry| entry.standings.clone())
        .unwrap_or_default();
    // Times of one log never run backwards, whichever function's clock is behind.
    let ts = now.max(head.map_or(0, |entry| entry.ts));
    within_rate(before.sides.of(role), ts, now)?;
    let deletion = matches!(send.body, Body::Delete { .. });
    let counted = send.body.counts_as_unread();
    Ok(LogEntry {
        conversation: conversation.id.clone(),
        seq: last_seq.saturating_add(1),
        id: send.id.clone(),
        from: conversation.user(role).clone(),
        ts,
        body: send.body.clone(),
        reply_to: send.reply_to,
        edited_at: None,
        first_said: None,
        standings: before.advanced(role, ts, send.after, counted, deletion),
    })
}

/// Judged at the entry's time, which may be ahead of this function's clock; the wait is counted from that clock.
fn within_rate(side: &Standing, at: TimestampMs, now: TimestampMs) -> Result<(), Refusal> {
    if side.wait_ms(at).is_none() {
        return Ok(());
    }
    Err(Refusal {
        code: ErrorCode::RateLimited,
        message: "more than 20 sends in 10 seconds".to_owned(),
        retry_after_ms: side.wait_ms(now),
    })
}

/// Whether a user may edit or delete an entry by such a body.
pub fn target_rules(target: &LogEntry, user: &UserId, body: &Body) -> Result<(), Refusal> {
    if target.from != *user {
        return Err(Refusal::new(
            ErrorCode::NotAllowed,
            "body.of is not an entry of your own",
        ));
    }
    let editing = matches!(body, Body::Edit { .. });
    if editing && !matches!(target.body, Body::Text { .. }) {
        return Err(Refusal::new(
            ErrorCode::BadRequest,
            "body.of must be a text entry",
        ));
    }
    Ok(())
}

/// The entry that an edit or a deletion makes of the one that it names; `None` for bodies that rewrite nothing.
pub fn rewrite(target: &LogEntry, body: &Body, at: TimestampMs) -> Option<LogEntry> {
    let (body, edited_at) = match body {
        Body::Edit { text, .. } => (Body::Text { text: text.clone() }, Some(at)),
        Body::Delete { .. } => (Body::Deleted, target.edited_at),
        Body::Text { .. }
        | Body::Attachment { .. }
        | Body::Reaction { .. }
        | Body::Custom { .. }
        | Body::Deleted => return None,
    };
    let first_said = Some(target.first_said.unwrap_or_else(|| digest_of(&target.body)));
    Some(LogEntry {
        body,
        edited_at,
        first_said,
        ..target.clone()
    })
}

#[cfg(test)]
mod tests;
