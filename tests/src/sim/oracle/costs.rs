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
    /// An invocation begins: its route, and the frame where there is one.
    pub fn began(&mut self, task: TaskId, kind: &str, frame: &str) {
        let kind = if kind == "send" {
            let frame: Value = serde_json::from_str(frame).unwrap_or_default();
            match frame["body"]["kind"].as_str() {
                Some("edit" | "delete") => "send edit",
                _ => "send text",
            }
        } else {
            kind
        };
        let bill = Bill {
            kind: kind.to_owned(),
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
        let over = bill.written > written + GONE_MAX || bill.read > read + 3.0 * bill.collisions;
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
