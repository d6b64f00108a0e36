//! Every time and bound of the kit: the kit judges clients with real backoffs over real networks, so they are generous.

/// How long a play waits for something that may take a reconnect: more than the longest backoff.
pub(crate) const RECONNECT_MS: u64 = 75_000;
/// How long it waits for anything else: more than a client's own patience with an answer.
pub(crate) const ANSWER_MS: u64 = 30_000;
/// How long before its `reconnect_by` the first connection of that play is told of it.
pub(crate) const RECONNECT_BY_MS: u64 = 15_000;
/// When connections are to be replaced otherwise: later than any play ends.
pub(crate) const RECONNECT_BY_LATE_MS: u64 = 105 * 60 * 1_000;

/// The handshakes that are refused in a row.
pub(crate) const REFUSALS: usize = 5;
/// What the pauses before that many attempts and one more come to at least.
///
/// With full jitter from 0.5 s they are six even draws below 0.5, 1, 2, 4, 8 and 16 s; three in a
/// hundred thousand honest clients stay below this sum, and pauses of 0.25 s in a row never reach it.
pub(crate) const PAUSES_MS_MIN: u64 = 1_500;
/// How far random pauses lie apart, in percent: six that agree more closely, or that double more exactly, are not random.
pub(crate) const JITTER_PERCENT: u64 = 5;
/// What the pauses of a client that was replaced four times come to at least, even if each is drawn below 0.5 s.
pub(crate) const TAKEOVER_PAUSES_MS_MIN: u64 = 100;

/// Receipts closer to each other are too close: the second that the protocol asks for, less what a network may squeeze.
pub(crate) const RECEIPTS_MS_MIN: u64 = 700;
/// How often they may be: a network may also squeeze more.
pub(crate) const RECEIPTS_CLOSE_MAX: usize = 2;
/// The same of `typing`, of three seconds.
pub(crate) const TYPING_MS_MIN: u64 = 2_500;
/// What a retry may be early by: two clocks that count at their own pace.
pub(crate) const RETRY_EARLY_MS: u64 = 20;

/// Frames of a client in one play: the longest play takes less than a hundred.
pub(crate) const FRAMES_MAX: usize = 1_000;
/// Connections of a client in one play: the longest play takes eight.
pub(crate) const CONNECTIONS_MAX: usize = 50;
/// What is said of one rule: a client that breaks it at every frame is told often enough.
pub(crate) const BREACHES_PER_RULE_MAX: usize = 3;
/// Lines of a transcript. What comes later is counted.
pub(crate) const LINES_MAX: usize = 2_000;
/// Characters of a frame in a transcript, or in a reason.
pub(crate) const LINE_CHARS_MAX: usize = 400;

// A retry that waits as it was told is back before the play gives up.
const _: () = assert!(RECONNECT_BY_MS < ANSWER_MS && ANSWER_MS < RECONNECT_MS);
