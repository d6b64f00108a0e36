//! What each entry carries along about its conversation's two sides.
//!
//! An entry is stored on condition that its place is free, right after the entry that its sender read. So whatever
//! the newest entry says about the past is exact, and a send learns the sender's rate, what was received and
//! how much is unread without another read and without a counter that could drift.

use switchboard_protocol::limits::{SENDS_MAX, SENDS_WINDOW_MS};
use switchboard_protocol::{Role, Seq, TimestampMs};

/// One thing for each side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// The customer's.
    pub customer: T,
    /// The provider's.
    pub provider: T,
}

impl<T> Sides<T> {
    /// One side's.
    pub fn of(&self, role: Role) -> &T {
        match role {
            Role::Customer => &self.customer,
            Role::Provider => &self.provider,
        }
    }

    /// One side's, to change.
    pub fn of_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Customer => &mut self.customer,
            Role::Provider => &mut self.provider,
        }
    }
}

/// One side, up to and including an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many entries it wrote that count as unread for the other.
    pub written: u64,
    /// What it had received, by the `after` of its own entries.
    pub recv: Seq,
    /// When it sent within the last window, ascending; at most [`SENDS_MAX`].
    pub recent: Vec<TimestampMs>,
}

/// Both sides, and the deletions, up to and including an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    /// The sides.
    pub sides: Sides<Standing>,
    /// How many `delete` entries there are.
    pub deletions: u64,
}

impl Standing {
    /// How long to wait before one more send is within the rate; `None` where it is.
    pub fn wait_ms(&self, now: TimestampMs) -> Option<u64> {
        let within = |at: &&TimestampMs| at.saturating_add(SENDS_WINDOW_MS) > now;
        let recent: Vec<_> = self.recent.iter().filter(within).collect();
        let oldest = recent
            .len()
            .checked_sub(SENDS_MAX)
            .and_then(|over| recent.get(over))?;
        Some(
            oldest
                .saturating_add(SENDS_WINDOW_MS)
                .saturating_sub(now)
                .max(1),
        )
    }
}

impl Standings {
    /// Both sides after one more entry.
    ///
    /// What is stored may be absurd, and must not bring a function down.
    #[must_use]
    pub fn advanced(
        &self,
        by: Role,
        at: TimestampMs,
        after: Seq,
        counted: bool,
        deletion: bool,
    ) -> Self {
        let mut next = self.clone();
        for side in [&mut next.sides.customer, &mut next.sides.provider] {
            side.recent
                .retain(|sent| sent.saturating_add(SENDS_WINDOW_MS) > at);
        }
        let side = next.sides.of_mut(by);
        side.written = side.written.saturating_add(u64::from(counted));
        side.recv = side.recv.max(after);
        side.recent.push(at);
        next.deletions = next.deletions.saturating_add(u64::from(deletion));
        next
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn config() -> ProptestConfig {
        ProptestConfig {
            cases: 512,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        }
    }

    fn sent_at(recent: Vec<TimestampMs>) -> Standing {
        Standing {
            recent,
            ..Standing::default()
        }
    }

    #[test]
    fn twenty_in_ten_seconds_and_not_one_more() {
        let nineteen = sent_at(vec![100_000; 19]);
        let twenty = sent_at(vec![100_000; 20]);
        let spread = sent_at((0..20).map(|it| 100_000 + 500 * it).collect());
        let rows = [
            (&sent_at(Vec::new()), 100_000, None),
            (&nineteen, 100_000, None),
            (&twenty, 100_000, Some(10_000)),
            (&twenty, 109_999, Some(1)),
            (&twenty, 110_000, None),
            (&spread, 109_500, Some(500)),
            (&spread, 109_999, Some(1)),
            (&spread, 110_000, None),
        ];
        for (standing, now, wait_ms) in rows {
            assert_eq!(standing.wait_ms(now), wait_ms, "{standing:?} at {now}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_waits_longer_and_does_not_fail() {
        assert_eq!(sent_at(vec![100_000; 20]).wait_ms(99_000), Some(11_000));
        assert_eq!(sent_at(vec![100_000; 20]).wait_ms(0), Some(110_000));
    }

    /// One entry: whose, how long after the one before, its `after`, and whether it counts and whether it deletes.
    type Step = (bool, u64, Seq, bool, bool);

    fn role(customer: bool) -> Role {
        if customer {
            Role::Customer
        } else {
            Role::Provider
        }
    }

    /// The standings after the steps, each recorded on the one before, and the time of the last.
    fn advanced(steps: &[Step]) -> (Standings, TimestampMs) {
        let start = (Standings::default(), 1_000_000);
        steps.iter().fold(
            start,
            |(standings, ts), (customer, later, after, counted, deletion)| {
                let at = ts + later;
                let next = standings.advanced(role(*customer), at, *after, *counted, *deletion);
                (next, at)
            },
        )
    }

    /// What a reader of the whole log counts.
    fn recounted(steps: &[Step]) -> Standings {
        let mut ts = 1_000_000;
        let timed: Vec<_> = steps
            .iter()
            .map(|step| {
                ts += step.1;
                (ts, step)
            })
            .collect();
        let side = |customer: bool| {
            let own = || timed.iter().filter(move |(_, step)| step.0 == customer);
            Standing {
                written: own().filter(|(_, step)| step.3).count() as u64,
                recv: own().map(|(_, step)| step.2).max().unwrap_or(0),
                recent: own()
                    .map(|(at, _)| *at)
                    .filter(|at| ts - at < 10_000)
                    .collect(),
            }
        };
        Standings {
            sides: Sides {
                customer: side(true),
                provider: side(false),
            },
            deletions: steps.iter().filter(|step| step.4).count() as u64,
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn what_is_carried_along_is_what_a_recount_gives(
            steps in vec((any::<bool>(), 0_u64..4_000, 0_u64..100, any::<bool>(), any::<bool>()), 0..60),
        ) {
            prop_assert_eq!(advanced(&steps).0, recounted(&steps));
        }

        #[test]
        fn the_wait_is_exact(gaps in vec(0_u64..1_500, 0..30), later in 0_u64..12_000) {
            let times = gaps.iter().scan(1_000_000, |at, gap| { *at += gap; Some(*at) });
            let standing = sent_at(times.collect());
            let now = standing.recent.last().unwrap_or(&0) + later;
            let within = |at: TimestampMs| standing.recent.iter().filter(|sent| at - *sent < 10_000).count();
            match standing.wait_ms(now) {
                None => prop_assert!(within(now) < 20),
                Some(wait_ms) => {
                    prop_assert!(within(now + wait_ms) < 20);
                    prop_assert!(within(now + wait_ms - 1) >= 20);
                }
            }
        }
    }
}
