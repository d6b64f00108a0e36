//! `census`: how many are connected, every minute, and the rows that nobody else removes.

use serde::Serialize;
use switchboard::Tally;
use switchboard::census::{Census, Taken};

/// What a census came to, for whoever invokes it by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether the whole table was read. Only then something is said of how many are connected.
    pub complete: bool,
}

/// Takes a census. The event says nothing: a schedule's, or anybody's.
pub async fn handle(census: &Census, tally: &mut Tally) -> Report {
    let complete = census.take(tally).await == Taken::Complete;
    Report { complete }
}
