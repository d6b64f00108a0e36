//! What the audit found, over all conversations.

use serde::{Deserialize, Serialize};

/// The audit of a run. A fault in it fails the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Entry ids that devices sent.
    pub sent: u64,
    /// Of those, the ones that were answered with `sent`.
    pub acknowledged: u64,
    /// Of those, the ones that never were: refused, or the run ended first. They may or may not be in the log.
    pub in_doubt: u64,
    /// Entries that reached a device other than the sending one, each once for each device.
    pub received: u64,
    /// Fault: places that a device does not hold, though it has synced.
    pub missing: u64,
    /// Fault: acknowledged entries that the log does not have when it is read back.
    pub lost: u64,
    /// Fault: entries that stand at two places, or places with two entries.
    pub doubled: u64,
    /// Fault: entries whose order in the log, or in an answer, is not the order in which they were sent.
    pub disordered: u64,
    /// Fault: entries that nobody in the run sent there.
    pub strangers: u64,
    /// Fault: entries for a member who was away, of which no push told; where the push inbox can be read.
    pub unpushed: u64,
    /// Live deliveries of what the device already had: the gateway repeats what was not confirmed in time. No fault.
    pub again: u64,
    /// Live deliveries that overtook an earlier entry: the protocol allows it, `seq` tells. No fault.
    pub early: u64,
}

impl Audit {
    /// Whether there is no fault.
    pub fn is_clean(&self) -> bool {
        self.faults() == 0
    }

    /// The faults of all kinds.
    pub fn faults(&self) -> u64 {
        self.missing + self.lost + self.doubled + self.disordered + self.strangers + self.unpushed
    }
}

impl std::ops::AddAssign for Audit {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.acknowledged += other.acknowledged;
        self.in_doubt += other.in_doubt;
        self.received += other.received;
        self.missing += other.missing;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.disordered += other.disordered;
        self.strangers += other.strangers;
        self.unpushed += other.unpushed;
        self.again += other.again;
        self.early += other.early;
    }
}
