//! The command line: `switchboard serve`, `token`, `trace` and `conformance`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use switchboard::PushText;
use switchboard::protocol::{ConversationId, Role, Seq, UserId};

use crate::apigw::Limits;
use crate::conformance::{PLAYS, Play, play};
use crate::engine::{Durability, Place};
use crate::http::{Reach, TOKEN_S_MAX};

mod ask;
mod judge;
mod run;
mod trace;

pub use run::run;

/// A real-time messaging gateway: the whole of it on one machine.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// `serve` is what runs when no command is named.
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway (the default).
    Serve(Serve),
    /// Prints a token, signed by the key in the data directory.
    Token(Token),
    /// Says where a message is: what happened to it, to whom, and with what answer.
    Trace(Trace),
    /// Judges clients: a scripted gateway that says which rule of the protocol they break.
    Conformance(Conformance),
}

/// More than a machine opens.
const CONNECTS_PER_S_MAX: u64 = 1_000_000;

/// Flags of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The address to listen on; port 0 chooses a free one.
    #[arg(long, env = "SWITCHBOARD_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The data directory, made if it is missing; `:memory:` keeps nothing.
    #[arg(long, env = "SWITCHBOARD_DATA", default_value = "./data")]
    data: PathBuf,
    /// Each commit survives a power loss, not only the death of the process.
    #[arg(long, env = "SWITCHBOARD_DURABLE")]
    durable: bool,
    /// Allows an address that other machines reach, and switches `/_local` off, but for what the operator's token opens.
    #[arg(long, env = "SWITCHBOARD_PUBLIC")]
    public: bool,
    /// A file with a token that opens `/_local/operator`, `/_local/trace` and `/_local/metrics` to other machines.
    #[arg(long, env = "SWITCHBOARD_OPERATOR_TOKEN", value_name = "FILE")]
    operator_token: Option<PathBuf>,
    /// What a push says: `generic` ("New message") or `preview` (the message's beginning).
    #[arg(long, env = "SWITCHBOARD_PUSH_TEXT", default_value = "generic", value_parser = push_text)]
    push_text: PushText,
    /// A price table, to count dollars by, in place of the one that is built in (a copy of `handlers/local/prices.toml`).
    #[arg(long, env = "SWITCHBOARD_PRICES")]
    prices: Option<PathBuf>,
    /// How many connections may open in a second, as a quota of API Gateway that is raised on request; beyond, handshakes get 429.
    #[arg(
        long,
        env = "SWITCHBOARD_CONNECTS_PER_SECOND",
        default_value_t = Limits::default().connects_per_s,
        value_parser = clap::value_parser!(u64).range(1..=CONNECTS_PER_S_MAX)
    )]
    connects_per_second: u64,
    /// What is logged to standard error: a level, or a filter such as `switchboard=debug`.
    #[arg(long, env = "SWITCHBOARD_LOG", default_value = "warn")]
    log: String,
}

/// Flags of `token`.
#[derive(Clone, Debug, Args)]
pub struct Token {
    /// The user: the token's `sub`.
    #[arg(long, env = "SWITCHBOARD_USER", value_parser = user)]
    user: UserId,
    /// `customer` or `provider`.
    #[arg(long, env = "SWITCHBOARD_ROLE", value_parser = role)]
    role: Role,
    /// How long it is valid: `45s`, `30m`, `1h`, at most a day.
    #[arg(long, env = "SWITCHBOARD_EXPIRES", default_value = "1h", value_parser = expires)]
    expires: u64,
    /// The data directory of the gateway that is to accept it.
    #[arg(long, env = "SWITCHBOARD_DATA", default_value = "./data")]
    data: PathBuf,
}

