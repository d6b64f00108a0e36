//! Runs the simulation: many seeds, or one of them again with its timeline.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use switchboard_tests::sim::fault::{Fault, Strike};
use switchboard_tests::sim::run::{ACTIONS, Outcome, Run, seed_of};
use switchboard_tests::sim::shrink::shrink;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs after which each fault has to have struck.
const ENOUGH: u64 = 200;

/// The gateway in a hostile world, again and again.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Options {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Which campaign the seeds are of.
    #[arg(long, default_value_t = 1)]
    campaign: u64,
    /// The number of the campaign's first seed to run.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this seed alone, and print its timeline.
    #[arg(long)]
    seed: Option<u64>,
    /// Frames and handshakes of a run, before everything is to come to rest.
    #[arg(long, default_value_t = ACTIONS)]
    actions: u64,
    /// The strikes that may happen, as `TableRefuses#3,PostSilent#0`; with nothing, none.
    #[arg(long)]
    only: Option<String>,
    /// Threads; each has seeds of its own.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Print each seed's hash.
    #[arg(long)]
    hashes: bool,
    /// Do not look for the shortest fault script of a failure.
    #[arg(long)]
    no_shrink: bool,
    /// Stop at the first failure and print nothing but how many seeds it took.
    #[arg(long)]
    until_caught: bool,
    /// List the faults, and what the system must do.
    #[arg(long)]
    faults: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.faults {
        for fault in Fault::ALL {
            println!("{:<18} {}", fault.name(), fault.must());
        }
        return ExitCode::SUCCESS;
    }
    // A panic shows where it happened.
    if let Some(seed) = options.seed {
        return replay(&options, seed);
    }
    // One panic of many runs is a finding like any other, and told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    campaign(&options)
}

fn replay(options: &Options, seed: u64) -> ExitCode {
    let only = options.only.as_ref().map(|only| strikes(only));
    let run = Run {
        seed,
        actions: options.actions,
        only,
        keeps_trace: true,
    };
    let outcome = run.go();
    for line in &outcome.lines {
        println!("{line}");
    }
    println!("\nhash {:016x}", outcome.hash);
    verdict(&outcome)
}

fn strikes(only: &str) -> BTreeSet<Strike> {
    let parts = only.split(',').filter(|it| !it.is_empty());
    parts
        .map(|it| it.parse().unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

fn verdict(outcome: &Outcome) -> ExitCode {
    match &outcome.violation {
        None => {
            println!("seed {}: everything held", outcome.seed);
            ExitCode::SUCCESS
        }
        Some(violation) => {
            println!("seed {}: {violation}", outcome.seed);
            ExitCode::FAILURE
        }
    }
}

/// What all runs together came to.
#[derive(Debug, Default)]
struct Total {
    runs: u64,
    actions: u64,
    entries: u64,
    strikes: BTreeMap<Fault, u64>,
    lasted_ms: u64,
    hash: u64,
    dearest: BTreeMap<String, (f64, f64)>,
    failed: Vec<(u64, Outcome)>,
}

fn campaign(options: &Options) -> ExitCode {
    let (next, total) = (AtomicU64::new(options.from), Mutex::new(Total::default()));
    #[expect(
        clippy::disallowed_methods,
        reason = "how fast the campaign was is told, and nothing hangs on it"
    )]
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| work(options, &next, &total));
        }
    });
    let mut total = total.into_inner().unwrap();
    total.failed.sort_by_key(|(number, _)| *number);
    if options.until_caught {
        return match total.failed.first() {
            Some((number, outcome)) => {
                println!(
                    "{} {}",
                    number + 1,
                    outcome.violation.as_deref().unwrap_or_default()
                );
                ExitCode::FAILURE
            }
            None => ExitCode::SUCCESS,
        };
    }
    report(options, &total, began.elapsed().as_secs_f64());
    let idle = idle_faults(&total);
    if !idle.is_empty() {
        println!("these faults never struck, so nothing is known of them: {idle:?}");
        return ExitCode::FAILURE;
    }
    if total.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    for (_, outcome) in total.failed.iter().take(20) {
        println!(
            "\nseed {}: {}",
            outcome.seed,
            outcome.violation.as_deref().unwrap_or_default()
        );
    }
    if !options.no_shrink
        && let Some((_, outcome)) = total.failed.first()
    {
        explain(outcome.seed, options.actions);
    }
    ExitCode::FAILURE
}

