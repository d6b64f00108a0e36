//! A client that breaks a rule is told which: one wrong client for each rule of the table.

use std::collections::BTreeSet;

use switchboard_local::conformance::{PLAYS, Rule, play};

use crate::bench::perform;
use crate::tamper::Tamper;

mod connecting;
mod receiving;
pub(crate) mod sending;

/// Seeds of the client's dice: a wrong client is told whatever they say.
const SEEDS: u64 = 10;

/// The rule that is broken, in which play, and how.
type Wrong = (Rule, &'static str, fn() -> Tamper);

const WRONG: &[Wrong] = &[
    (Rule::TokenPlace, "hello", connecting::token_in_the_url),
    (Rule::TokenPlace, "hello", connecting::no_token),
    (Rule::Subprotocol, "hello", connecting::another_subprotocol),
    (Rule::DeviceName, "hello", connecting::a_device_with_a_space),
    (Rule::SpeaksFirst, "hello", connecting::silence),
    (Rule::WellFormed, "hello", sending::sends_without_after),
    (Rule::NoStorm, "hello", connecting::says_hello_without_end),
    (Rule::Reconnects, "lost-ack", connecting::never_comes_back),
    (Rule::Backoff, "reconnect", connecting::comes_back_at_once),
    (
        Rule::Backoff,
        "reconnect",
        connecting::comes_back_every_200_ms,
    ),
    (
        Rule::Jitter,
        "reconnect",
        connecting::comes_back_every_second,
    ),
    (
        Rule::Jitter,
        "reconnect",
        connecting::comes_back_after_doubled_pauses,
    ),
    (Rule::NoFight, "replaced", connecting::comes_back_at_once),
    (
        Rule::ReconnectBy,
        "reconnect-by",
        connecting::overlooks_reconnect_by,
    ),
    (
        Rule::NewBeforeOld,
        "reconnect-by",
        connecting::closes_the_old_first,
    ),
    (Rule::NewToken, "expired-token", connecting::keeps_its_token),
    (
        Rule::IgnoresUnknown,
        "unknowns",
        connecting::closes_at_an_unknown_event,
    ),
    (
        Rule::IgnoresUnknown,
        "unknowns",
        connecting::drops_what_has_unknown_fields,
    ),
    (Rule::Resends, "lost-ack", sending::sends_once),
    (Rule::Resends, "expired-token", sending::sends_once),
    (Rule::RetriesLater, "unavailable", sending::sends_once),
    (Rule::RetriesLater, "rate-limited", sending::sends_once),
    (Rule::PlatformError, "platform-error", sending::sends_once),
    (
        Rule::RetryAfter,
        "rate-limited",
        sending::overlooks_retry_after,
    ),
    (
        Rule::RefusedStays,
        "refused",
        sending::retries_what_was_refused,
    ),
    (
        Rule::SameId,
        "unavailable",
        sending::retries_with_another_id,
    ),
    (Rule::SameId, "lost-ack", sending::retries_with_another_id),
    (
        Rule::SameAfter,
        "unavailable",
        sending::retries_with_its_cursor,
    ),
    (
        Rule::SameAfter,
        "platform-error",
        sending::retries_with_its_cursor,
    ),
    (
        Rule::SameAfter,
        "rate-limited",
        sending::retries_with_its_cursor,
    ),
    (
        Rule::SameBody,
        "unavailable",
        sending::retries_with_another_body,
    ),
    (
        Rule::AfterCursor,
        "hello",
        sending::sends_after_what_it_lacks,
    ),
    (
        Rule::OneInFlight,
        "one-in-flight",
        sending::sends_all_at_once,
    ),
    (
        Rule::OwnOrder,
        "one-in-flight",
        sending::sends_the_last_first,
    ),
    (
        Rule::ConfirmsStored,
        "receipts",
        receiving::confirms_nothing,
    ),
    (Rule::RecvBound, "gap", receiving::confirms_above_the_gap),
    (
        Rule::RecvForward,
        "receipts",
        receiving::confirms_less_again,
    ),
    (
        Rule::ReadWithin,
        "receipts",
        receiving::reads_more_than_it_has,
    ),
    (Rule::RecvPace, "receipts", receiving::confirms_each),
    (Rule::TypingPace, "hello", receiving::types_without_end),
    (Rule::FillsGap, "gap", receiving::asks_for_a_page_once),
    (
        Rule::SyncsAfterReconnect,
        "cut-page",
        receiving::asks_for_a_page_once,
    ),
    (Rule::PagesToEnd, "cut-page", receiving::takes_one_page),
    (Rule::CursorBound, "cut-page", receiving::syncs_from_above),
    (
        Rule::CursorForward,
        "cut-page",
        receiving::syncs_from_the_beginning,
    ),
    (Rule::ShownOnce, "duplicate", receiving::shows_twice),
    (
        Rule::ShownInOrder,
        "duplicate",
        receiving::shows_the_newest_first,
    ),
    (Rule::ShownAsLogged, "gap", receiving::shows_not_all),
    (
        Rule::ShownAsLogged,
        "gap",
        receiving::shows_what_is_not_there,
    ),
    (
        Rule::OwnElsewhere,
        "changes",
        receiving::hides_what_another_device_sent,
    ),
    (
        Rule::AppliesEdits,
        "changes",
        receiving::shows_what_was_edited,
    ),
    (
        Rule::AppliesEdits,
        "changes",
        receiving::shows_what_was_deleted,
    ),
    (Rule::Harness, "hello", sending::does_not_report),
    (Rule::Harness, "hello", sending::reports_something_else),
];

#[test]
fn a_client_that_breaks_a_rule_is_told_which() {
    let mut mistaken = Vec::new();
    for (place, (rule, name, tamper)) in WRONG.iter().enumerate() {
        for seed in 0..SEEDS {
            let verdict = perform(play(name).unwrap(), seed, tamper());
            let broken: Vec<String> = verdict
                .broken
                .iter()
                .map(|it| format!("{}: {}", it.rule, it.why))
                .collect();
            // What follows from a broken rule may break others.
            if verdict.passed || verdict.broken.first().map(|it| it.rule) != Some(*rule) {
                mistaken.push(format!(
                    "{place}: {rule} in {name}, seed {seed}: {broken:?}"
                ));
            }
        }
    }
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
}

#[test]
fn every_rule_has_a_client_that_breaks_it_and_every_play_one_that_it_catches() {
    let broken: BTreeSet<Rule> = WRONG.iter().map(|it| it.0).collect();
    for rule in Rule::ALL {
        assert!(broken.contains(rule), "{rule}");
    }
    for play in &PLAYS {
        assert!(WRONG.iter().any(|it| it.1 == play.name), "{}", play.name);
    }
}
