//! A function's main as a child process, and the Runtime API that it asks for work.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::Value;
use switchboard::Metric;
use switchboard::metric::Kind;
use switchboard_handlers::emf;
use switchboard_tests::program;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::cloud::{CLIENT, Cloud, now_ms};

/// A bound on real time: nothing waits for it, and a process that hangs ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// The functions.
pub(crate) const NAMES: [&str; 8] = [
    "applications",
    "authorize",
    "census",
    "connect",
    "deliver",
    "disconnect",
    "feedback",
    "message",
];

/// The environment's name, as metrics have it.
const ENVIRONMENT: &str = "test";

/// A function that waits for events.
pub(crate) struct Function {
    name: &'static str,
    child: Child,
    events: mpsc::Sender<String>,
    outcomes: mpsc::Receiver<(String, Outcome)>,
    invoked: u64,
    _runtime: JoinSet<()>,
}

/// How an invocation ended.
type Outcome = Result<Value, Value>;

/// The Runtime API's two ends.
struct Runtime {
    events: Mutex<mpsc::Receiver<String>>,
    outcomes: mpsc::Sender<(String, Outcome)>,
    next: std::sync::atomic::AtomicU64,
}

/// A function's executable, with the variables that the platform sets and no others.
pub(crate) fn command(name: &str, runtime: SocketAddr) -> Command {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| program::build(env!("CARGO_TARGET_TMPDIR"), &NAMES));
    let mut command = Command::new(&built[name]);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/switchboard")
        .env(
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "2025/03/16/[$LATEST]0123456789abcdef",
        )
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "ASIALOCAL")
        .env("AWS_SECRET_ACCESS_KEY", "secret-access-key")
        .env("AWS_SESSION_TOKEN", "session-token")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What an operator sets for any function.
pub(crate) fn settings(cloud: &Cloud) -> BTreeMap<&'static str, String> {
    let url = format!("http://{}", cloud.address);
    BTreeMap::from([
        ("AWS_ENDPOINT_URL", url.clone()),
        ("SWITCHBOARD_AUDIENCES", format!("other-app, {CLIENT}")),
        ("SWITCHBOARD_CHAT_TABLE", "chat".to_owned()),
        ("SWITCHBOARD_CONNECTIONS_TABLE", "connections".to_owned()),
        ("SWITCHBOARD_ENVIRONMENT", ENVIRONMENT.to_owned()),
        ("SWITCHBOARD_ISSUERS", format!("{url}/pool")),
        ("SWITCHBOARD_MANAGEMENT_ENDPOINT", format!("{url}/live")),
        (
            "SWITCHBOARD_PUSH_APNS",
            "arn:aws:sns:us-east-1:123456789012:app/APNS/switchboard".to_owned(),
        ),
        ("SWITCHBOARD_PUSH_TEXT", "generic".to_owned()),
    ])
}

