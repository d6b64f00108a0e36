//! Goal: whatever was acknowledged survives `kill -9`, once and in its place, and a send that was not answered may be
//! repeated.
//! Method: on one data directory, six clients send without pause; after a seeded number of acknowledgements the process
//! is killed; the next one is asked for everything. Real time, twenty rounds.

use futures_util::future::join_all;

use crate::gateway::Gateway;
use crate::writer::{Acks, Writer};

/// Every run is this one, as far as time allows.
const SEED: u64 = 0x5eed_0f51_77c4_b0a7;
const ROUNDS: usize = 20;
const WRITERS: usize = 6;

/// The next of a sequence of numbers that look random: `SplitMix64`.
fn roll(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut roll = *state;
    roll = (roll ^ (roll >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    roll = (roll ^ (roll >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    roll ^ (roll >> 31)
}

async fn check(writers: &mut [Writer], gateway: &Gateway, at: &str) {
    join_all(writers.iter_mut().map(|it| it.check(gateway, at))).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::on(data.path()).await;
    let prepared = (0..WRITERS).map(|number| Writer::prepare(&gateway, number));
    let mut writers = join_all(prepared).await;
    let mut dice = SEED;
    for round in 1..=ROUNDS {
        let count = 10 + roll(&mut dice) % 41;
        let at = format!("seed {SEED:#x}, round {round}, killed after {count}");
        let acks = Acks::until(count);
        let address = gateway.address;
        let writing = join_all(writers.iter_mut().map(|it| it.write(address, &acks, &at)));
        let killing = async {
            acks.reached().await;
            gateway.kill().await;
        };
        tokio::join!(writing, killing);
        gateway = Gateway::on(data.path()).await;
        check(&mut writers, &gateway, &at).await;
    }
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let gateway = Gateway::on(data.path()).await;
    check(&mut writers, &gateway, "after a clean stop").await;
    gateway.stop("TERM").await;
    let acknowledged: usize = writers.iter().map(Writer::acknowledged).sum();
    assert!(acknowledged >= 10 * ROUNDS, "{acknowledged}: nobody wrote");
}
