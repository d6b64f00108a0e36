//! What a tally looks like in the embedded metric format, compared with the table of metrics.
#![cfg(test)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchboard::metric::{Kind, Split};
use switchboard::{Metric, Tally};
use switchboard_handlers::emf::{self, Source};

const AT: u64 = 1_795_000_000_000;
const SOURCE: Source<'_> = Source {
    environment: "test",
    function: "message",
};

/// Everything that can be counted: a number for each metric, and for each part where it has parts.
fn everything() -> Tally {
    let mut tally = Tally::default();
    for (metric, number) in Metric::ALL.into_iter().zip(1..) {
        let labels = metric.split().map_or_else(Vec::new, Split::labels);
        match metric.kind() {
            Kind::Duration => tally.took(metric, number),
            Kind::Count if labels.is_empty() => tally.add(metric, number),
            Kind::Count => labels
                .iter()
                .for_each(|it| tally.add_labelled(metric, *it, number)),
            Kind::Gauge => labels
                .iter()
                .for_each(|it| tally.set_labelled(metric, *it, number)),
        }
    }
    tally
}

/// What CloudWatch would read from lines: the values by metric, set of dimensions and the dimensions' values.
fn read(lines: &[String]) -> BTreeMap<(String, Vec<String>, Vec<String>), Vec<u64>> {
    let mut read: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for line in lines {
        assert!(!line.contains('\n'), "{line}");
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["_aws"]["Timestamp"], AT);
        for directive in record["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            assert_eq!(directive["Namespace"], "Switchboard");
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()), "{line}");
            for set in directive["Dimensions"].as_array().unwrap() {
                let texts = |it: &Value| it.as_str().unwrap().to_owned();
                let set: Vec<String> = set.as_array().unwrap().iter().map(texts).collect();
                assert!(set.len() <= 30, "{line}");
                let values: Vec<String> = set.iter().map(|it| texts(&record[it])).collect();
                for metric in metrics {
                    let name = texts(&metric["Name"]);
                    let known = Metric::ALL
                        .into_iter()
                        .find(|it| it.name() == name)
                        .unwrap();
                    assert_eq!(metric["Unit"], emf::unit(known), "{line}");
                    let number = &record[&name];
                    let numbers = number.as_array().cloned();
                    let numbers = numbers.unwrap_or_else(|| vec![number.clone()]);
                    assert!((1..=100).contains(&numbers.len()), "{line}");
                    let numbers = numbers.iter().map(|it| it.as_u64().unwrap());
                    let at = (name, set.clone(), values.clone());
                    read.entry(at).or_default().extend(numbers);
                }
            }
        }
    }
    read
}

#[test]
fn nothing_counted_is_no_line() {
    assert!(emf::lines(&Tally::default(), SOURCE, 1).is_empty());
}

#[test]
fn every_metric_is_said_under_exactly_the_dimensions_of_the_table() {
    let read = read(&emf::lines(&everything(), SOURCE, AT));
    for metric in Metric::ALL {
        let mut said: Vec<&Vec<String>> = read
            .keys()
            .filter(|(name, _, _)| name == metric.name())
            .map(|(_, set, _)| set)
            .collect();
        said.sort();
        said.dedup();
        let mut table = emf::dimension_sets(metric);
        table.sort();
        assert_eq!(json!(said), json!(table), "{}", metric.name());
    }
}

#[test]
fn parts_add_up_to_the_whole_and_a_gauge_says_its_whole_once() {
    let tally = everything();
    let read = read(&emf::lines(&tally, SOURCE, AT));
    for (metric, number) in tally.iter() {
        let (set, values) = (vec!["Environment".to_owned()], vec!["test".to_owned()]);
        let whole = &read[&(metric.name().to_owned(), set, values)];
        assert_eq!(whole.iter().sum::<u64>(), number, "{}", metric.name());
        if metric.kind() == Kind::Gauge {
            assert_eq!(whole, &[number], "{}", metric.name());
        }
        for label in metric.split().map_or_else(Vec::new, Split::labels) {
            let set = ["Environment", label.split().name()]
                .map(str::to_owned)
                .to_vec();
            let values = ["test", label.value()].map(str::to_owned).to_vec();
            let part = &read[&(metric.name().to_owned(), set, values)];
            let said = tally
                .parts()
                .find(|it| (it.0, it.1) == (metric, Some(label)));
            assert_eq!(part, &[said.unwrap().2], "{}", metric.name());
        }
    }
}

#[test]
fn more_durations_than_a_line_takes_are_more_lines_and_none_is_lost() {
    let mut tally = Tally::default();
    tally.add(Metric::Pushes, 3);
    (0..250).for_each(|ms| tally.took(Metric::DeliverLag, ms));
    let lines = emf::lines(&tally, SOURCE, AT);
    assert_eq!(lines.len(), 3);
    let read = read(&lines);
    let set = vec!["Environment".to_owned(), "Function".to_owned()];
    let values = vec!["test".to_owned(), "message".to_owned()];
    let lags = &read[&("DeliverLag".to_owned(), set.clone(), values.clone())];
    assert_eq!(*lags, (0..250).collect::<Vec<u64>>());
    assert_eq!(read[&("Pushes".to_owned(), set, values)], [3]);
}

#[test]
fn the_table_is_fit_to_be_shown() {
    for metric in Metric::ALL {
        let sentence = metric.sentence();
        assert!(sentence.ends_with('.') && sentence.len() > 10, "{sentence}");
        // A gauge without parts would have no whole in a tally.
        assert!(metric.kind() != Kind::Gauge || metric.split().is_some());
        assert!(metric.kind() != Kind::Duration || metric.split().is_none());
    }
}
