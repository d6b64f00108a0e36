//! Two runs side by side, as ratios.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Report, html};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More of it.
    Higher,
    /// Less of it.
    Lower,
}

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// In which unit.
    pub unit: &'static str,
    /// The first run's.
    pub a: f64,
    /// The second run's.
    pub b: f64,
    /// The second by the first.
    pub ratio: f64,
    /// Which way is better.
    pub better: Better,
}

/// Two runs side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The figures that both have.
    pub lines: Vec<Line>,
    /// Where the plans differ, so that a ratio may mean nothing.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Compares two runs.
    pub fn of(a: &Report, b: &Report) -> Self {
        let mut lines = Vec::new();
        let mut add = |name: &str, unit, better, of: &dyn Fn(&Report) -> Option<f64>| {
            let (Some(a), Some(b)) = (of(a), of(b)) else {
                return;
            };
            if a > 0.0 && b > 0.0 {
                lines.push(Line {
                    name: name.to_owned(),
                    unit,
                    a,
                    b,
                    ratio: b / a,
                    better,
                });
            }
        };
        add("messages acknowledged", "1/s", Better::Higher, &|it| {
            Some(it.rate())
        });
        for name in a.latency.keys().filter(|it| *it != "late") {
            let milliseconds = |it: &Report, of: fn(&super::Latency) -> u64| {
                it.latency.get(name).map(|it| of(it) as f64 / 1_000.0)
            };
            add(&format!("{name} p50"), "ms", Better::Lower, &|it| {
                milliseconds(it, |it| it.p50_us)
            });
            add(&format!("{name} p99"), "ms", Better::Lower, &|it| {
                milliseconds(it, |it| it.p99_us)
            });
        }
        add(
            "server: processor time per message",
            "µs",
            Better::Lower,
            &|it| it.server?.cpu_us_per_message,
        );
        add(
            "server: messages per busy processor",
            "1/s",
            Better::Higher,
            &|it| it.server?.cpu_us_per_message.map(|it| 1e6 / it),
        );
        add(
            "server: processor time per connection",
            "µs",
            Better::Lower,
            &|it| Some(it.server?.cpu_us_per_connect),
        );
        add(
            "server: memory per connection",
            "KiB",
            Better::Lower,
            &|it| Some(it.server?.rss_per_connection_bytes / 1_024.0),
        );
        add("dollars per million messages", "$", Better::Lower, &|it| {
            Some(it.cost.as_ref()?.per_million_messages)
        });
        Self {
            lines,
            differences: differences(a, b),
        }
    }

    /// As a text; the names are the files'.
    pub fn to_text(&self, a: &str, b: &str) -> String {
        let mut text = format!(
            "A = {a}\nB = {b}\n\n{:<40} {:>12} {:>12} {:>8}\n",
            "", "A", "B", "B / A"
        );
        for line in &self.lines {
            let name = format!("{}, {}", line.name, line.unit);
            let verdict = match (line.better, line.ratio) {
                (_, ratio) if (0.95..1.05).contains(&ratio) => "",
                (Better::Higher, ratio) if ratio > 1.0 => "better",
                (Better::Lower, ratio) if ratio < 1.0 => "better",
                (_, _) => "worse",
            };
            let written = writeln!(
                text,
                "{name:<40} {:>12.2} {:>12.2} {:>7.2}× {verdict}",
                line.a, line.b, line.ratio
            );
            debug_assert!(written.is_ok(), "a string takes whatever is written to it");
        }
        for difference in &self.differences {
            text = text + "\nnot the same: " + difference;
        }
        text
    }
}

/// The page of a comparison.
pub fn comparison_page(a: &Report, b: &Report) -> String {
    let comparison = serde_json::to_string(&Comparison::of(a, b)).unwrap_or_default();
    let data = format!(
        r#"{{"runs":[{},{}],"comparison":{comparison}}}"#,
        a.to_json(),
        b.to_json()
    );
    html::fill("Switchboard load: two runs", &data)
}

fn differences(a: &Report, b: &Report) -> Vec<String> {
    let mut differences = Vec::new();
    if a.scenario != b.scenario {
        differences.push(format!("scenario ({}, {})", a.scenario, b.scenario));
    }
    for (name, value) in &a.plan {
        let other = b.plan.get(name).map_or("not said", String::as_str);
        if value != other {
            differences.push(format!("{name} ({value}; {other})"));
        }
    }
    if a.machine.processors != b.machine.processors {
        differences.push(format!(
            "processors ({}, {})",
            a.machine.processors, b.machine.processors
        ));
    }
    differences
}
