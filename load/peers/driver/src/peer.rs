//! The peers: how each is started, and what it does not do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::Failed;
use crate::server::{Server, free_port};
use crate::socket::Socket;
use crate::wire::Wire;

/// Delivery may wait for its grace of three seconds; a bound on that.
const DRAIN: Duration = Duration::from_mins(1);
/// Of a log, what is shown.
const LAST_LINES: usize = 20;

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Peer {
    /// The local host.
    Switchboard,
    /// serverless-offline, as it is installed: functions in worker threads.
    Serverless,
    /// serverless-offline with `--useInProcess`, its fastest.
    ServerlessInProcess,
    /// socket.io.
    SocketIo,
    /// ws on Node.
    Ws,
    /// tokio-tungstenite, nothing parsed.
    Ceiling,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// `load/peers`.
    pub(crate) peers: PathBuf,
    /// The folder of our own executables.
    pub(crate) programs: PathBuf,
    /// For data and logs; gone at the end.
    pub(crate) scratch: PathBuf,
}

/// A peer that serves, and what it leans on.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) peer: Peer,
    pub(crate) server: Server,
    tables: Option<Server>,
}

impl Places {
    fn log(&self, peer: Peer, round: usize) -> PathBuf {
        self.scratch.join(format!("{peer:?}-{round}.log"))
    }

    /// The end of what a peer has said, for whoever asks why it failed.
    pub(crate) fn last_words(&self, peer: Peer, round: usize) -> String {
        let log = std::fs::read_to_string(self.log(peer, round)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Switchboard => "switchboard",
            Self::Serverless => "serverless-offline",
            Self::ServerlessInProcess => "  … --useInProcess",
            Self::SocketIo => "socket.io",
            Self::Ws => "ws",
            Self::Ceiling => "tokio-tungstenite",
        }
    }

    /// What it leaves out of what Switchboard does for a message.
    pub(crate) fn lacks(self) -> &'static str {
        match self {
            Self::Switchboard => {
                "nothing: tokens verified, entries stored, deduplicated, acknowledged, rates limited, read receipts, delivery looked after"
            }
            Self::Serverless | Self::ServerlessInProcess => {
                "the same four requests at the same engine (over HTTP) and a post; no tokens, duplicates, rate limits, receipts, delivery or push"
            }
            Self::SocketIo => {
                "a relay that acknowledges having read a frame; nothing stored, no tokens, order or history, no receipts, no push"
            }
            Self::Ws => {
                "a relay; nothing stored or acknowledged, no tokens, order or history, no receipts, no push"
            }
            Self::Ceiling => {
                "bytes from socket to socket, unread; nothing stored or acknowledged, no tokens, no routes, no JSON"
            }
        }
    }

    pub(crate) fn wire(self) -> Wire {
        match self {
            Self::Switchboard => Wire::Switchboard,
            Self::Serverless | Self::ServerlessInProcess => Wire::Serverless,
            Self::SocketIo => Wire::SocketIo,
            Self::Ws | Self::Ceiling => Wire::Plain,
        }
    }

    /// Messages of each pair where so many are asked for: fewer of those that are slow, so that a run ends, and more of
    /// those whose CPU would be too little to count.
    pub(crate) fn messages(self, asked: usize) -> usize {
        match self {
            Self::Serverless | Self::ServerlessInProcess => (asked / 10).max(2),
            Self::Switchboard => asked,
            Self::SocketIo | Self::Ws | Self::Ceiling => asked * 5,
        }
    }

    /// Starts it with nothing stored.
    pub(crate) async fn start(self, places: &Places, round: usize) -> Result<Running, Failed> {
        let port = free_port().await?;
        let log = places.log(self, round);
        let mut tables = None;
        let command = match self {
            Self::Switchboard => {
                let data = places.scratch.join(format!("data-{round}"));
                let mut command = Command::new(places.programs.join("switchboard"));
                command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
                command.arg(data).env_clear();
                command
            }
            Self::Serverless | Self::ServerlessInProcess => {
                let served = serve_tables(places, round).await?;
                let command = self.serverless(places, port, &served).await?;
                tables = Some(served);
                command
            }
            Self::SocketIo => node(places, "socket.io/server.js", port),
            Self::Ws => node(places, "ws/server.js", port),
            Self::Ceiling => {
                let mut command = Command::new(places.programs.join("ceiling"));
                command.arg(port.to_string());
                command
            }
        };
        let server = Server::start(command, port, &log).await?;
        Ok(Running {
            peer: self,
            server,
            tables,
        })
    }

    async fn serverless(
        self,
        places: &Places,
        port: u16,
        tables: &Server,
    ) -> Result<Command, Failed> {
        let mut command = Command::new("node");
        command
            .arg(places.peers.join("node_modules/serverless/bin/serverless.js"))
            .arg("offline")
            .current_dir(places.peers.join("serverless"))
            .env("PEER_PORT", port.to_string())
            .env("PEER_HTTP_PORT", free_port().await?.to_string())
            .env("PEER_LAMBDA_PORT", free_port().await?.to_string())
            .env("PEER_TABLES", format!("http://{}", tables.address))
            .env("PEER_MANAGEMENT", format!("http://127.0.0.1:{port}"))
            // Neither looks for news nor tells anybody of us.
            .env("SLS_TRACKING_DISABLED", "1")
            .env("SLS_TELEMETRY_DISABLED", "1")
            .env("SLS_NOTIFICATIONS_MODE", "off")
            .env("CI", "1")
            // Where it leaves what it makes.
            .env("HOME", &places.scratch)
            .env("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
        if self == Self::ServerlessInProcess {
            command.arg("--useInProcess");
        }
        Ok(command)
    }
}

