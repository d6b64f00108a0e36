//! What one Region's stacks say of the other's: the primary's health is an alarm of the standby, and both have a record
//! for the same name.

use std::collections::BTreeSet;

use crate::code::Code;
use crate::settings;
use crate::stacks::Stacks;
use crate::templates::Templates;

/// Plants a fault, given where the health check names its alarm.
type Plant = fn(&mut Templates, &str);

const RECORD: &str = "AWS::Route53::RecordSet";

/// What would keep devices from being moved to the standby Region.
fn obstacles(templates: &Templates) -> Vec<String> {
    let code = Code::default();
    let settings = settings::all(templates);
    let find = |name: &str| {
        settings
            .iter()
            .find(|it| it.name == name)
            .expect("no such setting")
    };
    let home = Stacks::deploy(templates, find("on"), &code);
    let away = Stacks::deploy(templates, find("standby"), &code);
    let mut obstacles = Vec::new();
    for check in home.of("AWS::Route53::HealthCheck") {
        let named = |path: &str| check.text(&format!("HealthCheckConfig/AlarmIdentifier/{path}"));
        if named("Region") != away.setting.region {
            obstacles.push(format!(
                "the primary's health is decided in {:?}",
                named("Region")
            ));
        }
        let mut alarms = away.of("AWS::CloudWatch::Alarm");
        let alarm = alarms.find(|it| it.text("AlarmName") == named("Name"));
        // Route 53 follows the metric of an alarm, by itself: math, percentiles and "3 of 5" are not for it.
        let followed = alarm.is_some_and(|it| {
            it.get("Metrics").is_null()
                && it.get("ExtendedStatistic").is_null()
                && it
                    .number("DatapointsToAlarm")
                    .is_none_or(|n| Some(n) == it.number("EvaluationPeriods"))
        });
        if !followed {
            obstacles.push(format!("Route 53 cannot follow {:?}", named("Name")));
        }
    }
    let mut identifiers = BTreeSet::new();
    for (stacks, role) in [(&home, "PRIMARY"), (&away, "SECONDARY")] {
        for kind in ["A", "AAAA"] {
            let mut records = stacks.of(RECORD).filter(|it| it.text("Type") == kind);
            let (record, another) = (records.next(), records.next());
            let Some(record) = record.filter(|_| another.is_none()) else {
                obstacles.push(format!("{role} has not one {kind} record"));
                continue;
            };
            let watched = record.text("HealthCheckId");
            let watches = stacks
                .referred(watched)
                .is_some_and(|it| it.kind == "AWS::Route53::HealthCheck");
            if record.text("Failover") != role || watches != (role == "PRIMARY") {
                obstacles.push(format!(
                    "{role}'s {kind} record is {:?}, {watched:?}",
                    record.text("Failover")
                ));
            }
            if record.text("Name") != stacks.setting.given("DomainName")
                || !identifiers.insert(format!("{kind} {}", record.text("SetIdentifier")))
            {
                obstacles.push(format!(
                    "{role}'s {kind} record is not told apart from the other's"
                ));
            }
        }
    }
    obstacles
}

#[test]
fn the_standby_region_takes_over_and_faults_in_the_way_are_found() {
    let templates = Templates::read();
    assert_eq!(obstacles(&templates), Vec::<String>::new());
    let check = "/Resources/HealthCheck/Properties/HealthCheckConfig/AlarmIdentifier";
    let faults: [(&str, Plant); 5] = [
        ("the alarm of the Region that has failed", |it, check| {
            it.set("dns", &format!("{check}/Region"), "eu-central-1");
        }),
        ("an alarm by another name", |it, check| {
            it.set("dns", &format!("{check}/Name"), "switchboard-on-failover");
        }),
        ("three of five", |it, _| {
            it.set(
                "dns",
                "/Resources/FailOverAlarm/Properties/EvaluationPeriods",
                5,
            );
        }),
        ("phones with the newer address stay", |it, _| {
            _ = it.take("dns", "/Resources/AddressRecord6");
        }),
        ("nobody asks for the primary's health", |it, _| {
            it.take("dns", "/Resources/AddressRecord/Properties/HealthCheckId");
        }),
    ];
    for (fault, plant) in faults {
        let mut faulty = templates.clone();
        plant(&mut faulty, check);
        assert_ne!(obstacles(&faulty), Vec::<String>::new(), "{fault}");
    }
}
