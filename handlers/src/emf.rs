//! Tallies as CloudWatch metrics, in the embedded metric format: lines of JSON on standard output.
//!
//! A line holds one value for each dimension, so every part of a split has a line of its own. Counts of all lines add
//! up to the whole; a gauge's whole is said once, without a part's dimensions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use switchboard::metric::{Kind, Label, Split};
use switchboard::protocol::TimestampMs;
use switchboard::{Metric, Tally};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Switchboard";
/// Values that the format takes for one metric in one line.
pub const VALUES_MAX: usize = 100;
const ENVIRONMENT: &str = "Environment";
const FUNCTION: &str = "Function";

// One directive names each metric once at most, and the format takes a hundred.
const _: () = assert!(Metric::ALL.len() <= 100);

/// Where metrics come from: the values of the dimensions that all of them have.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The function's.
    pub function: &'a str,
}

/// What CloudWatch calls the unit of a metric.
pub fn unit(metric: Metric) -> &'static str {
    match metric.kind() {
        Kind::Count | Kind::Gauge => "Count",
        Kind::Duration => "Milliseconds",
    }
}

/// Every set of dimensions under which a metric is found.
pub fn dimension_sets(metric: Metric) -> Vec<Vec<&'static str>> {
    let mut sets = sets(metric.kind(), None);
    for set in sets_of_split(metric) {
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    sets
}

fn sets_of_split(metric: Metric) -> Vec<Vec<&'static str>> {
    let split = metric.split();
    split.map_or_else(Vec::new, |split| sets(metric.kind(), Some(split)))
}

/// The sets of a line: of one part, or of what is not split.
fn sets(kind: Kind, split: Option<Split>) -> Vec<Vec<&'static str>> {
    let by_function = vec![ENVIRONMENT, FUNCTION];
    match (kind, split) {
        (Kind::Count | Kind::Duration, None) => vec![vec![ENVIRONMENT], by_function],
        (Kind::Count | Kind::Duration, Some(split)) => {
            vec![
                vec![ENVIRONMENT],
                by_function,
                vec![ENVIRONMENT, split.name()],
            ]
        }
        (Kind::Gauge, None) => vec![vec![ENVIRONMENT]],
        (Kind::Gauge, Some(split)) => vec![vec![ENVIRONMENT, split.name()]],
    }
}

/// The lines for a tally; none where nothing was counted. No dimension names a user or a connection.
pub fn lines(tally: &Tally, source: Source<'_>, at: TimestampMs) -> Vec<String> {
    let mut lines: BTreeMap<(Option<Label>, usize), Line> = BTreeMap::new();
    let mut say = |label, part, metric: Metric, value: Value| {
        let line = lines.entry((label, part)).or_default();
        let values = match metric.kind() {
            Kind::Gauge => &mut line.gauges,
            Kind::Count | Kind::Duration => &mut line.others,
        };
        values.insert(metric, value);
    };
    for (metric, label, number) in tally.parts() {
        say(label, 0, metric, number.into());
    }
    for (metric, number) in tally.iter() {
        if metric.kind() == Kind::Gauge {
            say(None, 0, metric, number.into());
        }
    }
    for (metric, durations) in tally.durations() {
        for (part, some) in durations.chunks(VALUES_MAX).enumerate() {
            say(None, part, metric, some.into());
        }
    }
    let lines = lines.into_iter();
    lines
        .map(|((label, _), line)| line.write(label, source, at))
        .collect()
}

/// What one line says.
#[derive(Debug, Default)]
struct Line {
    gauges: BTreeMap<Metric, Value>,
    others: BTreeMap<Metric, Value>,
}

impl Line {
    fn write(self, label: Option<Label>, source: Source<'_>, at: TimestampMs) -> String {
        let split = label.map(Label::split);
        let directives: Vec<Value> = [(Kind::Count, &self.others), (Kind::Gauge, &self.gauges)]
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(kind, values)| directive(&sets(kind, split), values))
            .collect();
        let mut record = Map::new();
        let metadata = json!({ "Timestamp": at, "CloudWatchMetrics": directives });
        record.insert("_aws".to_owned(), metadata);
        record.insert(ENVIRONMENT.to_owned(), source.environment.into());
        record.insert(FUNCTION.to_owned(), source.function.into());
        if let Some(label) = label {
            record.insert(label.split().name().to_owned(), label.value().into());
        }
        for (metric, value) in self.others.into_iter().chain(self.gauges) {
            record.insert(metric.name().to_owned(), value);
        }
        Value::Object(record).to_string()
    }
}

fn directive(sets: &[Vec<&'static str>], values: &BTreeMap<Metric, Value>) -> Value {
    let metrics: Vec<Value> = values
        .keys()
        .map(|metric| json!({ "Name": metric.name(), "Unit": unit(*metric) }))
        .collect();
    json!({ "Namespace": NAMESPACE, "Dimensions": sets, "Metrics": metrics })
}