fn work(options: &Options, next: &AtomicU64, total: &Mutex<Total>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= options.from + options.seeds {
            return;
        }
        let run = Run {
            actions: options.actions,
            ..Run::of(seed_of(options.campaign, number))
        };
        let outcome = run.go();
        if options.hashes {
            println!("{} {:016x}", outcome.seed, outcome.hash);
        }
        if let Some(violation) = outcome.violation.as_ref().filter(|_| !options.until_caught) {
            eprintln!("seed {}: {violation}", outcome.seed);
        }
        let mut total = total.lock().unwrap();
        total.add(number, outcome);
        let enough = options.until_caught && !total.failed.is_empty() || total.failed.len() >= 20;
        if enough {
            next.store(u64::MAX / 2, Ordering::Relaxed);
        }
        if total.runs.is_multiple_of(500) && !options.until_caught {
            eprintln!("{} seeds, {} failed", total.runs, total.failed.len());
        }
    }
}

impl Total {
    fn add(&mut self, number: u64, outcome: Outcome) {
        self.runs += 1;
        self.actions += outcome.actions;
        self.entries += outcome.entries;
        self.lasted_ms += outcome.lasted_ms;
        // In any order of the runs.
        self.hash = self.hash.wrapping_add(outcome.hash);
        for strike in &outcome.struck {
            *self.strikes.entry(strike.fault).or_default() += 1;
        }
        for (kind, (written, read)) in &outcome.dearest {
            let dearest = self.dearest.entry(kind.clone()).or_default();
            *dearest = (dearest.0.max(*written), dearest.1.max(*read));
        }
        if outcome.violation.is_some() {
            self.failed.push((number, outcome));
        }
    }
}

/// The faults that a campaign long enough to have them all never had.
fn idle_faults(total: &Total) -> Vec<Fault> {
    let idle = Fault::ALL
        .iter()
        .filter(|it| total.runs >= ENOUGH && !total.strikes.contains_key(it));
    idle.copied().collect()
}

fn report(options: &Options, total: &Total, seconds: f64) {
    let hours = total.lasted_ms / 3_600_000;
    println!(
        "campaign {}: {} seeds, {} actions, {} entries, {hours} h of simulated time in {seconds:.1} s: {:.1} seeds/s",
        options.campaign,
        total.runs,
        total.actions,
        total.entries,
        rate(total.runs, seconds),
    );
    println!(
        "hash of all {:016x}; {} seeds failed",
        total.hash,
        total.failed.len()
    );
    println!("faults that struck:");
    for fault in Fault::ALL {
        let times = total.strikes.get(fault).copied().unwrap_or(0);
        println!("  {:<18} {times:>8}", fault.name());
    }
    println!("the dearest invocation of each kind with sound tables, write and read units:");
    for (kind, (written, read)) in &total.dearest {
        println!("  {kind:<18} {written:>6} {read:>6}");
    }
}

fn explain(seed: u64, actions: u64) {
    let run = Run {
        actions,
        ..Run::of(seed)
    };
    let Some(shrunk) = shrink(&run, |outcome| outcome.violation.is_some()) else {
        return;
    };
    let script: Vec<String> = shrunk
        .run
        .only
        .iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    println!("\nseed {seed}, shrunk in {} runs:", shrunk.runs);
    for line in &shrunk.outcome.lines {
        println!("  {line}");
    }
    println!(
        "fault script: {}",
        if script.is_empty() { "none" } else { "" }
    );
    for strike in shrunk.run.only.iter().flatten() {
        println!("  {strike}: {}", strike.fault.must());
    }
    println!(
        "{}",
        shrunk
            .outcome
            .violation
            .as_deref()
            .unwrap_or("it no longer fails")
    );
    println!(
        "again: cargo run --release -p switchboard-tests --bin simulate -- --seed {seed} --actions {} --only '{}'",
        shrunk.run.actions,
        script.join(","),
    );
}

/// Seeds a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "there are not as many seeds as that"
)]
fn rate(runs: u64, seconds: f64) -> f64 {
    runs as f64 / seconds
}
