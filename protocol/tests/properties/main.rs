//! Whatever a client sends: nothing panics, and what is accepted is within its bounds.
//!
//! The frames are arbitrary text, arbitrary JSON, and golden frames with bytes or fields changed. The seed is fixed: a
//! run that fails here fails everywhere, and prints the smallest frame that does.
#![cfg(test)]

mod bounds;
mod strategies;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use switchboard_protocol::action::{Position, Send};
use switchboard_protocol::{Action, Body, ClientFrame, ErrorCode, ServerFrame};

/// No files beside the tests, and the same frames every time.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5357_4954_4348),
        ..ProptestConfig::default()
    }
}

/// Parses; holds what was accepted to its bounds, and a refusal to the form of one.
fn judge(text: &str) {
    match ClientFrame::parse(text) {
        Ok(frame) => bounds::assert_within(&frame),
        Err(refused) => {
            let code = refused.refusal.code;
            let codes = [
                ErrorCode::BadRequest,
                ErrorCode::UnknownAction,
                ErrorCode::TooLarge,
            ];
            assert!(codes.contains(&code), "{code}");
            assert!(!refused.refusal.message.is_empty());
            // Nothing of the frame but checked ids comes back, so that an error is always short.
            let error = refused.about.error(refused.refusal);
            let length = ServerFrame::from(error).to_json().len();
            assert!(length < 1_024, "{length} bytes");
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        judge(&text);
    }

    #[test]
    fn arbitrary_json(value in strategies::json()) {
        judge(&value.to_string());
    }

    #[test]
    fn arbitrary_fields_of_known_actions(frame in strategies::frame()) {
        judge(&frame.to_string());
    }

    #[test]
    fn golden_frames_with_other_bytes(text in strategies::damaged_golden()) {
        judge(&text);
    }

    #[test]
    fn golden_frames_with_other_values(frame in strategies::swapped_golden()) {
        judge(&frame.to_string());
    }

    #[test]
    fn a_stored_body_is_read_as_it_was_written(body in strategies::body()) {
        let read = Body::from_stored(&body.to_json());
        prop_assert_eq!(read, Some(body));
    }

    #[test]
    fn a_sent_body_is_stored_as_it_was_sent(frame in strategies::swapped_golden()) {
        if let Ok(ClientFrame { action: Action::Send(Send { body, .. }), .. }) = ClientFrame::parse(&frame.to_string()) {
            prop_assert_eq!(Body::from_stored(&body.to_json()), Some(body));
        }
    }

    #[test]
    fn an_arbitrary_stored_body_harms_nobody(text in any::<String>(), value in strategies::json()) {
        drop(Body::from_stored(&text));
        drop(Body::from_stored(&value.to_string()));
    }

    #[test]
    fn a_position_comes_back_as_it_went(last_at in any::<u64>(), id in strategies::ulid()) {
        let position = Position { last_at, conversation: id.parse().unwrap() };
        let frame = serde_json::json!({ "action": "inbox", "next": position.to_next() });
        let parsed = ClientFrame::parse(&frame.to_string()).unwrap();
        let Action::Inbox(inbox) = parsed.action else { panic!("an inbox is an inbox") };
        prop_assert_eq!(inbox.next, Some(position));
    }
}