/// Flags of `trace`.
#[derive(Clone, Debug, Args)]
pub struct Trace {
    /// The conversation.
    #[arg(value_parser = conversation)]
    conversation: ConversationId,
    /// The entry's place in it.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    seq: Seq,
    /// The gateway that is asked.
    #[arg(long, env = "SWITCHBOARD_URL", default_value = "http://127.0.0.1:8080")]
    url: http::Uri,
    /// A file with the token that opens it to other machines.
    #[arg(long, env = "SWITCHBOARD_OPERATOR_TOKEN", value_name = "FILE")]
    operator_token: Option<PathBuf>,
    /// Reads logs of functions instead of asking: a file, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    logs: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Flags of `conformance`.
#[derive(Clone, Debug, Args)]
pub struct Conformance {
    /// The address to listen on; port 0 chooses a free one. Its page, at `/`, says how clients are judged.
    #[arg(
        long,
        env = "SWITCHBOARD_CONFORMANCE_LISTEN",
        default_value = "127.0.0.1:8090"
    )]
    listen: SocketAddr,
    /// The plays that are on, by name; all of them where none is named.
    #[arg(long = "play", env = "SWITCHBOARD_PLAY", value_delimiter = ',', value_parser = named_play)]
    plays: Vec<&'static Play>,
    /// Ends when each play has ended once: with 0 where no rule was broken, else with 1.
    #[arg(long, env = "SWITCHBOARD_ONCE")]
    once: bool,
}

/// What is to be done.
#[derive(Debug)]
pub enum Asked {
    /// Run the gateway.
    Serve(Serve),
    /// Print a token.
    Token(Token),
    /// Say where a message is.
    Trace(Trace),
    /// Judge clients.
    Conformance(Conformance),
    /// Print a text and be done: help, or the version.
    Say(String),
}

impl Asked {
    /// Reads the command line; an error is one line.
    pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Self, String> {
        let matches = match Cli::command().try_get_matches_from(args) {
            Ok(matches) => matches,
            Err(error) if !error.use_stderr() => return Ok(Self::Say(error.to_string())),
            Err(error) => return Err(first_line(&error.to_string())),
        };
        let cli =
            Cli::from_arg_matches(&matches).map_err(|error| first_line(&error.to_string()))?;
        Ok(match cli.command {
            Some(Command::Token(token)) => Self::Token(token),
            Some(Command::Trace(trace)) => Self::Trace(trace),
            Some(Command::Conformance(conformance)) => Self::Conformance(conformance),
            Some(Command::Serve(serve)) => Self::Serve(serve),
            None => Self::Serve(cli.serve),
        })
    }
}

impl Serve {
    fn place(&self) -> Place {
        if self.data.as_os_str() == ":memory:" {
            Place::Memory
        } else {
            Place::Directory(self.data.clone())
        }
    }

    fn durability(&self) -> Durability {
        if self.durable {
            Durability::Power
        } else {
            Durability::Process
        }
    }

    fn reach(&self) -> Reach {
        if self.public {
            Reach::Public
        } else {
            Reach::Loopback
        }
    }
}

/// The first line of what clap says: the rest is usage, which `--help` tells.
fn first_line(text: &str) -> String {
    let paragraph: Vec<&str> = text
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let line = paragraph
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ");
    line.trim_start_matches("error: ").to_owned()
}

fn push_text(text: &str) -> Result<PushText, String> {
    match text {
        "generic" => Ok(PushText::Generic),
        "preview" => Ok(PushText::Preview),
        _ => Err("must be generic or preview".to_owned()),
    }
}

fn named_play(name: &str) -> Result<&'static Play, String> {
    play(name).ok_or_else(|| {
        let names: Vec<&str> = PLAYS.iter().map(|it| it.name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

fn conversation(text: &str) -> Result<ConversationId, String> {
    text.parse().map_err(|rule| format!("{rule}"))
}

fn user(text: &str) -> Result<UserId, String> {
    text.parse().map_err(|rule| format!("{rule}"))
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|rule| format!("{rule}"))
}

fn expires(text: &str) -> Result<u64, String> {
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => humantime::parse_duration(text)
            .map_err(|error| error.to_string())?
            .as_secs(),
    };
    if (1..=TOKEN_S_MAX).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("must be 1s to 1day".to_owned())
    }
}
