//! What is appended, what is refused, what is recognised, what is rewritten.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Map;
use switchboard_protocol::Seq;

use super::*;
use crate::log::entry::tests::{entry, entry_id, text_body};
use crate::log::tail::tests::conversation;

fn send(number: u64, body: Body) -> Send {
    Send {
        conversation: conversation().id,
        id: entry_id(number),
        after: 0,
        body,
        reply_to: None,
    }
}

fn edit(of: Seq, text: &str) -> Body {
    Body::Edit {
        of,
        text: text.to_owned(),
    }
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// What the customer's send becomes after an entry.
fn after(head: Option<&LogEntry>, send: &Send, now: TimestampMs) -> Result<LogEntry, Refusal> {
    next_entry(&conversation(), head, Role::Customer, send, now)
}

#[test]
fn a_send_is_new_or_a_duplicate_or_in_conflict() {
    let log = [entry(2, "alice", "two"), entry(1, "alice", "one")];
    let duplicate = || Found::Duplicate(Box::new(entry(1, "alice", "one")));
    let reply = Send {
        reply_to: Some(1),
        ..send(1, text_body("one"))
    };
    let rows = [
        ("alice", send(3, text_body("one")), Found::Nothing),
        ("alice", send(1, text_body("one")), duplicate()),
        ("alice", send(1, text_body("two")), Found::Conflict),
        ("alice", send(1, edit(1, "one")), Found::Conflict),
        ("alice", reply, Found::Conflict),
        ("bob", send(1, text_body("one")), Found::Conflict),
    ];
    for (from, send, found) in rows {
        assert_eq!(find(&log, &user(from), &send), found, "{from}: {send:?}");
        assert_eq!(find([], &user(from), &send), Found::Nothing);
    }
}

#[test]
fn a_retry_is_recognised_though_the_entry_was_edited_and_deleted_since() {
    let original = entry(1, "alice", "one");
    let edited = rewrite(&original, &edit(1, "uno"), 5_000).unwrap();
    let edited_again = rewrite(&edited, &edit(1, "eins"), 6_000).unwrap();
    let deleted = rewrite(&edited_again, &Body::Delete { of: 1 }, 7_000).unwrap();
    let deleted_at_once = rewrite(&original, &Body::Delete { of: 1 }, 5_000).unwrap();
    for stored in [edited, edited_again, deleted, deleted_at_once] {
        let retry = find([&stored], &user("alice"), &send(1, text_body("one")));
        assert_eq!(retry, Found::Duplicate(Box::new(stored.clone())));
        for text in ["uno", "eins", "two"] {
            let other = find([&stored], &user("alice"), &send(1, text_body(text)));
            assert_eq!(other, Found::Conflict, "{text}");
        }
    }
}

#[test]
fn an_entry_takes_the_next_place_and_the_servers_word_for_who_and_when() {
    let reply = Send {
        after: 7,
        reply_to: Some(3),
        ..send(9, text_body("hello"))
    };
    let head = entry(7, "bob", "before");
    let next = after(Some(&head), &reply, 8_000).unwrap();
    let expected = LogEntry {
        ts: 8_000,
        reply_to: Some(3),
        id: entry_id(9),
        standings: head
            .standings
            .advanced(Role::Customer, 8_000, 7, true, false),
        ..entry(8, "alice", "hello")
    };
    assert_eq!(next, expected);
    let provider = next_entry(&conversation(), Some(&head), Role::Provider, &reply, 8_000);
    assert_eq!(provider.unwrap().from, user("bob"));
    let opening = send(1, text_body("hello"));
    let first = after(None, &opening, 8_000);
    assert_eq!(first.unwrap().seq, 1);
}

#[test]
fn times_never_run_backwards() {
    let head = entry(7, "bob", "before");
    for (now, ts) in [(0, 7_000), (6_999, 7_000), (7_000, 7_000), (7_001, 7_001)] {
        let next = after(Some(&head), &send(8, text_body("hello")), now);
        assert_eq!(next.unwrap().ts, ts, "at {now}");
    }
}

#[test]
fn nothing_is_appended_to_a_closed_conversation() {
    let mut closed = conversation();
    closed.closed_at = Some(600);
    for role in [Role::Customer, Role::Provider] {
        let refusal = next_entry(&closed, None, role, &send(1, text_body("hello")), 700);
        assert_eq!(refusal.unwrap_err().code, ErrorCode::NotAllowed);
    }
}

#[test]
fn an_entry_names_only_what_stands_below_it() {
    let reaction = |of| Body::Reaction {
        of,
        emoji: "👍".to_owned(),
        on: true,
    };
    for body in [|of| edit(of, "x"), |of| Body::Delete { of }, reaction] {
        let head = entry(7, "bob", "before");
        assert!(after(Some(&head), &send(8, body(7)), 8_000).is_ok());
        let refusal = after(Some(&head), &send(8, body(8)), 8_000).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::BadRequest);
        assert!(refusal.message.contains("body.of"));
    }
    let reply = Send {
        reply_to: Some(1),
        ..send(1, text_body("hello"))
    };
    let refusal = after(None, &reply, 8_000).unwrap_err();
    assert!(refusal.message.contains("reply_to"));
}

