//! A peer's processes: started in groups of their own, looked at through `/proc`, and ended whatever happens.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::Failed;

/// How long a peer may take to listen.
const START: Duration = Duration::from_secs(90);
/// Between two looks at something that takes a while.
const LOOK: Duration = Duration::from_millis(50);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// What Linux counts a process's time in, whatever its own clock's rate.
const TICKS_PER_S: f64 = 100.0;

/// A running process and its address. Dropped, it ends, and so does everything that it started.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    group: Option<Pid>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// A free port of the loopback interface.
pub(crate) async fn free_port() -> Result<u16, Failed> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok(listener.local_addr()?.port())
}

impl Server {
    /// Starts a process and waits until it listens.
    pub(crate) async fn start(mut command: Command, port: u16, log: &Path) -> Result<Self, Failed> {
        let log_file = std::fs::File::create(log)?;
        let child = command
            // Most peers end with their standard input, should we be killed.
            .stdin(Stdio::piped())
            .stdout(log_file.try_clone()?)
            .stderr(log_file)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let mut server = Self {
            child,
            group: id.and_then(Pid::from_raw),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        };
        let began = Instant::now();
        while TcpStream::connect(server.address).await.is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("it ended with {status}").into());
            }
            if began.elapsed() > START {
                return Err("it does not listen".into());
            }
            sleep(LOOK).await;
        }
        Ok(server)
    }

    /// Seconds of CPU that it has used.
    pub(crate) fn cpu_s(&self) -> Result<f64, Failed> {
        let id = self.child.id().ok_or("a peer has ended")?;
        cpu_s(&id.to_string())
    }

    /// Its resident memory in KiB.
    pub(crate) fn rss_kib(&self) -> Result<u64, Failed> {
        let id = self.child.id().ok_or("a peer has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse()?)
    }

    /// An HTTP request, and the body of its answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Failed> {
        let asked = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let (address, length) = (self.address, body.len());
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok::<_, Failed>(answer)
        };
        let answer = timeout(ANSWER, asked).await??;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("{path} was answered {head}").into());
        }
        Ok(body.to_owned())
    }

    /// Ends it, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> Result<(), Failed> {
        self.kill();
        self.child.wait().await?;
        Ok(())
    }

    fn kill(&self) {
        if let Some(group) = self.group
            && kill_process_group(group, Signal::KILL).is_err()
        {
            // It has ended already: there is nobody to tell.
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A group whose leader was waited for may be another's by now.
        if self.child.id().is_some() {
            self.kill();
        }
    }
}

/// Seconds of CPU that a process has used; `self` is this one.
pub(crate) fn cpu_s(process: &str) -> Result<f64, Failed> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may contain anything, spaces too.
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || -> Result<f64, Failed> { Ok(fields.next().ok_or("no times")?.parse()?) };
    let ticks = next()? + next()?;
    Ok(ticks / TICKS_PER_S)
}
