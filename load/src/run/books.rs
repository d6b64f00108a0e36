//! The books of a run: what was used before, during and after, and the report that they add up to.

use std::collections::BTreeMap;

use super::Crew;
use super::progress::name;
use crate::clock::{Micros, SECOND, seconds, wall_ms};
use crate::cost::cost;
use crate::local;
use crate::meter::{self, Sample};
use crate::plan::{Pace, Plan};
use crate::recorder::Counts;
use crate::report::{Connections, Machine, Report, SCHEMA, Server, Tool, Verdict, Window};
use crate::target::Target;
use crate::world::{Phase, World};

/// Share of its one thread above which the tool's own queue is in every figure.
const BUSY_MAX: f64 = 0.85;
/// Load average for each processor, before the run, above which a figure says little.
const CROWDED: f64 = 0.5;

/// A moment in the books.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    at: Micros,
    counts: Counts,
    server: Option<Sample>,
    tool: Option<Sample>,
    connections: u32,
}

/// The books.
#[derive(Debug)]
pub(super) struct Books {
    started_ms: u64,
    pid: Option<u32>,
    load_before: Option<f64>,
    before: Option<Sample>,
    /// When tokens were made and nobody was connected.
    with_people: Option<Sample>,
    connected: Moment,
    began: Moment,
    ended: Moment,
    counters: Option<BTreeMap<String, f64>>,
    counted: BTreeMap<String, f64>,
    settled: Counts,
    unpushed: u64,
    phases: Vec<(String, f64)>,
    phase_began: Micros,
    notes: Vec<String>,
}

impl Books {
    /// Opens the books before anything is done.
    pub(super) fn open(plan: &Plan, target: &Target, pid: Option<u32>) -> Self {
        let mut books = Self {
            started_ms: wall_ms(),
            pid,
            load_before: meter::load_average(),
            before: pid.and_then(meter::sample),
            with_people: None,
            connected: Moment::default(),
            began: Moment::default(),
            ended: Moment::default(),
            counters: None,
            counted: BTreeMap::new(),
            settled: Counts::default(),
            unpushed: 0,
            phases: Vec::new(),
            phase_began: 0,
            notes: Vec::new(),
        };
        if pid.is_none() && target.is_loopback() {
            books.note("The server's process was not found: name it with --pid to have its processor time and memory.");
        }
        if matches!(plan.pace, Pace::Closed { .. }) {
            books.note("Closed loop: a slow answer delays the next question, so latencies are those of this very load, not of a higher one.");
        }
        books
    }

    pub(super) fn has_people(&mut self) {
        self.with_people = self.pid.and_then(meter::sample);
    }

    pub(super) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    pub(super) fn is_unpushed(&mut self, unpushed: u64) {
        self.unpushed = unpushed;
    }

    pub(super) fn phase_ended(&mut self, world: &World, phase: Phase) {
        let now = world.clock.now();
        self.phases
            .push((name(phase).to_owned(), seconds(now - self.phase_began)));
        self.phase_began = now;
    }

    pub(super) fn is_connected(&mut self, world: &World) {
        self.connected = self.moment(world);
    }

    pub(super) async fn window_begins(&mut self, world: &World) {
        self.counters = local::counters(&world.target).await;
        self.began = self.moment(world);
    }

    pub(super) fn window_ends(&mut self, world: &World) {
        self.ended = self.moment(world);
    }

    /// Everything was answered: what the host has counted since the window began belongs to what was sent since.
    pub(super) async fn has_settled(&mut self, world: &World) {
        self.settled = world.recorder.borrow().counts;
        if let Some(before) = &self.counters
            && let Some(after) = local::counters(&world.target).await
        {
            self.counted = local::moved(before, &after);
        }
    }