async fn serve_tables(places: &Places, round: usize) -> Result<Server, Failed> {
    let port = free_port().await?;
    let mut command = Command::new(places.programs.join("tables"));
    command.arg(port.to_string());
    let log = places.scratch.join(format!("tables-{round}.log"));
    Server::start(command, port, &log).await
}

fn node(places: &Places, script: &str, port: u16) -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(&places.peers).join(script));
    command.arg(port.to_string());
    command
}

impl Running {
    /// Seconds of CPU of everything that serves.
    pub(crate) fn cpu_s(&self) -> Result<f64, Failed> {
        let tables = self.tables.as_ref().map_or(Ok(0.0), Server::cpu_s)?;
        Ok(self.server.cpu_s()? + tables)
    }

    /// Connects a user.
    pub(crate) async fn connect(&self, user: &str, role: &str, to: &str) -> Result<Socket, Failed> {
        let mut token = None;
        if self.peer == Peer::Switchboard {
            let asked = json!({"user": user, "role": role}).to_string();
            let answer = self.server.ask("POST", "/_local/token", &asked).await?;
            let answer: Value = serde_json::from_str(&answer)?;
            token = answer["token"].as_str().map(str::to_owned);
        }
        let (wire, address) = (self.peer.wire(), self.server.address);
        Socket::open(wire, address, user, to, token.as_deref()).await
    }

    /// The conversations of a pair, one after the other to be talked in.
    pub(crate) async fn conversations(
        &self,
        socket: &mut Socket,
        pair: usize,
        to: &str,
        count: usize,
    ) -> Result<Vec<String>, Failed> {
        let mut conversations = Vec::with_capacity(count);
        for number in 0..count {
            if self.peer != Peer::Switchboard {
                conversations.push(format!("{pair}-{number}"));
                continue;
            }
            let open = json!({"action": "open", "with": to, "key": number.to_string()});
            socket.say(open.to_string()).await?;
            let opened: Value = serde_json::from_str(&socket.hear().await?)?;
            let conversation = opened["conversation"].as_str();
            conversations.push(conversation.ok_or_else(|| opened.to_string())?.to_owned());
        }
        Ok(conversations)
    }

    /// Waits until what the messages led to is done: the last deliveries wait for their grace.
    pub(crate) async fn drained(&self) -> Result<(), Failed> {
        if self.peer != Peer::Switchboard {
            return Ok(());
        }
        let began = Instant::now();
        while began.elapsed() < DRAIN {
            let metrics = self.server.ask("GET", "/_local/metrics", "").await?;
            if metrics
                .lines()
                .any(|line| line == "switchboard_stream_records_held 0")
            {
                return Ok(());
            }
            sleep(Duration::from_millis(200)).await;
        }
        Err("delivery does not come to an end".into())
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Result<(), Failed> {
        self.server.stop().await?;
        match self.tables {
            Some(tables) => tables.stop().await,
            None => Ok(()),
        }
    }
}
