//! The emulator's process: a free port, loopback alone, all state in a folder that goes with it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

/// A bound on real time: nothing waits for it, and an emulator that never gets ready ends.
const PATIENCE: Duration = Duration::from_mins(1);
/// Below the ports that the system gives to outgoing connections, so that none of those takes ours in between.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Runs a program, and ends its process group when standard input does: a test that is killed cannot clean up.
const WATCHED: &str =
    r#"exec 3<&0; { cat <&3 >/dev/null; kill -KILL 0; } 2>/dev/null & exec "$0" 3<&- </dev/null"#;

/// A running emulator. Its process, and the functions that it runs, end when this is dropped.
#[derive(Debug)]
pub(crate) struct Machine {
    child: Child,
    port: u16,
    directory: TempDir,
}

impl Machine {
    /// Starts one and waits until it says that it is ready. Nothing is written to its standard input, ever.
    pub(crate) fn start() -> Self {
        let program = program();
        let directory = TempDir::with_prefix("switchboard-emulator-").unwrap();
        let port = free_port();
        let scratch = directory.path().join("tmp");
        fs::create_dir(&scratch).unwrap();
        let mut child = Command::new("/bin/sh")
            .arg("-c")
            .arg(WATCHED)
            .arg(&program)
            // What is set here reaches the functions too: nothing of the caller's does.
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", directory.path())
            .env("TMPDIR", &scratch)
            .env("STATE_DIR", directory.path().join("state"))
            .env("S3_DATA_DIR", directory.path().join("s3"))
            .env("BIND_HOST", Ipv4Addr::LOCALHOST.to_string())
            .env("MINISTACK_HOST", Ipv4Addr::LOCALHOST.to_string())
            .env("GATEWAY_PORT", port.to_string())
            // The two services that would listen on every interface.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            // Requests are held against the policies of who signed them: the functions live under their own roles.
            .env("AUTH", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // The functions are its children and have to end with it.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("failed to run {}: {error}", program.display()));
        let log = File::create(directory.path().join("log")).unwrap();
        let (ready, is_ready) = mpsc::channel();
        let lines = child.stderr.take().unwrap();
        std::thread::spawn(move || keep_log(lines, log, &ready));
        let machine = Self {
            child,
            port,
            directory,
        };
        let became_ready = is_ready.recv_timeout(PATIENCE).is_ok();
        assert!(
            became_ready,
            "the emulator did not get ready:\n{}",
            machine.log()
        );
        machine
    }

    /// Where it listens.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Where it listens, as an endpoint.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.authority())
    }

    /// A folder that goes with it.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The end of what it logged.
    pub(crate) fn log(&self) -> String {
        let text = fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        // Already gone is as good.
        let _gone = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        let _status = self.child.wait();
    }
}

/// Copies what the emulator says into a file, and tells when it listens.
fn keep_log(lines: ChildStderr, mut log: File, ready: &mpsc::Sender<()>) {
    for line in BufReader::new(lines).split(b'\n').map_while(Result::ok) {
        log.write_all(&line).unwrap();
        log.write_all(b"\n").unwrap();
        if String::from_utf8_lossy(&line).contains("Running on http://") {
            // Nobody waits any more once it was ready.
            let _heard = ready.send(());
        }
    }
}

fn program() -> PathBuf {
    let program = root().join(".tools/emulator/bin/ministack");
    assert!(
        program.exists(),
        "the emulator is not installed: run tests/emulator/setup"
    );
    program
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn free_port() -> u16 {
    let mut dice = fastrand::Rng::with_seed(u64::from(std::process::id()));
    let mut tries = std::iter::repeat_with(|| dice.u16(PORTS)).take(200);
    tries
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("no port is free")
}
