//! Latencies, each of them kept: a run has some ten thousand.

use tokio::time::Instant;

/// Microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    /// Notes what began then and has just ended.
    pub(crate) fn record(&mut self, began: Instant) {
        let micros = began.elapsed().as_micros();
        self.0.push(u64::try_from(micros).unwrap_or(u64::MAX));
    }

    /// Takes another's in.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The one that so many of a thousand are not above; none where nothing was noted.
    pub(crate) fn at(&mut self, per_mille: usize) -> Option<u64> {
        self.0.sort_unstable();
        let place = (self.0.len() * per_mille).div_ceil(1_000);
        self.0.get(place.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_among_all_of_them() {
        let mut latencies = Latencies((1..=1_000).rev().collect());
        assert_eq!(latencies.at(500), Some(500));
        assert_eq!(latencies.at(990), Some(990));
        assert_eq!(latencies.at(1_000), Some(1_000));
        assert_eq!(Latencies(vec![7]).at(500), Some(7));
        assert_eq!(Latencies::default().at(500), None);
    }
}
