//! What a host's metrics want to know, counted where it happens.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// A reading of the counters, all since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Handshakes that were answered 101.
    pub connects: u64,
    /// Handshakes that were not, by status.
    pub refused: BTreeMap<u16, u64>,
    /// Text messages from clients.
    pub frames_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Messages written to clients: posts, replies and error frames.
    pub frames_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// The platform's own error frames among them.
    pub error_frames: u64,
    /// Ended connections, by close code.
    pub closes: BTreeMap<u16, u64>,
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    connects: AtomicU64,
    frames_in: AtomicU64,
    bytes_in: AtomicU64,
    frames_out: AtomicU64,
    bytes_out: AtomicU64,
    error_frames: AtomicU64,
    refused: Mutex<BTreeMap<u16, u64>>,
    closes: Mutex<BTreeMap<u16, u64>>,
}

impl Counters {
    pub(crate) fn connected(&self) {
        self.connects.fetch_add(1, Relaxed);
    }

    pub(crate) fn refused(&self, status: u16) {
        count(&self.refused, status);
    }

    pub(crate) fn heard(&self, bytes: usize) {
        self.frames_in.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn said(&self, bytes: usize) {
        self.frames_out.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn erred(&self) {
        self.error_frames.fetch_add(1, Relaxed);
    }

    pub(crate) fn closed(&self, code: u16) {
        count(&self.closes, code);
    }

    pub(crate) fn read(&self) -> Counts {
        Counts {
            connects: self.connects.load(Relaxed),
            refused: self
                .refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            frames_in: self.frames_in.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            frames_out: self.frames_out.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            error_frames: self.error_frames.load(Relaxed),
            closes: self
                .closes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }
}

fn count(by_code: &Mutex<BTreeMap<u16, u64>>, code: u16) {
    *by_code
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(code)
        .or_default() += 1;
}
