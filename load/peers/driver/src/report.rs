//! The table, and the same as JSON.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::measure::{Amount, Measured};
use crate::peer::Peer;

/// What CPU is counted in.
const TICK_US: f64 = 10_000.0;
/// With fewer of them a figure is off by more than five percent.
const TICKS_MIN: f64 = 20.0;

/// One peer's rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(skip)]
    pub(crate) peer: Peer,
    pub(crate) rounds: Vec<Measured>,
    pub(crate) idle_kib: Option<f64>,
}

impl Row {
    /// The round in the middle, of one figure.
    fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// CPU per message, marked where the clock behind it ticked too seldom to be believed.
    fn rough(&self, of: impl Fn(&Measured) -> f64) -> String {
        let figure = self.median(&of);
        let ticks = self.median(|it| of(it) * micros(it.messages as u64) / TICK_US);
        let mark = if ticks < TICKS_MIN { "~" } else { "" };
        format!("{mark}{figure:.1}")
    }

    fn cpu(&self) -> f64 {
        self.median(|it| it.server_cpu_us)
    }
}

/// Everything for people.
pub(crate) fn table(rows: &[Row]) -> String {
    let cpu_of = |peer| rows.iter().find(|row| row.peer == peer).map(Row::cpu);
    let (ours, ceiling) = (cpu_of(Peer::Switchboard), cpu_of(Peer::Ceiling));
    let mut text = format!(
        "{:<20} {:>9} {:>11} {:>11} {:>15} {:>15} {:>9} {:>8} {:>8}\n",
        "",
        "msg/s",
        "server µs",
        "client µs",
        "arrival ms",
        "accepted ms",
        "idle KiB",
        "×ours",
        "×ceiling"
    );
    for row in rows {
        let ratio =
            |to: Option<f64>| to.map_or_else(String::new, |to| format!("{:.2}", row.cpu() / to));
        let ms = |of: fn(&Measured) -> Option<u64>| {
            row.median(|it| of(it).map_or(f64::NAN, micros)) / 1e3
        };
        let latency = |p50: f64, p99: f64| {
            if p50.is_nan() {
                "never".to_owned()
            } else {
                format!("{p50:.2} / {p99:.2}")
            }
        };
        writeln!(
            text,
            "{:<20} {:>9.0} {:>11} {:>11} {:>15} {:>15} {:>9} {:>8} {:>8}",
            row.peer.name(),
            row.median(|it| it.messages_per_s),
            row.rough(|it| it.server_cpu_us),
            row.rough(|it| it.client_cpu_us),
            latency(
                ms(|it| Some(it.arrival_p50_us)),
                ms(|it| Some(it.arrival_p99_us))
            ),
            latency(ms(|it| it.acceptance_p50_us), ms(|it| it.acceptance_p99_us)),
            row.idle_kib
                .map_or_else(String::new, |kib| format!("{kib:.1}")),
            ratio(ours),
            ratio(ceiling),
        )
        .unwrap_or_default();
    }
    text.push_str("\nµs of CPU per message, all processes of a peer together; ~ where that is less than 20 ticks of its clock;\nlatencies p50 / p99; × compares server CPU.\n");
    for row in rows {
        writeln!(text, "{:<20} {}", row.peer.name(), row.peer.lacks()).unwrap_or_default();
    }
    text
}

/// Everything for programs.
pub(crate) fn json(rows: &[Row], amount: Amount, load_before: &str) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "peer": format!("{:?}", row.peer), "lacks": row.peer.lacks(),
                "measured": row,
            })
        })
        .collect();
    json!({"version": 1, "amount": amount, "load_average_before": load_before, "rows": rows})
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn micros(number: u64) -> f64 {
    number as f64
}