impl Function {
    pub(crate) async fn start(name: &'static str, cloud: &Cloud) -> Self {
        let (events, waiting) = mpsc::channel(1);
        let (done, outcomes) = mpsc::channel(1);
        let runtime = Arc::new(Runtime {
            events: Mutex::new(waiting),
            outcomes: done,
            next: std::sync::atomic::AtomicU64::new(1),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(runtime);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let child = command(name, address)
            .envs(settings(cloud))
            .spawn()
            .expect("failed to run a function");
        Self {
            name,
            child,
            events,
            outcomes,
            invoked: 0,
            _runtime: server,
        }
    }

    /// Invokes it: the result, or the error as the Runtime API was told of it.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Outcome {
        self.events.send(event.to_string()).await.unwrap();
        let outcome = timeout(PATIENCE, self.outcomes.recv()).await;
        let (id, outcome) = outcome
            .expect("it does not answer")
            .expect("the Runtime API runs");
        self.invoked += 1;
        assert_eq!(id, request_id(self.invoked));
        outcome
    }

    /// Ends it and reads what it printed: metrics as the table has them, and nothing that is nobody's business. Returns
    /// the numbers, added up; those of parts under names like `Disconnects/client`, durations as how many there were.
    pub(crate) async fn end(self, secrets: &[&str]) -> BTreeMap<String, u64> {
        self.end_with_log(secrets).await.0
    }

    /// The same, and all that it printed.
    pub(crate) async fn end_with_log(
        mut self,
        secrets: &[&str],
    ) -> (BTreeMap<String, u64>, String) {
        let name = self.name;
        self.child.start_kill().unwrap();
        let output = timeout(PATIENCE, self.child.wait_with_output()).await;
        let output = output.expect("it does not end").unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        for secret in secrets
            .iter()
            .chain(&["secret-access-key", "session-token"])
        {
            assert!(
                !out.contains(secret) && !err.contains(secret),
                "{name} printed {secret}: {out}{err}"
            );
        }
        assert_eq!(err, "", "{name} logs to standard output");
        let mut counts = BTreeMap::new();
        for line in out.lines() {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: no JSON: {line}"));
            if line.get("_aws").is_some() {
                count(name, &line, &mut counts);
            } else {
                assert!(
                    line["level"].is_string(),
                    "{name}: neither metrics nor log: {line}"
                );
            }
        }
        (counts, out)
    }
}

/// Checks a line of the embedded metric format against the table of metrics, and adds it up.
fn count(function: &str, line: &Value, counts: &mut BTreeMap<String, u64>) {
    assert_eq!(line["Function"], function, "{line}");
    assert_eq!(line["Environment"], ENVIRONMENT, "{line}");
    let timestamp = line["_aws"]["Timestamp"].as_u64().unwrap();
    assert!(now_ms().abs_diff(timestamp) < 60_000, "{line}");
    let part = ["Role", "Reason"]
        .into_iter()
        .find(|it| line.get(it).is_some());
    let mut members = 3 + usize::from(part.is_some());
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        assert_eq!(directive["Namespace"], "Switchboard", "{line}");
        let sets: Vec<Vec<String>> =
            serde_json::from_value(directive["Dimensions"].clone()).unwrap();
        for metric in directive["Metrics"].as_array().unwrap() {
            members += 1;
            let name = metric["Name"].as_str().unwrap();
            let known = Metric::ALL.into_iter().find(|it| it.name() == name);
            let known = known.unwrap_or_else(|| panic!("{name} is unknown: {line}"));
            assert_eq!(metric["Unit"], emf::unit(known), "{line}");
            let table = emf::dimension_sets(known);
            for set in &sets {
                assert!(
                    table.iter().any(|it| it == set),
                    "{set:?} is not of {name}: {line}"
                );
                assert!(set.iter().all(|it| line[it].is_string()), "{line}");
            }
            let of_parts = known.kind() == Kind::Gauge && part.is_some();
            assert_eq!(
                sets.iter().any(|it| *it == ["Environment"]),
                !of_parts,
                "{line}"
            );
            let number = match &line[name] {
                Value::Array(durations) => durations.len() as u64,
                number => number.as_u64().unwrap(),
            };
            if let Some(part) = part {
                let value = line[part].as_str().unwrap();
                *counts.entry(format!("{name}/{value}")).or_default() += number;
            }
            if !of_parts {
                *counts.entry(name.to_owned()).or_default() += number;
            }
        }
    }
    let all = line.as_object().unwrap().len();
    assert_eq!(
        all, members,
        "what is neither told of nor a dimension: {line}"
    );
}

fn request_id(number: u64) -> String {
    format!("8476a536-e9f4-11e8-9739-{number:012x}")
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    // The long poll: without an event there is no answer.
    let Some(event) = runtime.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let number = runtime
        .next
        .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", request_id(number)),
        (
            "lambda-runtime-deadline-ms",
            (now_ms() + 29_000).to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:switchboard".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned(),
        ),
    ];
    (headers, event).into_response()
}

async fn response(state: State<Arc<Runtime>>, id: Path<String>, body: Bytes) -> StatusCode {
    done(
        state,
        id,
        Ok(serde_json::from_slice(&body).expect("a result is JSON")),
    )
    .await
}

async fn error(state: State<Arc<Runtime>>, id: Path<String>, body: Bytes) -> StatusCode {
    done(
        state,
        id,
        Err(serde_json::from_slice(&body).expect("an error is JSON")),
    )
    .await
}

async fn done(
    State(runtime): State<Arc<Runtime>>,
    Path(id): Path<String>,
    outcome: Outcome,
) -> StatusCode {
    runtime
        .outcomes
        .send((id, outcome))
        .await
        .expect("somebody invoked it");
    StatusCode::ACCEPTED
}
