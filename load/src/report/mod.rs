//! What a run has found, as it is written down: JSON first, and a page, a text and a comparison made from that.
//!
//! The schema is versioned. Within a version fields are added, never renamed or given another meaning; a reader ignores
//! what it does not know.

mod compare;
mod html;
mod text;

pub use compare::{Comparison, comparison_page};
pub use html::page;
pub use text::summary;

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::audit::Audit;

/// The schema's name and version.
pub const SCHEMA: &str = "switchboard-load/1";

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The tool's version.
    pub version: String,
    /// When it began, UTC.
    pub started_at: String,
    /// What was played.
    pub scenario: String,
    /// What was under load.
    pub target: String,
    /// The plan, in words.
    pub plan: BTreeMap<String, String>,
    /// Good, or what was wrong.
    pub verdict: Verdict,
    /// The part of the run that rates and costs are of.
    pub window: Window,
    /// Distributions, by what was timed.
    pub latency: BTreeMap<String, Latency>,
    /// Over time.
    pub series: Vec<Point>,
    /// Errors by kind.
    pub errors: BTreeMap<String, u64>,
    /// The audit.
    pub audit: Audit,
    /// Connections.
    pub connections: Connections,
    /// The server's process, where it is on this machine.
    pub server: Option<Server>,
    /// This tool.
    pub tool: Tool,
    /// The machine that this tool ran on.
    pub machine: Machine,
    /// Counters of the host's that moved between the first message and the last answer, where it shows them.
    pub counted: BTreeMap<String, f64>,
    /// Dollars, where the host counts what costs.
    pub cost: Option<Cost>,
    /// How long each phase took, in seconds, in their order.
    pub phases: Vec<(String, f64)>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// Whether a run was good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was lost, doubled or disordered.
    Clean,
    /// Something was.
    Faulty,
    /// It was not found out: the run was cut short, or the end did not answer.
    Unverified,
}

/// The part of a run that counts.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Window {
    /// How long.
    pub seconds: f64,
    /// Messages that were sent in it.
    pub sent: u64,
    /// Messages that were acknowledged in it.
    pub acknowledged: u64,
    /// Arrivals at other devices in it.
    pub received: u64,
    /// Of the whole run: arrivals that came by `sync` or `history`.
    pub caught_up: u64,
    /// Of the whole run: sends that were repeated.
    pub resent: u64,
    /// Of the whole run: messages that the clock asked for and that were never sent.
    pub unsent: u64,
    /// Frames from the gateway in it.
    pub frames_in: u64,
    /// Frames to the gateway in it.
    pub frames_out: u64,
    /// Bytes of frames from the gateway in it.
    pub bytes_in: u64,
    /// Bytes of frames to the gateway in it.
    pub bytes_out: u64,
}

/// A distribution, in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Latency {
    /// How many.
    pub count: u64,
    /// The least.
    pub min_us: u64,
    /// The mean.
    pub mean_us: f64,
    /// Half are below.
    pub p50_us: u64,
    /// Nine of ten are below.
    pub p90_us: u64,
    /// All but one in a hundred are below.
    pub p99_us: u64,
    /// All but one in a thousand are below.
    pub p999_us: u64,
    /// The most.
    pub max_us: u64,
    /// The whole curve: quantile, value.
    pub curve: Vec<(f64, u64)>,
}

/// A point in time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Point {
    /// Since the run began.
    pub at_s: f64,
    /// Messages sent, a second.
    pub sent_per_s: f64,
    /// Messages acknowledged, a second.
    pub acknowledged_per_s: f64,
    /// Arrivals, a second.
    pub received_per_s: f64,
    /// Errors, a second.
    pub errors_per_s: f64,
    /// Median time to arrival.
    pub received_p50_us: Option<u64>,
    /// 99th percentile of it.
    pub received_p99_us: Option<u64>,
    /// Open connections.
    pub connections: u32,
    /// Processors that the server kept busy.
    pub server_cores: Option<f64>,
    /// Memory of the server.
    pub server_rss_bytes: Option<u64>,
}

/// Connections.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Connections {
    /// Devices of the plan.
    pub devices: u32,
    /// Handshakes that succeeded.
    pub opened: u64,
    /// Connections that ended, and not because the plan said so.
    pub lost: u64,
    /// Connections that were open when messages ended.
    pub open_at_end: u32,
}

/// The server's process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Server {
    /// Its id.
    pub pid: u32,
    /// Processor time in the window.
    pub cpu_s: f64,
    /// Processors that it kept busy in the window, on average.
    pub cores: f64,
    /// Processor time for each acknowledged message in the window, where there are any.
    pub cpu_us_per_message: Option<f64>,
    /// Processor time for each connection while the users gathered: handshake, token, `hello`.
    pub cpu_us_per_connect: f64,
    /// Memory before anybody connected.
    pub rss_before_bytes: u64,
    /// Memory when all were connected and nothing had been said but `hello`.
    pub rss_connected_bytes: u64,
    /// The difference for each connection.
    pub rss_per_connection_bytes: f64,
    /// Memory at the end of the window.
    pub rss_after_bytes: u64,
}

/// This tool's own share.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Tool {
    /// Processor time in the window.
    pub cpu_s: f64,
    /// Share of the one thread that it runs on: near 1, the tool was the bottleneck.
    pub busy: f64,
    /// Memory at the end of the window.
    pub rss_bytes: u64,
}

/// The machine.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Processors.
    pub processors: usize,
    /// Load average over a minute, before the run.
    pub load_before: Option<f64>,
    /// The same, after it: the run is in it.
    pub load_after: Option<f64>,
}

/// Dollars.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Dollars of the window by what they are for.
    pub dollars: BTreeMap<String, f64>,
    /// The same by the action that they are spent on, without what it costs to be connected.
    #[serde(default)]
    pub by_action: BTreeMap<String, f64>,
    /// Dollars for a million messages.
    pub per_million_messages: f64,
    /// Dollars for a thousand users of a support chat in a month, by the same messages.
    #[serde(default)]
    pub per_thousand_users_month: f64,
}

impl Report {
    /// As JSON.
    pub fn to_json(&self) -> String {
        // Strings, numbers and string-keyed maps have no way not to be JSON.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads a report that this or an older tool wrote.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let report: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if report.schema == SCHEMA {
            Ok(report)
        } else {
            Err(format!(
                "its schema is {}, and this tool reads {SCHEMA}",
                report.schema
            ))
        }
    }

    /// Acknowledged messages a second.
    pub fn rate(&self) -> f64 {
        per_second(self.window.acknowledged, self.window.seconds)
    }
}

impl Latency {
    /// A histogram's numbers.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let curve = histogram
            .iter_quantiles(4)
            .map(|it| (it.quantile_iterated_to(), it.value_iterated_to()));
        Self {
            count: histogram.len(),
            min_us: histogram.min(),
            mean_us: histogram.mean(),
            p50_us: histogram.value_at_quantile(0.5),
            p90_us: histogram.value_at_quantile(0.9),
            p99_us: histogram.value_at_quantile(0.99),
            p999_us: histogram.value_at_quantile(0.999),
            max_us: histogram.max(),
            curve: curve.collect(),
        }
    }
}

fn per_second(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}
