//! Every bound of the stand-in. The defaults are the platform's quotas where it has one.

/// The bounds, overridable so that a test can meet them quickly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A longer frame from a client closes with 1009; a longer message to it is fragmented.
    pub frame_bytes_max: usize,
    /// A longer message from a client closes with 1009; a longer post answers 413.
    pub message_bytes_max: usize,
    /// Without a data frame in either direction for so long, a connection closes with 1001.
    pub idle_ms: u64,
    /// No connection lives longer; it closes with 1001.
    pub life_ms: u64,
    /// What a function may take.
    pub integration_timeout_ms: u64,
    /// New connections a second, with a second's worth of burst; beyond, handshakes get 429.
    pub connects_per_s: u64,
    /// Frames and management calls together, a second.
    pub requests_per_s: u64,
    /// The bucket that [`requests_per_s`](Self::requests_per_s) fills.
    pub requests_burst: u64,
    /// Posts that may wait for one connection's reader; beyond, posts answer 429.
    pub outbound_frames_max: usize,
    /// The bytes of those posts.
    pub outbound_bytes_max: usize,
    /// Frames of one connection that are being answered: beyond, its socket is not read.
    pub in_flight_max: usize,
    /// Whether the frames of one connection are answered at the same time.
    pub invocations: Invocations,
    /// How long a closing socket may take to deliver what is queued and its close frame.
    pub linger_ms: u64,
    /// How long a shutdown waits for what is in flight.
    pub shutdown_ms: u64,
}

/// How the frames of one connection become invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invocations {
    /// At the same time, so also reordered: what the platform does.
    Concurrent,
    /// One after the other, in the order of the frames.
    Serial,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 32 * 1024,
            message_bytes_max: 128 * 1024,
            idle_ms: 10 * 60 * 1000,
            life_ms: 2 * 60 * 60 * 1000,
            integration_timeout_ms: 29_000,
            connects_per_s: 500,
            requests_per_s: 10_000,
            requests_burst: 5_000,
            outbound_frames_max: 256,
            outbound_bytes_max: 1024 * 1024,
            in_flight_max: 64,
            invocations: Invocations::Concurrent,
            linger_ms: 5_000,
            shutdown_ms: 10_000,
        }
    }
}
