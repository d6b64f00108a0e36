//! One account, and who pays at the moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use switchboard::Clock;

use super::unit::Unit;

tokio::task_local! {
    /// Whose invocation this is: services are asked from within the functions' own futures, and never by other tasks.
    static PAYER: Payer;
}

/// An invocation, and the account that pays for it.
#[derive(Debug)]
struct Payer {
    account: Arc<Account>,
    /// Requests that it waits for.
    waits_for: Arc<AtomicU64>,
}

/// What somebody consumed.
#[derive(Debug, Default)]
pub struct Account {
    counts: [AtomicU64; Unit::ALL.len()],
}

/// A reading of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading([u64; Unit::ALL.len()]);

impl Account {
    /// Charges it.
    pub(crate) fn charge(&self, unit: Unit, count: u64) {
        self.counts[unit as usize].fetch_add(count, Relaxed);
    }

    /// Runs an invocation of a function and charges it, with whatever it asks services for.
    pub(crate) async fn pays<T>(
        self: &Arc<Self>,
        clock: &dyn Clock,
        invocation: impl Future<Output = T>,
    ) -> T {
        let bill = Bill {
            account: self,
            clock,
            began_at: clock.now_ms(),
        };
        let payer = Payer {
            account: Arc::clone(self),
            waits_for: Arc::default(),
        };
        let done = PAYER.scope(payer, invocation).await;
        drop(bill);
        done
    }

    /// What it has consumed so far.
    pub fn read(&self) -> Reading {
        Reading(std::array::from_fn(|it| self.counts[it].load(Relaxed)))
    }
}

/// An invocation that runs: it is charged however it ends, by being dropped too.
struct Bill<'a> {
    account: &'a Account,
    clock: &'a dyn Clock,
    began_at: u64,
}

impl Drop for Bill<'_> {
    fn drop(&mut self) {
        let took_ms = self.clock.now_ms().saturating_sub(self.began_at);
        self.account.charge(Unit::Invocations, 1);
        self.account.charge(Unit::FunctionMs, took_ms.max(1));
    }
}

impl Reading {
    /// How many of a unit.
    pub fn of(&self, unit: Unit) -> u64 {
        self.0[unit as usize]
    }

    /// The same, and `count` more of a unit.
    #[must_use]
    pub fn and(mut self, unit: Unit, count: u64) -> Self {
        self.0[unit as usize] += count;
        self
    }

    /// What was consumed since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self(std::array::from_fn(|it| {
            self.0[it].saturating_sub(earlier.0[it])
        }))
    }
}

/// Charges whoever's function asks, and says whether there is one: an operator's request is nobody's.
pub(crate) fn charge(unit: Unit, count: u64) -> bool {
    PAYER
        .try_with(|payer| payer.account.charge(unit, count))
        .is_ok()
}

/// A request that a function waits for, as long as this lives.
#[derive(Debug)]
pub(crate) struct Waiting(Option<Arc<AtomicU64>>);

impl Waiting {
    /// A request begins. Where the function waits for none yet, it begins to wait.
    pub(crate) fn begin() -> Self {
        let begun = PAYER.try_with(|payer| {
            if payer.waits_for.fetch_add(1, Relaxed) == 0 {
                payer.account.charge(Unit::RoundTrips, 1);
            }
            Arc::clone(&payer.waits_for)
        });
        Self(begun.ok())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(waits_for) = &self.0 {
            waits_for.fetch_sub(1, Relaxed);
        }
    }
}