#[test]
fn own_entries_are_deleted_and_own_texts_are_edited() {
    let text = entry(1, "alice", "one");
    let deleted = LogEntry {
        body: Body::Deleted,
        ..text.clone()
    };
    let delete = Body::Delete { of: 1 };
    let rows = [
        (&text, "alice", edit(1, "uno"), None),
        (&text, "alice", delete.clone(), None),
        (&text, "bob", edit(1, "uno"), Some(ErrorCode::NotAllowed)),
        (&text, "bob", delete.clone(), Some(ErrorCode::NotAllowed)),
        (
            &deleted,
            "alice",
            edit(1, "uno"),
            Some(ErrorCode::BadRequest),
        ),
        (&deleted, "alice", delete, None),
    ];
    for (target, from, body, code) in rows {
        let refusal = target_rules(target, &user(from), &body).err();
        assert_eq!(refusal.map(|it| it.code), code, "{from}: {body:?}");
    }
}

#[test]
fn an_edit_and_a_deletion_rewrite_and_nothing_else_does() {
    let original = LogEntry {
        reply_to: Some(1),
        ..entry(2, "alice", "two")
    };
    let first_said = Some(digest_of(&original.body));
    let edited = LogEntry {
        body: text_body("due"),
        edited_at: Some(9_000),
        first_said,
        ..original.clone()
    };
    assert_eq!(
        rewrite(&original, &edit(2, "due"), 9_000),
        Some(edited.clone())
    );
    let deleted = LogEntry {
        body: Body::Deleted,
        ..edited.clone()
    };
    assert_eq!(
        rewrite(&edited, &Body::Delete { of: 2 }, 9_500),
        Some(deleted)
    );
    let custom = Body::Custom {
        custom_type: "a".to_owned(),
        data: Map::new(),
    };
    for body in [text_body("x"), custom, Body::Deleted] {
        assert_eq!(rewrite(&original, &body, 9_000), None);
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// A log that grows as it does in production, by a clock that also jumps back.
    #[test]
    fn a_side_gets_twenty_in_ten_seconds_and_the_wait_it_is_told_is_enough(
        steps in vec((any::<bool>(), -500_i64..900), 0..80),
    ) {
        let (mut log, mut now) = (Vec::<LogEntry>::new(), 1_000_000);
        for (number, (customer, jump)) in (1..).zip(steps) {
            now = u64::saturating_add_signed(now, jump);
            let role = if customer { Role::Customer } else { Role::Provider };
            let (talk, send) = (conversation(), send(number, text_body("x")));
            let head = log.last();
            let ts = now.max(head.map_or(0, |entry| entry.ts));
            let own = log.iter().filter(|it| it.from == *talk.user(role) && ts - it.ts < 10_000);
            match next_entry(&talk, head, role, &send, now) {
                Ok(entry) => {
                    prop_assert!(own.count() < 20);
                    prop_assert_eq!((entry.seq, entry.ts), (log.len() as u64 + 1, ts));
                    log.push(entry);
                }
                Err(refusal) => {
                    prop_assert_eq!(refusal.code, ErrorCode::RateLimited);
                    prop_assert!(own.count() >= 20);
                    let wait_ms = refusal.retry_after_ms.unwrap();
                    let try_at = |at| next_entry(&talk, head, role, &send, at);
                    prop_assert!(try_at(now + wait_ms).is_ok());
                    prop_assert!(try_at(now + wait_ms - 1).is_err());
                }
            }
        }
    }
}
