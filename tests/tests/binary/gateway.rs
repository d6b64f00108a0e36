//! The executable: run to its end, or serving.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use switchboard_tests::{Actor, program, web};
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A bound on real time: nothing waits for it, and a process that hangs ends.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a process said until it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A gateway that serves.
pub(crate) struct Gateway {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: NamedTempFile,
    pub(crate) address: SocketAddr,
    /// What it printed until it was ready.
    pub(crate) greeting: Vec<String>,
}

/// The executable with nothing of our environment but what is given.
pub(crate) fn command<A: AsRef<OsStr>>(args: &[A], variables: &[(&str, &str)]) -> Command {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| program::build(env!("CARGO_TARGET_TMPDIR"), &["switchboard"]));
    let mut command = Command::new(&built["switchboard"]);
    command
        .args(args)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Serving from a data directory on a free port.
pub(crate) fn serving(data: &Path) -> Command {
    let data = data.to_str().unwrap();
    command(&["serve", "--listen", "127.0.0.1:0", "--data", data], &[])
}

/// Runs it to its end.
pub(crate) async fn run<A: AsRef<OsStr>>(args: &[A], variables: &[(&str, &str)]) -> Ended {
    let output = timeout(PATIENCE, command(args, variables).output()).await;
    let output = output
        .expect("it did not end")
        .expect("failed to run switchboard");
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Gateway {
    /// Serves from a data directory on a free port.
    pub(crate) async fn on(data: &Path) -> Self {
        Self::of(serving(data)).await
    }

    /// Serves as these arguments and variables say.
    pub(crate) async fn start(args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::of(command(args, variables)).await
    }

    /// Serves as a command does that ends in it.
    pub(crate) async fn of(command: Command) -> Self {
        let started = Self::attempt(command).await;
        started.unwrap_or_else(|ended| panic!("it ended: {ended:?}"))
    }

    /// Serves, or ends instead.
    pub(crate) async fn attempt(mut command: Command) -> Result<Self, Ended> {
        let stderr = NamedTempFile::new().unwrap();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(stderr.reopen().unwrap())
            .spawn()
            .expect("failed to run switchboard");
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = Vec::new();
        while !greeting
            .last()
            .is_some_and(|it: &String| it.contains("Stop:"))
        {
            let line = timeout(PATIENCE, stdout.next_line()).await;
            let Some(line) = line.expect("it does not become ready").unwrap() else {
                let status = timeout(PATIENCE, child.wait()).await;
                return Err(Ended {
                    code: status.expect("it did not end").unwrap().code(),
                    out: greeting.concat(),
                    err: read(&stderr),
                });
            };
            greeting.push(line);
        }
        let url = greeting.iter().find_map(|it| it.split_once("ws://"));
        let (_, url) = url.expect("it says where its WebSocket API is");
        let (address, _) = url.split_once('/').unwrap();
        Ok(Self {
            address: address.parse().unwrap(),
            child,
            stdout,
            stderr,
            greeting,
        })
    }

    /// Starts to serve from a data directory and is killed so much later, whether or not it is ready by then.
    pub(crate) async fn cut_short(data: &Path, later: Duration) {
        let mut child = serving(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("failed to run switchboard");
        if let Ok(ended) = timeout(later, child.wait()).await {
            panic!("it ended by itself: {ended:?}");
        }
        child.kill().await.unwrap();
    }

    /// The token that the greeting has for a user.
    pub(crate) fn greeted(&self, user: &str) -> &str {
        let place = self
            .greeting
            .iter()
            .position(|it| it.trim().starts_with(&format!("{user}, a ")));
        let place = place.expect("the greeting names the user");
        self.greeting[place + 1].trim()
    }

    /// Where a path is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A GET.
    pub(crate) async fn get(&self, path: &str) -> Response<Bytes> {
        web::get(&self.url(path)).await
    }

    /// A GET of JSON.
    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        serde_json::from_slice(response.body()).unwrap()
    }

    /// A token from `/_local/token`.
    pub(crate) async fn token(&self, user: &str, role: &str) -> String {
        let asked = json!({"user": user, "role": role});
        let response = web::post_json(&self.url("/_local/token"), &asked).await;
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Connects with a token.
    pub(crate) async fn connect_with(&self, token: &str, device: &str) -> Actor {
        let bearer = format!("Bearer {token}");
        let query = format!("device={device}");
        let actor = Actor::connect(self.address, &query, &[("authorization", &bearer)]).await;
        actor.unwrap_or_else(|refused| panic!("refused: {refused:?}"))
    }

    /// Connects a user.
    pub(crate) async fn connect(&self, user: &str, role: &str) -> Actor {
        let token = self.token(user, role).await;
        self.connect_with(&token, &format!("{user}-phone")).await
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Sends a signal.
    pub(crate) async fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .await;
        assert!(sent.unwrap().success(), "the signal was not sent");
    }

    /// Sends a signal and waits for the end.
    pub(crate) async fn stop(self, signal: &str) -> Ended {
        self.signal(signal).await;
        self.ended().await
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.expect("it did not end").unwrap();
        let mut out = String::new();
        while let Some(line) = self.stdout.next_line().await.unwrap() {
            out = out + &line + "\n";
        }
        Ended {
            code: status.code(),
            out,
            err: read(&self.stderr),
        }
    }

    /// Ends it as a power cut ends a process.
    pub(crate) async fn kill(&mut self) {
        let killed = timeout(PATIENCE, self.child.kill()).await;
        killed.expect("it did not end").unwrap();
    }

    /// Ends it so much later, unless it has ended by then.
    pub(crate) async fn kill_later(&mut self, later: Duration) {
        if timeout(later, self.child.wait()).await.is_err() {
            self.kill().await;
        }
    }
}

/// Hears the close frame, and leaves.
pub(crate) async fn gone(mut actor: Actor) -> (u16, String) {
    actor.closed().await
}

fn read(file: &NamedTempFile) -> String {
    let mut text = String::new();
    file.reopen().unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Everything in a directory: paths and contents.
pub(crate) fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut contents = BTreeMap::new();
    for path in entries.map(|it| it.unwrap().path()) {
        if path.is_dir() {
            contents.extend(self::contents(&path));
        } else {
            contents.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    contents
}
