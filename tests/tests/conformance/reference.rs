//! The reference client breaks no rule, whatever its dice say.

use switchboard_local::conformance::{PLAYS, Rule};

use crate::bench::perform;
use crate::tamper::Tamper;

/// Seeds of the client's dice.
const SEEDS: u64 = 100;

#[test]
fn the_reference_client_passes_every_play() {
    for play in &PLAYS {
        for seed in 0..SEEDS {
            let verdict = perform(play, seed, Tamper::default());
            assert!(
                verdict.passed,
                "{} with seed {seed}: {verdict:#?}",
                play.name
            );
        }
    }
}

#[test]
fn a_play_is_the_same_play_each_time() {
    for play in &PLAYS {
        let lines = || {
            let lines = perform(play, 7, Tamper::default()).transcript.into_iter();
            // Entry ids are made once per process.
            lines
                .map(|it| (it.at, it.who, it.what.len()))
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(), lines(), "{}", play.name);
    }
}

#[test]
fn every_rule_is_the_subject_of_a_play_or_holds_in_all() {
    let everywhere = [Rule::NoStorm, Rule::TypingPace, Rule::ShownAsLogged];
    for rule in Rule::ALL {
        let judged = PLAYS.iter().any(|play| play.judges.contains(rule));
        assert!(judged || everywhere.contains(rule), "{rule}");
    }
}
