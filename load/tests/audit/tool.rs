//! The executable, run to its end.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use switchboard_load::report::Report;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::gateway::Gateway;

/// A run that goes on.
pub(crate) struct Tool {
    child: Child,
    directory: TempDir,
}

/// A run that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    output: Output,
    directory: TempDir,
}

impl Tool {
    /// Runs it to its end.
    pub(crate) async fn run(gateway: &Gateway, args: &str) -> Ended {
        Self::start(gateway, args).ended().await
    }

    /// Starts it.
    pub(crate) fn start(gateway: &Gateway, args: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let mut tokens = String::new();
        for pair in 0..10 {
            writeln!(tokens, "c{pair} customer c{pair}\np{pair} provider p{pair}").unwrap();
        }
        let file = directory.path().join("tokens");
        std::fs::write(&file, tokens).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_switchboard-load"))
            .args(args.split(' '))
            .args([
                "--url",
                &format!("ws://{}/local", gateway.address),
                "--name",
                "run",
                "--out",
            ])
            .arg(directory.path())
            .arg("--tokens")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child, directory }
    }

    /// Sends it a signal.
    pub(crate) async fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .await;
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> Ended {
        let output = self.child.wait_with_output().await.unwrap();
        Ended {
            code: output.status.code(),
            output,
            directory: self.directory,
        }
    }
}

impl Ended {
    /// What it said.
    pub(crate) fn words(&self) -> String {
        let (out, err) = (&self.output.stdout, &self.output.stderr);
        format!(
            "{}{}",
            String::from_utf8_lossy(out),
            String::from_utf8_lossy(err)
        )
    }

    /// A file that it wrote.
    pub(crate) fn file(&self, ending: &str) -> PathBuf {
        self.directory.path().join(format!("run.{ending}"))
    }

    /// The report that it wrote.
    pub(crate) fn report(&self) -> Report {
        let text = std::fs::read_to_string(self.file("json")).unwrap();
        Report::from_json(&text).unwrap()
    }
}
