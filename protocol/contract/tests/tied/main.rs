//! Goal: the tables say what the types of `switchboard-protocol` do, no more and no less.
//! Method: the schema is held against the parser and the writer, from both sides: golden frames, frames with one thing
//! wrong, arbitrary changes to golden frames, and arbitrary server frames.

#![cfg(test)]

mod cover;
mod documents;
mod judge;
mod server;
mod violations;

use judge::{Judge, golden};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use switchboard_contract::table::{Action as Described, Contract, codes};
use switchboard_protocol::{Action, ClientFrame, ErrorCode};

#[test]
fn golden_frames_are_valid_and_say_nothing_that_the_tables_do_not_know() {
    let judge = Judge::strict();
    for example in &golden().client {
        judge.accepts("ClientFrame", &example.frame, &example.name);
    }
    for example in &golden().server {
        judge.accepts("ServerFrame", &example.frame, &example.name);
    }
}

#[test]
fn every_action_and_every_code_is_described() {
    let contract = Contract::new();
    let described: Vec<&str> = contract.actions.iter().map(|it| it.name).collect();
    assert_eq!(described, Action::NAMES);
    for action in &contract.actions {
        let answered = Action::is_answered(action.name);
        assert_eq!(
            action.reply.is_some(),
            answered || action.name == "ping",
            "{}",
            action.name
        );
        for code in action.errors.iter().copied().chain(Described::ALWAYS) {
            assert!(
                ErrorCode::ALL.iter().any(|it| it.as_str() == code),
                "{code}"
            );
        }
    }
    let explained: Vec<&str> = codes().iter().map(|it| it.code).collect();
    assert_eq!(explained, ErrorCode::ALL.map(ErrorCode::as_str));
}

/// No files beside the tests, and the same frames every time.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 8_192,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5357_4954_4348),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Both sides of the same line: where nothing is wrong with a frame's bytes, schema and parser agree.
    #[test]
    fn what_the_parser_takes_is_valid_and_what_is_valid_it_takes(frame in violations::swapped()) {
        let taken = ClientFrame::parse(&frame.to_string());
        let valid = Judge::lenient().is_valid("ClientFrame", &without_nulls(&frame));
        prop_assert_eq!(taken.is_ok(), valid, "{:?}: {}", taken, frame);
    }

    /// Whatever the types serialise is valid, and has no field that the tables do not know.
    #[test]
    fn what_the_gateway_writes_is_valid(frame in server::frame()) {
        let written: Value = serde_json::from_str(&frame.to_json()).unwrap();
        Judge::strict().accepts("ServerFrame", &written, "an arbitrary frame");
    }
}

/// The frame as the schema wants it: the parser takes `null` for an absent field. A map has no fields: what stands under
/// a conversation's id among the cursors is a value, and `null` is none.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, it)| !it.is_null());
            let kept = |(name, it): (&String, &Value)| match name.as_str() {
                "cursors" => (name.clone(), it.clone()),
                _ => (name.clone(), without_nulls(it)),
            };
            Value::Object(there.map(kept).collect())
        }
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
