//! The shortest fault script that still fails: strikes are left out, by halves and then one by one, and the run is cut short.

use std::collections::BTreeSet;

use super::fault::Strike;
use super::run::{Outcome, Run};

/// Runs that shrinking may take.
const RUNS_MAX: usize = 300;

/// A failure, made as short as it was possible to.
#[derive(Debug)]
pub struct Shrunk {
    /// The run.
    pub run: Run,
    /// What it came to, with its timeline.
    pub outcome: Outcome,
    /// How many runs that took.
    pub runs: usize,
}

/// Shrinks a run that failed, by whatever makes a failure.
pub fn shrink(failed: &Run, fails: impl Fn(&Outcome) -> bool) -> Option<Shrunk> {
    let first = failed.go();
    if !fails(&first) {
        return None;
    }
    let mut search = Search {
        best: failed.clone(),
        fails,
        runs: 1,
    };
    search.best.only = Some(first.struck.iter().copied().collect());
    search.fewer_strikes();
    search.fewer_actions();
    search.fewer_strikes();
    search.best.keeps_trace = true;
    let outcome = search.best.go();
    Some(Shrunk {
        run: search.best,
        outcome,
        runs: search.runs,
    })
}

struct Search<F> {
    best: Run,
    fails: F,
    runs: usize,
}

impl<F: Fn(&Outcome) -> bool> Search<F> {
    /// Takes a shorter run if it fails as well.
    fn takes(&mut self, shorter: Run) -> bool {
        if self.runs >= RUNS_MAX {
            return false;
        }
        self.runs += 1;
        let fails = (self.fails)(&shorter.go());
        if fails {
            self.best = shorter;
        }
        fails
    }

    fn fewer_strikes(&mut self) {
        let mut size = self.strikes().len();
        while size > 0 {
            let mut from = 0;
            while from < self.strikes().len() {
                let strikes = self.strikes();
                let kept = strikes
                    .iter()
                    .take(from)
                    .chain(strikes.iter().skip(from + size));
                let only: BTreeSet<Strike> = kept.copied().collect();
                let shorter = Run {
                    only: Some(only),
                    ..self.best.clone()
                };
                if !self.takes(shorter) {
                    from += size;
                }
            }
            size /= 2;
        }
    }

    fn strikes(&self) -> Vec<Strike> {
        self.best.only.iter().flatten().copied().collect()
    }

    fn fewer_actions(&mut self) {
        let mut step = self.best.actions / 2;
        while step > 0 {
            let actions = self.best.actions.saturating_sub(step);
            let shorter = Run {
                actions,
                ..self.best.clone()
            };
            if !self.takes(shorter) {
                step /= 2;
            }
        }
    }
}
