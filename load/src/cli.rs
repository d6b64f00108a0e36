//! The command line: a scenario to play, or two reports to compare.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::clock::wall_ms;
use crate::plan::Plan;
use crate::report::{Comparison, Report, Verdict, comparison_page, page, summary};
use crate::run::{Order, Progress, Stop, play};
use crate::settings::{Scenario, Settings};
use crate::target::Target;

/// Drives simulated users against a Switchboard gateway, and audits what it does with their messages.
///
/// Only against systems that are yours.
#[derive(Debug, Parser)]
#[command(name = "switchboard-load", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pairs chat: closed loop, or open loop with --rate.
    Relay(Run),
    /// Everybody is quiet, then everybody writes at once.
    Burst(Run),
    /// Connections are held and nothing is said.
    Idle(Run),
    /// All connections drop at the same moment and come back with jitter.
    Storm(Run),
    /// One side is away and is told by pushes.
    Offline(Run),
    /// One user has many devices.
    Fanout(Run),
    /// Pairs chat for hours, over connections that come and go.
    Soak(Run),
    /// Compares two reports.
    Compare(Compare),
}

#[derive(Debug, Args)]
struct Run {
    /// The gateway, as `ws://host:port/stage` or `wss://host/stage`.
    #[arg(long, default_value = "ws://127.0.0.1:8080/local")]
    url: String,
    /// A TOML file of settings; flags stand above it.
    #[arg(long)]
    profile: Option<PathBuf>,
    /// A file of `user role token` lines, `-` for standard input. Without it a local host is asked for tokens.
    #[arg(long)]
    tokens: Option<PathBuf>,
    /// The server's process, where it is not found by its port.
    #[arg(long)]
    pid: Option<u32>,
    /// The directory that reports are written to.
    #[arg(long, default_value = "load-reports")]
    out: PathBuf,
    /// The reports' name, without an ending; by default scenario and time.
    #[arg(long)]
    name: Option<String>,
    /// No progress line.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
struct Compare {
    /// The first report, JSON.
    a: PathBuf,
    /// The second report, JSON.
    b: PathBuf,
    /// The page to write.
    #[arg(long, default_value = "load-reports/compare.html")]
    html: PathBuf,
}

/// How it ended, for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Good,
    /// The audit found a fault, or was not finished.
    Bad,
    /// It could not be done.
    Failed,
}

/// Does what the command line asks for, and says on standard output what was found.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where a user is talked to"
)]
pub fn main(args: impl IntoIterator<Item = OsString>) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            eprint!("{error}");
            return Outcome::Failed;
        }
        Err(help) => {
            print!("{help}");
            return Outcome::Good;
        }
    };
    let done = match cli.command {
        Command::Relay(run) => played(Scenario::Relay, run),
        Command::Burst(run) => played(Scenario::Burst, run),
        Command::Idle(run) => played(Scenario::Idle, run),
        Command::Storm(run) => played(Scenario::Storm, run),
        Command::Offline(run) => played(Scenario::Offline, run),
        Command::Fanout(run) => played(Scenario::Fanout, run),
        Command::Soak(run) => played(Scenario::Soak, run),
        Command::Compare(files) => compared(&files),
    };
    match done {
        Ok((text, outcome)) => {
            println!("{text}");
            outcome
        }
        Err(error) => {
            eprintln!("switchboard-load: {error}");
            Outcome::Failed
        }
    }
}

fn played(scenario: Scenario, run: Run) -> Result<(String, Outcome), String> {
    let said = match &run.profile {
        Some(path) => run.settings.over(Settings::profile(path).map_err(chain)?),
        None => run.settings,
    };
    let plan = Plan::new(scenario, said).map_err(|error| error.to_string())?;
    let target = Target::parse(&run.url).map_err(|error| error.to_string())?;
    let order = Order {
        plan,
        target,
        tokens: run.tokens,
        pid: run.pid,
    };
    let name = run
        .name
        .unwrap_or_else(|| format!("{}-{}", scenario.name(), wall_ms() / 1_000));
    let file = |ending: &str| run.out.join(format!("{name}.{ending}"));
    let cannot_write =
        |error: std::io::Error| format!("failed to write to {}: {error}", run.out.display());
    // Before the run: an hour's figures should not be lost to a typing error.
    std::fs::create_dir_all(&run.out).map_err(cannot_write)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| format!("failed to start: {error}"))?;
    let local = tokio::task::LocalSet::new();
    let report = local.block_on(&runtime, async {
        let mut stop = Stop::on_signals();
        play(order, &Progress::new(run.quiet), &mut stop).await
    });
    let report = report.map_err(|error| error.to_string())?;
    std::fs::write(file("json"), report.to_json()).map_err(cannot_write)?;
    std::fs::write(file("html"), page(&report)).map_err(cannot_write)?;
    let outcome = if report.verdict == Verdict::Clean {
        Outcome::Good
    } else {
        Outcome::Bad
    };
    let written = format!(
        "written: {} and {}",
        file("json").display(),
        file("html").display()
    );
    Ok((summary(&report) + &written, outcome))
}

fn compared(files: &Compare) -> Result<(String, Outcome), String> {
    let read = |path: &PathBuf| {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("failed to read {name}: {error}"))?;
        Report::from_json(&text).map_err(|error| format!("{name} is no report: {error}"))
    };
    let (a, b) = (read(&files.a)?, read(&files.b)?);
    let cannot_write =
        |error: std::io::Error| format!("failed to write {}: {error}", files.html.display());
    if let Some(directory) = files.html.parent() {
        std::fs::create_dir_all(directory).map_err(cannot_write)?;
    }
    std::fs::write(&files.html, comparison_page(&a, &b)).map_err(cannot_write)?;
    let text = Comparison::of(&a, &b).to_text(
        &files.a.display().to_string(),
        &files.b.display().to_string(),
    );
    Ok((
        format!("{text}\nwritten: {}", files.html.display()),
        Outcome::Good,
    ))
}

fn chain(error: impl std::error::Error) -> String {
    let source = error
        .source()
        .map(|it| format!(": {it}"))
        .unwrap_or_default();
    format!("{error}{source}")
}
