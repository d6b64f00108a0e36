//! Goal: whatever can be wrong with the templates, and is seen neither by a linter nor by an emulator, is seen here.
//! Method: the templates are read, their conditions decided and their functions applied, under several settings. Each
//! check is a function over what comes out of it, and has faults planted into the templates that it, and no other
//! check, has to find.
//!
//! Each check stands in a table beside its reason, in `checks/`; the faults stand in `seeds/`. What the code does with
//! tables, phones and connections is not listed but seen: `play/` plays every action on the real store.
//!
//! The kinds of faults that no linter and no emulator was seen to find, and who finds them:
//!
//! | fault | check |
//! |---|---|
//! | a key of a global table's index is not declared | `declared-keys` |
//! | a global table has no replica where it is deployed | `replicas` |
//! | a metric that there is not, or with dimensions that it does not have | `metrics-exist` |
//! | an alarm waits for more datapoints than it looks at | `datapoints` |
//! | a dashboard is no JSON, or has an unknown kind of widget | `dashboard-body` |
//! | metric math names an undefined id | `metric-math` |
//! | a composite alarm's rule is none, or names no alarm | `composite-rule` |
//! | subnets overlap | `subnets` |
//! | a bucket's transitions are out of order | `lifecycle-order` |
//! | a route's target is no integration | `route-target` |
//! | an endpoint's policy is for everything | `endpoint-policy` |
//! | what one stack takes, no other puts out | `references`, `root` |

mod check;
mod checks;
mod code;
mod documented;
mod failover;
mod nested;
mod play;
mod reading;
mod routes;
mod rule;
mod scope;
mod seeds;
mod series;
mod settings;
mod stacks;
mod statements;
mod tap;
mod templates;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Finding;
use crate::code::Code;
use crate::settings::Setting;
use crate::stacks::Stacks;
use crate::templates::Templates;

/// What all checks find, each finding with its check's name.
fn findings(templates: &Templates, setting: &Setting, code: &Code) -> Vec<(&'static str, Finding)> {
    let stacks = Stacks::deploy(templates, setting, code);
    checks::all()
        .flat_map(|check| (check.run)(&stacks).into_iter().map(|it| (check.name, it)))
        .collect()
}

fn line((check, it): &(&str, Finding)) -> String {
    let reason = checks::all()
        .find(|it| it.name == *check)
        .map_or("", |it| it.reason);
    format!("{}: {} [{check}: {reason}]\n", it.at, it.what)
}

fn lines(findings: &[(&'static str, Finding)]) -> String {
    findings.iter().map(line).collect()
}

#[test]
fn the_templates_are_as_they_should_be_under_every_setting() {
    let (templates, code) = (Templates::read(), Code::observe());
    let mut report = Vec::new();
    for setting in settings::all(&templates) {
        let found = findings(&templates, &setting, &code);
        if !found.is_empty() {
            report.push(format!("under {}:\n{}", setting.name, lines(&found)));
        }
    }
    assert!(report.is_empty(), "\n{}", report.concat());
}

#[test]
fn every_seeded_fault_is_found_by_its_check_and_by_no_other() {
    let (templates, code) = (Templates::read(), Code::observe());
    let settings = settings::all(&templates);
    // What is wrong without a fault is the other test's.
    let before: BTreeMap<&str, String> = settings
        .iter()
        .map(|it| (it.name.as_str(), lines(&findings(&templates, it, &code))))
        .collect();
    let mut report = Vec::new();
    for seed in seeds::all() {
        let mut faulty = templates.clone();
        (seed.plant)(&mut faulty);
        let setting = settings.iter().find(|it| it.name == seed.setting);
        let setting = setting.expect("a seed has a setting");
        let mut found = findings(&faulty, setting, &code);
        found.retain(|it| !before[seed.setting].contains(&line(it)));
        let by: BTreeSet<&str> = found.iter().map(|(check, _)| *check).collect();
        if by != BTreeSet::from([seed.check]) {
            let (what, wanted) = (seed.fault, seed.check);
            report.push(format!(
                "{what}: found by {by:?}, not by {wanted}\n{}",
                lines(&found)
            ));
        }
    }
    assert!(report.is_empty(), "\n{}", report.concat());
}

#[test]
fn every_check_has_a_seeded_fault_and_a_name_of_its_own() {
    let names: Vec<&str> = checks::all().map(|it| it.name).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len(), "two checks have one name");
    let seeded: BTreeSet<&str> = seeds::all().map(|it| it.check).collect();
    assert_eq!(distinct, seeded);
}

#[test]
fn rules_refuse_parameters_that_do_not_fit_together() {
    let templates = Templates::read();
    let settings = settings::all(&templates);
    let code = Code::default();
    let whole = settings.iter().find(|it| it.is_whole());
    let whole = whole.expect("there is a setting with everything on");
    for (parameter, value, stack) in [
        ("AppleKeyId", "", "identity"),
        ("AppleSecretArn", "", "identity"),
        ("AuthDomainPrefix", "", "identity"),
        ("FunctionNetworkPolicyArn", "", "app"),
        ("FunctionSecurityGroupId", "", "app"),
        ("GoogleSecretArn", "", "identity"),
        ("OidcClientId", "", "identity"),
        ("OidcSecretArn", "", "identity"),
        ("RegionRole", "SECONDARY", "data"),
        ("ReplicaKeyArn", "", "data"),
    ] {
        let setting = whole.with(parameter, value);
        let stacks = Stacks::deploy(&templates, &setting, &code);
        let refused =
            |(name, what): &(String, String)| name == stack && what.starts_with("a rule says");
        let problems = &stacks.problems;
        assert!(
            problems.iter().any(refused),
            "{parameter}={value:?}: {problems:?}"
        );
    }
}

#[test]
fn parameter_files_give_what_templates_take() {
    let templates = Templates::read();
    for setting in settings::all(&templates) {
        let unknown = settings::unknown(&templates, &setting);
        assert!(
            unknown.is_empty(),
            "{}: nobody takes {unknown:?}",
            setting.name
        );
    }
}
