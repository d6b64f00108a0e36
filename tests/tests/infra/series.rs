//! The metrics that alarms and dashboards name, in one form.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::stacks::{Resource, many};

/// One metric with its dimensions.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// The namespace.
    pub(crate) namespace: String,
    /// The metric.
    pub(crate) metric: String,
    /// The dimensions, with the values that are known; a search has none.
    pub(crate) dimensions: BTreeMap<String, String>,
}

/// Metric math of one alarm or widget.
#[derive(Clone, Debug, Default)]
pub(crate) struct Math {
    /// The ids that are defined.
    pub(crate) ids: BTreeSet<String>,
    /// The expressions.
    pub(crate) expressions: Vec<String>,
}

/// What a dashboard shows.
#[derive(Debug, Default)]
pub(crate) struct Dashboard {
    /// Why it could not be read.
    pub(crate) unreadable: Option<String>,
    /// The kinds of its widgets.
    pub(crate) kinds: Vec<String>,
    /// What they show.
    pub(crate) series: Vec<Series>,
    /// Their math, widget by widget.
    pub(crate) math: Vec<Math>,
    /// The alarms that they name.
    pub(crate) alarms: Vec<String>,
}

impl Series {
    /// A dimension's value.
    pub(crate) fn dimension(&self, name: &str) -> Option<&String> {
        self.dimensions.get(name)
    }
}

fn series(namespace: &Value, metric: &Value, dimensions: &Value) -> Series {
    let dimension = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        (text("Name"), text("Value"))
    };
    Series {
        namespace: namespace.as_str().unwrap_or_default().to_owned(),
        metric: metric.as_str().unwrap_or_default().to_owned(),
        dimensions: many(dimensions).map(dimension).collect(),
    }
}

/// The metrics of an alarm, or of an anomaly detector.
pub(crate) fn of_alarm(alarm: &Resource) -> Vec<Series> {
    let mut found = Vec::new();
    let place = |it: &Value| series(&it["Namespace"], &it["MetricName"], &it["Dimensions"]);
    let properties = &alarm.body["Properties"];
    if properties.get("MetricName").is_some() {
        found.push(place(properties));
    }
    if properties.get("SingleMetricAnomalyDetector").is_some() {
        found.push(place(&properties["SingleMetricAnomalyDetector"]));
    }
    let queries = many(&properties["Metrics"]).chain(many(
        &properties["MetricMathAnomalyDetector"]["MetricDataQueries"],
    ));
    for query in queries {
        if let Some(metric) = query.pointer("/MetricStat/Metric") {
            found.push(place(metric));
        }
        found.extend(query["Expression"].as_str().and_then(searched));
    }
    found
}

/// The metric math of an alarm.
pub(crate) fn math_of_alarm(alarm: &Resource) -> Math {
    let mut math = Math::default();
    for query in many(alarm.get("Metrics")) {
        math.ids.extend(query["Id"].as_str().map(str::to_owned));
        math.expressions
            .extend(query["Expression"].as_str().map(str::to_owned));
    }
    math
}

/// What a dashboard shows.
pub(crate) fn of_dashboard(dashboard: &Resource) -> Dashboard {
    let mut shown = Dashboard::default();
    let body: Value = match serde_json::from_str(dashboard.text("DashboardBody")) {
        Ok(body) => body,
        Err(error) => {
            shown.unreadable = Some(error.to_string());
            return shown;
        }
    };
    if !body["widgets"].is_array() {
        shown.unreadable = Some("it has no widgets".to_owned());
    }
    for widget in many(&body["widgets"]) {
        shown
            .kinds
            .push(widget["type"].as_str().unwrap_or_default().to_owned());
        let mut math = Math::default();
        let mut former: Vec<String> = Vec::new();
        for line in many(&widget["properties"]["metrics"]) {
            former = fields(line, &former);
            let options = line
                .as_array()
                .and_then(|it| it.last())
                .unwrap_or(&Value::Null);
            math.ids.extend(options["id"].as_str().map(str::to_owned));
            if let Some(expression) = options["expression"].as_str() {
                math.expressions.push(expression.to_owned());
                shown.series.extend(searched(expression));
            } else {
                shown.series.push(from_fields(&former));
            }
        }
        shown.math.push(math);
        for alarm in many(&widget["properties"]["alarms"]) {
            shown.alarms.extend(alarm.as_str().map(str::to_owned));
        }
        let annotated = many(&widget["properties"]["annotations"]["alarms"]);
        shown
            .alarms
            .extend(annotated.filter_map(|it| it.as_str().map(str::to_owned)));
    }
    shown
}

/// A line's texts, with `.` and `...` filled in from the line before.
fn fields(line: &Value, former: &[String]) -> Vec<String> {
    let texts: Vec<&str> = many(line).filter_map(Value::as_str).collect();
    let mut fields: Vec<String> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match *text {
            "..." => {
                let until = former.len().saturating_sub(texts.len() - index - 1);
                let kept = former.get(fields.len()..until).unwrap_or_default();
                fields.extend_from_slice(kept);
            }
            "." => fields.push(former.get(fields.len()).cloned().unwrap_or_default()),
            text => fields.push(text.to_owned()),
        }
    }
    fields
}

fn from_fields(fields: &[String]) -> Series {
    let text = |index: usize| fields.get(index).cloned().unwrap_or_default();
    let pairs = fields.get(2..).unwrap_or_default().chunks(2);
    let pair = |it: &[String]| Some((it.first()?.clone(), it.get(1).cloned().unwrap_or_default()));
    Series {
        namespace: text(0),
        metric: text(1),
        dimensions: pairs.filter_map(pair).collect(),
    }
}

/// The metric of `SEARCH('{Namespace,Dimension} MetricName="Name"', …)`.
fn searched(expression: &str) -> Option<Series> {
    let (_, rest) = expression.split_once("SEARCH(")?;
    let (schema, rest) = rest.split_once('{')?.1.split_once('}')?;
    let mut schema = schema
        .split(',')
        .map(|it| it.trim().trim_matches('"').to_owned());
    let (_, metric) = rest.split_once("MetricName=")?;
    let metric = metric
        .trim_start_matches('"')
        .split(['"', ' ', '\''])
        .next()?;
    Some(Series {
        namespace: schema.next()?,
        metric: metric.to_owned(),
        dimensions: schema.map(|it| (it, String::new())).collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fields, from_fields, searched};

    #[test]
    fn dots_stand_for_the_line_before() {
        let first = fields(&json!(["N", "M", "A", "1", "B", "2", {"stat": "Sum"}]), &[]);
        let cases = [
            (
                json!([".", "X", ".", ".", ".", "."]),
                ["N", "X", "A", "1", "B", "2"],
            ),
            (json!(["...", "9"]), ["N", "M", "A", "1", "B", "9"]),
            (
                json!([".", "X", "...", "9"]),
                ["N", "X", "A", "1", "B", "9"],
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(fields(&line, &first), expected, "{line}");
        }
        assert_eq!(
            from_fields(&first).dimension("B").map(String::as_str),
            Some("2")
        );
    }

    #[test]
    fn a_search_names_its_metric() {
        let found = searched(r#"SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors"', 'Sum')"#);
        let found = found.unwrap();
        assert_eq!(
            (found.namespace.as_str(), found.metric.as_str()),
            ("AWS/Lambda", "Errors")
        );
        assert!(found.dimension("FunctionName").is_some());
    }
}
