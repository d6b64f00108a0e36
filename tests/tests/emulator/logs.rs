//! What the functions say: their log groups, line by line.

use serde_json::{Value, json};
use switchboard::Metric;
use switchboard_handlers::emf;

use crate::deployment::{Deployment, ENVIRONMENT};

/// What a line of the platform's own begins with.
const PLATFORM: [&str; 3] = ["START ", "END ", "REPORT "];

impl Deployment {
    /// What a function has written, without the platform's own lines: each is JSON, or the play ends here.
    pub(crate) async fn lines(&self, function: &str) -> Vec<Value> {
        let group = format!("/aws/lambda/{}", Self::function(function));
        let mut request = json!({"logGroupName": group});
        let mut lines = Vec::new();
        loop {
            let target = "Logs_20140328.FilterLogEvents";
            let answer = self.aws.json("logs", target, &request).await;
            for event in answer["events"].as_array().unwrap() {
                let message = event["message"].as_str().unwrap();
                if !PLATFORM.iter().any(|it| message.starts_with(it)) {
                    let line = serde_json::from_str(message);
                    lines.push(line.unwrap_or_else(|_| panic!("{function} wrote {message:?}")));
                }
            }
            let Some(next) = answer.get("nextToken") else {
                return lines;
            };
            request["nextToken"] = next.clone();
        }
    }

    /// All numbers that a function has reported of a metric, each with its line.
    pub(crate) async fn numbers(&self, function: &str, metric: Metric) -> Vec<(Value, Value)> {
        let lines = self.lines(function).await.into_iter();
        lines
            .filter(|it| it.get("_aws").is_some())
            .filter_map(|it| Some((it.get(metric.name())?.clone(), it)))
            .collect()
    }

    /// The sum of a count.
    pub(crate) async fn total(&self, function: &str, metric: Metric) -> u64 {
        let numbers = self.numbers(function, metric).await;
        numbers.iter().filter_map(|(it, _)| it.as_u64()).sum()
    }
}

/// Asserts that a line of metrics is one that CloudWatch takes apart as the table of metrics says.
pub(crate) fn is_in_the_table(function: &str, line: &Value) {
    let metadata = &line["_aws"];
    assert!(metadata["Timestamp"].is_u64(), "{line}");
    assert_eq!(line["Environment"], ENVIRONMENT, "{line}");
    assert_eq!(line["Function"], function, "{line}");
    let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty(), "{line}");
    for directive in directives {
        assert_eq!(directive["Namespace"], emf::NAMESPACE);
        let sets: Vec<Vec<String>> =
            serde_json::from_value(directive["Dimensions"].clone()).unwrap();
        for dimension in sets.iter().flatten() {
            assert!(
                line[dimension].is_string(),
                "{dimension} is missing in {line}"
            );
        }
        for named in directive["Metrics"].as_array().unwrap() {
            let metric = Metric::ALL
                .into_iter()
                .find(|it| named["Name"] == it.name());
            let metric = metric.unwrap_or_else(|| panic!("{named} is not in the table"));
            assert_eq!(named["Unit"], emf::unit(metric), "{line}");
            let known = emf::dimension_sets(metric);
            for set in &sets {
                assert!(known.iter().any(|it| it == set), "{metric:?} by {set:?}");
            }
            let value = &line[metric.name()];
            let few = value.as_array().is_some_and(|it| {
                (1..=emf::VALUES_MAX).contains(&it.len()) && it.iter().all(Value::is_number)
            });
            assert!(value.is_number() || few, "{metric:?} is {value}");
        }
    }
}
