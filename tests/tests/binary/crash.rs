//! Goal: whatever was acknowledged survives `kill -9`, once and in its place, and a send that was not answered may be
//! repeated; receipts never go back; what was not confirmed is pushed, and what was noted as pushed is not pushed again.
//! Method: on one data directory, six clients send without pause, and those they write to confirm some of it; at a
//! rolled moment the process is killed: under load, while it stops, while it starts, while it delivers what the one
//! before left; the next one is asked for everything. Real time.
//!
//! `SWITCHBOARD_CRASH_ROUNDS` rounds (20), rolled from `SWITCHBOARD_SEED`; many of them:
//! `SWITCHBOARD_CRASH_ROUNDS=200 cargo test -p switchboard-tests --test binary crash -- --nocapture`

use std::time::Duration;

use futures_util::future::join;

use crate::cast::Cast;
use crate::gateway::Gateway;
use crate::moment::{Dice, Moment, Round};
use crate::notes::Notes;
use crate::writer::Acks;

/// Every run is this one, as far as time allows.
const SEED: u64 = 0x5eed_0f51_77c4_b0a7;
const ROUNDS: u64 = 20;
/// Starts of a new directory that are cut short.
const FIRST_STARTS: u64 = 10;
/// Beyond such a start, which makes a key.
const FIRST_START: Duration = Duration::from_millis(250);

/// A number from the environment: decimal, or hexadecimal after `0x`.
fn number(name: &str, default: u64) -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to try is up to whoever runs it"
    )]
    let Ok(text) = std::env::var(name) else {
        return default;
    };
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(&digits.replace('_', ""), 16),
        None => text.parse(),
    };
    parsed.unwrap_or_else(|_| panic!("{name}={text} is no number"))
}

/// The load, and the end of the gateway in its middle.
async fn play(cast: &mut Cast, mut gateway: Gateway, notes: &Notes, round: Round, at: &str) {
    let acks = Acks::until(round.acks);
    let load = cast.load(gateway.address, &acks, round.readers, at);
    let ending = async {
        acks.reached().await;
        if let Moment::Stop(later) = round.moment {
            notes.pushes(&gateway, at).await;
            gateway.signal("TERM").await;
            gateway.kill_later(later).await;
        } else {
            gateway.kill().await;
        }
    };
    join(load, ending).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() {
    let (seed, rounds) = (
        number("SWITCHBOARD_SEED", SEED),
        number("SWITCHBOARD_CRASH_ROUNDS", ROUNDS),
    );
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::on(data.path()).await;
    let mut cast = Cast::prepare(&gateway).await;
    let (mut notes, mut dice) = (Notes::default(), Dice::new(seed));
    for number in 1..=rounds {
        let round = dice.round();
        let at = format!("SWITCHBOARD_SEED={seed:#x}, round {number}: {round}");
        play(&mut cast, gateway, &notes, round, &at).await;
        match round.moment {
            Moment::Load | Moment::Stop(_) => {}
            Moment::Start(later) => Gateway::cut_short(data.path(), later).await,
            Moment::Redelivery(later) => {
                let mut next = Gateway::on(data.path()).await;
                next.kill_later(later).await;
            }
        }
        (gateway, notes) = cast.check(data.path(), &at).await;
    }
    let ended = gateway.stop("TERM").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (gateway, notes) = cast.check(data.path(), "after a clean stop").await;
    let pushed = notes.pushes(&gateway, "after a clean stop").await;
    assert!(pushed.is_empty(), "again, after a clean stop: {pushed:?}");
    gateway.stop("TERM").await;
    let acknowledged = cast.acknowledged();
    println!("{rounds} rounds, {acknowledged} acknowledged, none lost, doubled or out of place");
    assert!(
        acknowledged as u64 >= 10 * rounds,
        "{acknowledged}: nobody wrote"
    );
}

#[tokio::test]
async fn a_first_start_may_be_killed_and_done_again() {
    let seed = number("SWITCHBOARD_SEED", SEED);
    let mut dice = Dice::new(seed);
    for round in 1..=FIRST_STARTS {
        let data = tempfile::tempdir().unwrap();
        let later = dice.within(FIRST_START);
        Gateway::cut_short(data.path(), later).await;
        let gateway = Gateway::on(data.path()).await;
        gateway.connect("bob", "provider").await.leave().await;
        let mut alice = gateway.connect("alice", "customer").await;
        let conversation = alice.open("bob").await;
        let sent = alice.send(&conversation, 0, "hello").await;
        assert_eq!(
            sent["seq"], 1,
            "SWITCHBOARD_SEED={seed:#x}, {round}: {later:?}"
        );
        let (ended, _) = tokio::join!(gateway.stop("TERM"), alice.closed());
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}