    /// Closes the books.
    pub(super) fn close(mut self, world: &World, crew: &Crew, is_verified: bool) -> Report {
        let mut audit = crew.audit(is_verified);
        audit.unpushed = self.unpushed;
        let verdict = match (audit.is_clean(), is_verified) {
            (false, _) => Verdict::Faulty,
            (true, true) => Verdict::Clean,
            (true, false) => Verdict::Unverified,
        };
        let window = self.window(world.recorder.borrow().counts);
        let (tool, server) = (
            self.tool(),
            self.server(window.acknowledged, world.plan.all_devices()),
        );
        let machine = Machine {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_before: self.load_before,
            load_after: meter::load_average(),
        };
        self.add_notes(tool, machine);
        let recorder = world.recorder.borrow();
        let messages = self
            .settled
            .acknowledged
            .saturating_sub(self.began.counts.acknowledged);
        let started = std::time::UNIX_EPOCH + std::time::Duration::from_millis(self.started_ms);
        Report {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: humantime::format_rfc3339_seconds(started).to_string(),
            scenario: world.plan.scenario.name().to_owned(),
            target: world.target.to_string(),
            plan: world.plan.words(),
            verdict,
            window,
            latency: recorder.latencies(),
            series: recorder.points(),
            errors: recorder.errors(),
            audit,
            connections: Connections {
                devices: world.plan.all_devices(),
                opened: recorder.counts.connects,
                lost: recorder.counts.drops,
                open_at_end: self.ended.connections,
            },
            server,
            tool,
            machine,
            cost: cost(&self.counted, messages),
            counted: self.counted,
            phases: self.phases,
            notes: self.notes,
        }
    }

    fn moment(&self, world: &World) -> Moment {
        Moment {
            at: world.clock.now(),
            counts: world.recorder.borrow().counts,
            server: self.pid.and_then(meter::sample),
            tool: meter::sample(std::process::id()),
            connections: world.connections.get(),
        }
    }

    fn window(&self, last: Counts) -> Window {
        let (before, after) = (self.began.counts, self.ended.counts);
        Window {
            seconds: seconds(self.ended.at.saturating_sub(self.began.at)),
            sent: after.sent - before.sent,
            acknowledged: after.acknowledged - before.acknowledged,
            received: after.received - before.received,
            caught_up: last.caught_up,
            resent: last.resent,
            unsent: last.unsent,
            frames_in: after.frames_in - before.frames_in,
            frames_out: after.frames_out - before.frames_out,
            bytes_in: after.bytes_in - before.bytes_in,
            bytes_out: after.bytes_out - before.bytes_out,
        }
    }

    fn tool(&self) -> Tool {
        let used = used(self.began.tool, self.ended.tool);
        let length = self.ended.at.saturating_sub(self.began.at).max(1);
        Tool {
            cpu_s: seconds(used),
            busy: used as f64 / length as f64,
            rss_bytes: self.ended.tool.map_or(0, |it| it.rss),
        }
    }

    fn server(&self, messages: u64, devices: u32) -> Option<Server> {
        let (before, connected, ended) = (
            self.with_people.or(self.before)?,
            self.connected.server?,
            self.ended.server?,
        );
        let used_us = used(self.began.server, self.ended.server);
        let length = self.ended.at.saturating_sub(self.began.at).max(1);
        let grown = connected.rss as f64 - before.rss as f64;
        Some(Server {
            pid: self.pid?,
            cpu_s: seconds(used_us),
            cores: used_us as f64 / length as f64,
            cpu_us_per_message: (messages > 0).then(|| used_us as f64 / messages as f64),
            cpu_us_per_connect: connected.cpu.saturating_sub(before.cpu) as f64
                / f64::from(devices),
            rss_before_bytes: before.rss,
            rss_connected_bytes: connected.rss,
            rss_per_connection_bytes: grown / f64::from(devices),
            rss_after_bytes: ended.rss,
        })
    }

    fn add_notes(&mut self, tool: Tool, machine: Machine) {
        if tool.busy > BUSY_MAX {
            let share = tool.busy * 100.0;
            self.note(&format!("This tool kept its one thread {share:.0} % busy: its own queue is in the latencies, and the server may be faster than this."));
        }
        if let Some(load) = machine
            .load_before
            .filter(|it| *it > CROWDED * machine.processors as f64)
        {
            self.note(&format!("The machine was not idle before the run (load average {load:.2} on {} processors): read ratios, not absolute figures.", machine.processors));
        }
        let is_short = self.ended.at.saturating_sub(self.began.at) < 5 * SECOND;
        if is_short && self.ended.counts.sent > 0 {
            self.note(
                "The timed part was shorter than 5 s: processor time is counted in steps of 10 ms.",
            );
        }
    }
}

fn used(before: Option<Sample>, after: Option<Sample>) -> Micros {
    match (before, after) {
        (Some(before), Some(after)) => after.cpu.saturating_sub(before.cpu),
        (_, _) => 0,
    }
}
