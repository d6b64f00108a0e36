//! What the functions counted since the start, in bounded room: of durations a histogram is kept, and not each one.

use std::collections::BTreeMap;

use switchboard::{Metric, Tally};

/// The upper bounds of a histogram's classes, in milliseconds.
pub const BOUNDS_MS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 3_000, 10_000];

/// Everything that was counted.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Counts and gauges.
    pub tally: Tally,
    /// How long things took.
    pub histograms: BTreeMap<Metric, Histogram>,
}

/// Durations, by class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// How many were at most as long as each of [`BOUNDS_MS`].
    pub within: [u64; BOUNDS_MS.len()],
    /// How many there were.
    pub count: u64,
    /// How long they took together.
    pub sum_ms: u64,
}

impl Counted {
    pub(super) fn add(&mut self, mut tally: Tally) {
        for (metric, durations) in tally.take_durations() {
            let histogram = self.histograms.entry(metric).or_default();
            for ms in durations {
                histogram.add(ms);
            }
        }
        self.tally.merge(&tally);
    }
}

impl Histogram {
    fn add(&mut self, ms: u64) {
        let classes = self.within.iter_mut().zip(BOUNDS_MS);
        for (within, _) in classes.filter(|(_, bound)| ms <= *bound) {
            *within += 1;
        }
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_every_class_that_is_not_below_it_and_in_the_sum() {
        let mut counted = Counted::default();
        for ms in [0, 10, 11, 3_600_000] {
            let mut tally = Tally::default();
            tally.took(Metric::SendToRelay, ms);
            tally.add(Metric::Sends, 1);
            counted.add(tally);
        }
        let histogram = &counted.histograms[&Metric::SendToRelay];
        assert_eq!(histogram.within, [1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!((histogram.count, histogram.sum_ms), (4, 3_600_021));
        assert_eq!(counted.tally.of(Metric::Sends), 4);
        assert_eq!(counted.tally.durations().count(), 0, "none is kept");
    }
}
