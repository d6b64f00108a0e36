//! What a run may ask for at most. A load tool without bounds is an accident that waits for a typing error.

use std::time::Duration;

use switchboard_protocol::limits as wire;

/// Users of one run: each is a socket, and a client's address has some 28,000 ports for one server.
pub const USERS_MAX: u32 = 20_000;
/// Devices of one user in `fanout`.
pub const DEVICES_MAX: u32 = 200;
/// Conversations of one pair: `sync` looks at so many recent ones by itself.
pub const CONVERSATIONS_MAX: u32 = wire::SYNC_RECENT_MAX as u32;
/// Messages a second, of all together: far above what one thread of this tool can drive.
pub const RATE_MAX: f64 = 100_000.0;
/// Messages that one run may intend: the audit remembers each, in some 16 bytes.
pub const MESSAGES_MAX: f64 = 20_000_000.0;
/// How long a run may take: tokens of a local host live a day, and the run has to end before they do.
pub const DURATION_MAX: Duration = Duration::from_hours(23);
/// Messages that each pair of a closed loop keeps in flight.
pub const IN_FLIGHT_MAX: u32 = 100;
/// A body's text.
pub const BODY_BYTES_MAX: u32 = wire::TEXT_CHARS_MAX as u32;
/// Handshakes a second while users gather: the platform's default quota is 500.
pub const CONNECT_RATE_MAX: u32 = 5_000;
/// Times that everybody is dropped in `storm`.
pub const ROUNDS_MAX: u32 = 20;
/// Points of a series in a report: as many as a chart has pixels.
pub const POINTS_MAX: u64 = 600;
/// The answer of a local host to a question of ours: the push inbox is the longest.
pub const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Sends in the wire's window of one user in a conversation.
pub const SENDS_MAX: usize = wire::SENDS_MAX;
/// That window.
pub const SENDS_WINDOW_US: u64 = wire::SENDS_WINDOW_MS * 1_000;

/// What one user may send in one conversation, in messages a second.
pub fn sends_per_s() -> f64 {
    SENDS_MAX as f64 * 1e6 / SENDS_WINDOW_US as f64
}
