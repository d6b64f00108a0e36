//! When a gateway dies: rolled from a seed, so that a failure names the run that found it.

use std::fmt;
use std::time::Duration;

use crate::cast::Readers;

/// Beyond a start of the executable as it is built for tests, so that some of what is rolled comes after it.
const START: Duration = Duration::from_millis(40);
/// About as long as a stop under load takes.
const STOP: Duration = Duration::from_millis(20);

/// A sequence of numbers that look random: `SplitMix64`.
#[derive(Debug)]
pub(crate) struct Dice(u64);

/// When, and on top of what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// In the middle of the load.
    Load,
    /// While it stops, because it was told to.
    Stop(Duration),
    /// In the middle of the load, and again so much after the next start began.
    Start(Duration),
    /// In the middle of the load, and again so much after the next start was ready: what was left is being delivered.
    Redelivery(Duration),
}

/// One round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// How many acknowledgements the load gets.
    pub(crate) acks: u64,
    pub(crate) readers: Readers,
    pub(crate) moment: Moment,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut roll = self.0;
        roll = (roll ^ (roll >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        roll = (roll ^ (roll >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (roll ^ (roll >> 31)) % bound
    }

    /// A time shorter than this one.
    pub(crate) fn within(&mut self, bound: Duration) -> Duration {
        let bound_us = u64::try_from(bound.as_micros()).expect("it is short");
        Duration::from_micros(self.below(bound_us))
    }

    pub(crate) fn round(&mut self) -> Round {
        Round {
            acks: 10 + self.below(41),
            readers: if self.below(2) == 0 {
                Readers::Hear
            } else {
                Readers::Away
            },
            moment: match self.below(8) {
                0..4 => Moment::Load,
                4 => Moment::Stop(self.within(STOP)),
                5 | 6 => Moment::Start(self.within(START)),
                _ => Moment::Redelivery(self.within(START)),
            },
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acks,
            readers,
            moment,
        } = self;
        write!(
            f,
            "{moment:?} after {acks} acknowledgements, the readers {readers:?}"
        )
    }
}
