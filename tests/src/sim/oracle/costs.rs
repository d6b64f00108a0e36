//! What each invocation consumes, against its budget.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sim::executor::TaskId;
use crate::sim::fault::{Fault, Plan};

/// What an invocation consumed.
#[derive(Clone, Debug, Default)]
struct Bill {
    kind: String,
    written: f64,
    read: f64,
    /// Writes that their condition refused: somebody else was faster.
    collisions: f64,
    /// Entries above a send's `after`: a retry is looked for among them.
    behind: f64,
}

/// Write and read units that an invocation of a kind may consume in calm weather, with short logs and short entries.
/// What it collided with comes on top.
const BUDGETS: &[(&str, f64, f64)] = &[
    ("$connect", 2.0, 0.0),
    ("$disconnect", 2.0, 0.0),
    ("send text", 1.0, 6.0),
    ("send edit", 4.0, 8.0),
    ("receipt", 12.0, 30.0),
    ("typing", 0.0, 2.5),
    ("history", 0.0, 30.0),
];

/// Entries of a log that one read unit holds, in runs whose entries are short.
const ENTRIES_PER_UNIT: f64 = 8.0;

/// Rows that posts of one invocation may find gone: a member's other device, and the other's two.
const GONE_MAX: f64 = 3.0;

/// The bills.
#[derive(Debug, Default)]
pub struct Costs {
    open: BTreeMap<TaskId, Bill>,
    /// Whether entries may be long.
    pub long: bool,
    /// The dearest invocation of each kind.
    pub dearest: BTreeMap<String, (f64, f64)>,
}

impl Costs {
    /// An invocation begins: its route, the frame where there is one, and how long the log is that it names.
    pub fn began(&mut self, task: TaskId, kind: &str, frame: &Value, last_seq: u64) {
        let mut behind = 0;
        let kind = if kind == "send" {
            behind = last_seq.saturating_sub(frame["after"].as_u64().unwrap_or(last_seq));
            match frame["body"]["kind"].as_str() {
                Some("edit" | "delete") => "send edit",
                _ => "send text",
            }
        } else {
            kind
        };
        let bill = Bill {
            kind: kind.to_owned(),
            behind: f64::from(u32::try_from(behind).unwrap_or(u32::MAX)),
            ..Bill::default()
        };
        self.open.insert(task, bill);
    }

    /// A table has served a request.
    pub fn served(&mut self, task: Option<TaskId>, operation: &str, status: u16, answer: &str) {
        let Some(bill) = task.and_then(|task| self.open.get_mut(&task)) else {
            return;
        };
        let units = units(answer);
        if matches!(operation, "GetItem" | "Query" | "BatchGetItem") {
            bill.read += units;
        } else if status == 200 {
            bill.written += units;
        } else {
            bill.collisions += 1.0;
        }
    }

    /// An invocation is over: what it had no budget for, in a run whose tables are sound.
    pub fn ended(&mut self, task: TaskId, plan: &Plan) -> Option<String> {
        let bill = self.open.remove(&task)?;
        let unsound = [
            Fault::TableRefuses,
            Fault::TableThrottles,
            Fault::TableAnswerLost,
            Fault::TableLate,
        ];
        if self.long || unsound.iter().any(|it| plan.has(*it)) {
            return None;
        }
        let dearest = self.dearest.entry(bill.kind.clone()).or_default();
        dearest.0 = dearest.0.max(bill.written);
        dearest.1 = dearest.1.max(bill.read);
        let (_, written, read) = BUDGETS.iter().find(|(kind, ..)| *kind == bill.kind)?;
        // A row that a post found gone is removed, one unit each; a collision may cost another look.
        let read = read + 3.0 * bill.collisions + bill.behind / ENTRIES_PER_UNIT;
        let over = bill.written > written + GONE_MAX || bill.read > read;
        over.then(|| format!("over its budget: {bill:?}"))
    }
}

/// The capacity units of an answer, of all its tables.
fn units(answer: &str) -> f64 {
    let parts = answer.split("\"CapacityUnits\":").skip(1);
    parts
        .filter_map(|part| {
            let end = part.find([',', '}'])?;
            part[..end].parse::<f64>().ok()
        })
        .sum()
}
