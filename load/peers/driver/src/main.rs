//! Switchboard beside what people would use instead on one machine: the same pairs, the same bodies, one driver.
//!
//! Peers are run in turn, round after round, so that all of them share the machine's mood; of each figure the round in
//! the middle counts. A pair is a closed loop: the next message follows when the last one has arrived and, where the
//! peer says so, was accepted. Everything is on loopback, bounded, and ends with this program.

mod latency;
mod measure;
mod pair;
mod peer;
mod report;
mod server;
mod socket;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum as _};
use tokio::signal::unix::{SignalKind, signal};

use measure::Amount;
use peer::{Peer, Places};
use report::Row;

/// Why it did not come to an end.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What the processes are called that idle connections are held by: no round of messages.
const IDLE_ROUND: usize = 1_000;

/// Switchboard beside its peers. `load/peers/run` builds and installs what this needs.
#[derive(Debug, Parser)]
struct Options {
    /// Pairs of people who talk at the same time.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pairs: u16,
    /// Messages of each pair in a round; serverless-offline gets a tenth, the relays five times as many.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    messages: u32,
    /// Bytes of each message's text.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=8_000))]
    body: u16,
    /// Connections that say nothing, for memory; 0 leaves that out.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(0..=5_000))]
    idle: u16,
    /// Rounds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
    /// Whom to run; everybody where nothing is said.
    #[arg(long)]
    peer: Vec<Peer>,
    /// Where to write the numbers as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The folder of the peers' scripts.
    #[arg(long, default_value = "load/peers")]
    scripts: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let mut terminate = signal(SignalKind::terminate()).expect("failed to listen for signals");
    // Whatever ends first: what was started is dropped, and with it its processes.
    let ended = tokio::select! {
        ended = compare(&options) => ended,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        _ = terminate.recv() => Err("terminated".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(options: &Options) -> Result<(), Failed> {
    let amount = Amount {
        pairs: options.pairs.into(),
        messages: usize::try_from(options.messages)?,
        body_bytes: options.body.into(),
        idle: options.idle.into(),
    };
    let program = std::env::current_exe()?;
    let scratch = Scratch::new()?;
    let places = Places {
        peers: std::fs::canonicalize(&options.scripts)?,
        programs: program.parent().ok_or("no folder of programs")?.to_owned(),
        scratch: scratch.0.clone(),
    };
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let peers = if options.peer.is_empty() {
        Peer::value_variants()
    } else {
        &options.peer
    };
    let row = |peer: &Peer| Row {
        peer: *peer,
        rounds: Vec::new(),
        idle_kib: None,
    };
    let mut rows: Vec<Row> = peers.iter().map(row).collect();
    for round in 0..usize::from(options.rounds) {
        for row in &mut rows {
            let peer = row.peer;
            let named = |error: Failed, round| {
                let words = places.last_words(peer, round);
                format!("{}: {error}\n{words}", peer.name().trim())
            };
            let measured = measure::messages(peer, &places, round, amount).await;
            let measured = measured.map_err(|error| named(error, round))?;
            eprintln!(
                "round {}: {:<20} {:.1} µs",
                round + 1,
                peer.name(),
                measured.server_cpu_us
            );
            row.rounds.push(measured);
            if round == 0 && amount.idle > 0 {
                let idle = measure::idle(peer, &places, IDLE_ROUND, amount.idle).await;
                row.idle_kib = Some(idle.map_err(|error| named(error, IDLE_ROUND))?);
            }
        }
    }
    println!("{}", report::table(&rows));
    println!("load average before: {}", load.trim());
    if let Some(path) = &options.json {
        let json = report::json(&rows, amount, load.trim());
        std::fs::write(path, serde_json::to_string_pretty(&json)?)?;
    }
    Ok(())
}

/// A folder for data and logs, gone at the end with everything in it.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failed> {
        let path = std::env::temp_dir().join(format!("switchboard-peers-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
