//! What happened, line by line: always as a hash, and as text when somebody wants to read it.

use std::fmt::{self, Write};
use std::sync::Mutex;

/// The account of a run.
#[derive(Debug)]
pub struct Trace {
    state: Mutex<State>,
    keeps: bool,
}

#[derive(Debug)]
struct State {
    hash: Fnv,
    lines: Vec<String>,
}

/// FNV-1a: the same in every process, on every machine.
#[derive(Debug)]
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

impl Trace {
    /// An empty account that keeps its lines, or only their hash.
    pub fn new(keeps: bool) -> Self {
        let state = State {
            hash: Fnv(0xcbf2_9ce4_8422_2325),
            lines: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            keeps,
        }
    }

    /// Adds a line: when, who, what.
    pub fn line(&self, micros: u64, who: fmt::Arguments<'_>, what: fmt::Arguments<'_>) {
        let mut state = self.state.lock().unwrap();
        writeln!(state.hash, "{micros} {who} {what}").unwrap();
        if self.keeps {
            let seconds = micros / 1_000_000;
            let rest = micros % 1_000_000 / 100;
            let line = format!("{seconds:>5}.{rest:04}  {:<14} {what}", who.to_string());
            state.lines.push(line);
        }
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> u64 {
        self.state.lock().unwrap().hash.0
    }

    /// The lines.
    pub fn lines(&self) -> Vec<String> {
        self.state.lock().unwrap().lines.clone()
    }
}
