//! Goal: what an action costs is counted, small, and the same however much is stored.
//! Method: the gateway alone on the engine. Every request to the tables and every post waits at a gate until all that
//! can come have come; then they pass together. The number of such waves is the number of serial round trips, and the
//! capacity units are what the answers say.

mod budget;
mod cost;
mod crowd;
mod metered;
mod play;
mod support;

use switchboard_tests::ulid;

use crate::cost::Cost;
use crate::play::Play;

fn of<'a>(costs: &'a [Cost], action: &str) -> &'a Cost {
    let found = costs.iter().find(|it| it.action == action);
    found.unwrap_or_else(|| panic!("{action} was not counted"))
}

#[tokio::test]
async fn a_send_is_one_write_two_reads_and_three_round_trips() {
    let play = Play::begin().await;
    let frame = play.send(play.last, &ulid());
    let sent = play.asked(&play.alice, "send", frame).await;
    assert_eq!(sent.written.to_string(), "1");
    assert!(sent.read <= 2.0, "{sent:?}");
    let expected = [
        vec!["Query chat", "Query connections"],
        vec!["PutItem chat", "Query connections"],
        vec!["post"],
    ];
    assert_eq!(sent.waves, expected);
}

/// A page, and what the log says of it.
const FRAME_BYTES: u64 = 4_096 + 24;

#[tokio::test]
async fn a_message_that_is_read_writes_six_pages_and_seldom_more() {
    const MESSAGES: u64 = 20;
    let mut play = Play::begin().await;
    let before = play.bare.log_bytes();
    for _ in 0..MESSAGES {
        play.exchange().await;
    }
    let frames = (play.bare.log_bytes() - before) / FRAME_BYTES;
    // The entry, its key and its record; the marks, twice since the engine writes them anew, and their key. What is more
    // is pages that were full and became two.
    assert!((6 * MESSAGES..8 * MESSAGES).contains(&frames), "{frames}");
}

#[tokio::test]
async fn every_action_has_its_price() {
    let costs = Play::begin().await.day().await;
    println!("| action | written | read | requests | round trips |");
    println!("|---|---|---|---|---|");
    for it in &costs {
        let (requests, trips) = (it.requests(), it.waves.len());
        println!(
            "| {} | {} | {} | {requests} | {trips} |",
            it.action, it.written, it.read
        );
    }
    let writes = [
        ("connect", 2.0),
        ("connect, replacing", 2.0),
        ("disconnect", 2.0),
        ("send", 1.0),
        ("send, again", 0.0),
        ("send, 3 entries behind", 1.0),
        ("send, 4 entries behind", 1.0),
        ("receipt", 1.0),
        ("receipt, nothing new", 0.0),
        ("typing", 0.0),
        ("deliver, confirmed", 0.0),
    ];
    for (action, written) in writes {
        let counted = of(&costs, action).written;
        assert!(
            (counted - written).abs() < f64::EPSILON,
            "{action}: {counted}"
        );
    }
    for action in ["connect", "connect, replacing", "disconnect"] {
        assert!(of(&costs, action).read.abs() < f64::EPSILON, "{action}");
    }
    for action in ["deliver, after the grace", "deliver, to who is away"] {
        assert!(of(&costs, action).written <= 2.0, "{action}");
    }
    // What is confirmed is looked at once, and waits for nobody.
    assert_eq!(of(&costs, "deliver, confirmed").requests(), 1);
    // Up to three entries behind, what was read anyway holds the answer.
    let (near, far) = ("send, 3 entries behind", "send, 4 entries behind");
    assert_eq!(of(&costs, near).requests(), of(&costs, "send").requests());
    assert_eq!(
        of(&costs, far).requests(),
        of(&costs, "send").requests() + 1
    );
}

#[tokio::test]
async fn the_price_is_the_same_among_a_hundred_thousand_other_pairs() {
    let alone = Play::begin().await.day().await;

    let mut play = crowd::gather(Play::begin().await);
    let among_others = play.day().await;

    for (one, other) in alone.iter().zip(&among_others) {
        assert_eq!(one, other);
    }
}
