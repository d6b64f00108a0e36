//! Goal: a plan is what was said, within bounds; what cannot be is refused in words.
//! Method: a table of settings.

use std::time::Duration;

use super::{Pace, Plan, PlanError};
use crate::settings::{Scenario, Settings, Span};

fn said(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

#[test]
fn every_scenario_has_a_plan_by_itself() {
    use Scenario::{Burst, Fanout, Idle, Offline, Relay, Soak, Storm};
    for scenario in [Relay, Burst, Idle, Storm, Offline, Fanout, Soak] {
        let plan = Plan::new(scenario, Settings::default());
        let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", scenario.name()));
        assert_eq!(
            plan.conversations == 0,
            scenario == Idle,
            "{}",
            scenario.name()
        );
    }
}

#[test]
fn every_profile_is_a_plan() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles");
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        let profile = Settings::profile(&path).unwrap();
        let scenario = profile.scenario.expect("a profile names its scenario");
        assert!(
            profile.about.is_some(),
            "{} says what it is for",
            path.display()
        );
        let plan = Plan::new(scenario, profile);
        assert!(plan.is_ok(), "{}: {plan:?}", path.display());
        count += 1;
    }
    assert!(count >= 8, "{count} profiles");
}

#[test]
fn an_open_loop_has_conversations_enough_for_its_rate() {
    let plan = Plan::new(Scenario::Relay, said(|it| it.rate = Some(1_000.0))).unwrap();
    assert_eq!(
        plan.pace,
        Pace::Open {
            interval: 200_000.0
        }
    );
    assert_eq!(
        plan.conversations, 4,
        "5 messages a second of each user, 1.6 in each conversation"
    );
}

#[test]
fn flags_stand_above_the_profile_also_where_they_say_it_otherwise() {
    let profile = said(|it| {
        it.pairs = Some(7);
        it.rate = Some(5.0);
        it.body_bytes = Some(9);
    });
    let flags = said(|it| {
        it.users = Some(4);
        it.in_flight = Some(3);
    });
    let settings = flags.over(profile);
    assert_eq!((settings.pairs, settings.users), (None, Some(4)));
    assert_eq!((settings.rate, settings.in_flight), (None, Some(3)));
    assert_eq!(settings.body_bytes, Some(9));
}

#[test]
fn what_cannot_be_is_refused() {
    let second = Some(Span(Duration::from_secs(1)));
    let day = Some(Span(Duration::from_hours(24)));
    let table: [(Scenario, Settings, &str); 9] = [
        (
            Scenario::Relay,
            said(|it| it.pairs = Some(0)),
            "--pairs must be 1 to 10000",
        ),
        (
            Scenario::Relay,
            said(|it| it.pairs = Some(10_001)),
            "--pairs must be 1 to 10000",
        ),
        (
            Scenario::Relay,
            said(|it| it.rate = Some(f64::NAN)),
            "--rate must be",
        ),
        (
            Scenario::Relay,
            said(|it| it.body_bytes = Some(8_001)),
            "--body-bytes must be 1 to 8000",
        ),
        (
            Scenario::Soak,
            said(|it| it.duration = day),
            "--duration must be",
        ),
        (
            Scenario::Idle,
            said(|it| it.rate = Some(1.0)),
            "--rate means nothing in idle",
        ),
        (
            Scenario::Relay,
            said(|it| it.devices = Some(2)),
            "--devices means nothing in relay",
        ),
        (
            Scenario::Burst,
            said(|it| it.period = second),
            "the gateway takes 2",
        ),
        (
            Scenario::Relay,
            said(|it| it.scenario = Some(Scenario::Soak)),
            "the profile is for soak",
        ),
    ];
    for (scenario, settings, expected) in table {
        let refused = Plan::new(scenario, settings).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let long = said(|it| {
        it.rate = Some(10_000.0);
        it.duration = Some(Span(Duration::from_hours(10)));
    });
    assert!(matches!(
        Plan::new(Scenario::Relay, long),
        Err(PlanError::Messages(_))
    ));
}
