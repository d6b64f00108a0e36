//! `switchboard conformance` as a user runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use switchboard_handlers::aws::clock::SystemClock;
use switchboard_tests::program;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::driver::drive;
use crate::tamper::Tamper;
use crate::wrong::sending::sends_after_what_it_lacks;

/// A bound on real time: nothing waits for it, and a process that hangs ends.
const PATIENCE: Duration = Duration::from_mins(1);

fn command(args: &[&str]) -> Command {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| program::build(env!("CARGO_TARGET_TMPDIR"), &["switchboard"]));
    let mut command = Command::new(&built["switchboard"]);
    command
        .arg("conformance")
        .args(args)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A kit that plays `hello` once.
struct Once {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<String>,
}

impl Once {
    fn start() -> Self {
        let mut child = command(&["--listen", "127.0.0.1:0", "--play", "hello,hello", "--once"])
            .spawn()
            .expect("failed to run switchboard");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = Vec::new();
        Self { child, lines, said }
    }

    async fn line(&mut self) -> Option<String> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("it says nothing").unwrap();
        self.said.extend(line.clone());
        line
    }

    /// Lets a client play, and returns what was said and the code that it ended with.
    async fn judge(mut self, tamper: Tamper) -> (Vec<String>, Option<i32>, String) {
        let address = loop {
            let line = self.line().await.expect("it ended");
            if let Some((_, rest)) = line.split_once("ws://") {
                break rest.split_once('/').unwrap().0.parse().unwrap();
            }
        };
        let clock = SystemClock;
        let playing = drive(address, "hello", 1, tamper, &clock);
        let judged = async { while self.line().await.is_some() {} };
        tokio::select! {
            () = judged => {}
            () = playing => unreachable!("a client plays until it is dropped"),
        }
        let ended = timeout(PATIENCE, self.child.wait_with_output()).await;
        let Output { status, stderr, .. } = ended.expect("it did not end").unwrap();
        (self.said, status.code(), String::from_utf8(stderr).unwrap())
    }
}

#[tokio::test]
async fn once_is_0_for_a_client_that_breaks_nothing() {
    let (said, code, error) = Once::start().judge(Tamper::default()).await;
    assert_eq!((code, error.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("hello: passed"));
}

#[tokio::test]
async fn once_is_1_and_a_line_for_a_client_that_breaks_a_rule() {
    let (said, code, error) = Once::start().judge(sends_after_what_it_lacks()).await;
    assert_eq!(code, Some(1), "{said:?}");
    assert_eq!(error, "switchboard: 0 of 1 plays passed\n");
    assert!(said.iter().any(|it| it == "hello: broken"), "{said:?}");
    assert!(
        said.iter()
            .any(|it| it.trim().starts_with("after-cursor (")),
        "{said:?}"
    );
}

#[tokio::test]
async fn help_and_what_it_does_not_understand() {
    let ended = async |args: &[&str]| {
        let output = timeout(PATIENCE, command(args).output()).await;
        let output = output.expect("it did not end").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, help, _) = ended(&["--help"]).await;
    assert_eq!(code, Some(0));
    for word in [
        "--listen",
        "--play",
        "--once",
        "SWITCHBOARD_CONFORMANCE_LISTEN",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for (args, named) in [
        (["--play", "nonsense"], "lost-ack"),
        (["--listen", "nowhere"], "--listen"),
    ] {
        let (code, out, error) = ended(&args).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}: {error}");
        assert!(
            error.contains(named) && error.lines().count() == 1,
            "{args:?}: {error}"
        );
    }
}
