//! Counting what an action takes.

use std::pin::pin;

use switchboard_tests::Bare;

/// Turns of the executor after which everything that can happen without an answer has happened.
const TURNS: usize = 200;

/// What an action took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cost {
    pub(crate) action: &'static str,
    /// Write units.
    pub(crate) written: f64,
    /// Read units.
    pub(crate) read: f64,
    /// The requests and posts of each round trip.
    pub(crate) waves: Vec<Vec<String>>,
}

impl Cost {
    pub(crate) fn requests(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }
}

async fn settled() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// Does something, wave by wave. Where nothing is on its way the clock is waited for, so it moves.
pub(crate) async fn cost<T>(
    bare: &Bare,
    action: &'static str,
    work: impl Future<Output = T>,
) -> (Cost, T) {
    let gate = bare.wire.gate(None, "");
    bare.relay.bar(&gate);
    bare.wire.forget();
    let (mut work, mut waves) = (pin!(work), Vec::new());
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            () = settled() => {}
        }
        let mut wave = gate.let_through();
        wave.sort();
        if wave.is_empty() {
            bare.clock.advance(1_000);
        } else {
            waves.push(wave);
        }
    };
    gate.open();
    let observed = bare.wire.observed();
    assert!(observed.iter().all(|it| it.operation != "Scan"));
    // A write that its condition refuses is paid for too.
    let paid = |writes: bool| {
        let some = observed.iter().filter(|it| it.writes() == writes);
        some.map(|it| if it.status == 200 { it.units() } else { 1.0 })
            .fold(0.0, |sum, units| sum + units)
    };
    let (written, read) = (paid(true), paid(false));
    let cost = Cost {
        action,
        written,
        read,
        waves,
    };
    (cost, done)
}
