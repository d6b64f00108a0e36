//! Connections that cannot be posted to are nobody else's trouble.

use bytes::Bytes;
use http::Request;
use serde_json::json;
use switchboard::protocol::Role;
use switchboard::{Clock as _, Metric};
use switchboard_local::apigw::Limits;
use switchboard_local::engine::Fault;
use switchboard_tests::{Bare, Gate, Setting, Stage, Trouble, ulid};

use crate::cast::{both_there, text};

/// Posts to a connection, whose client does not read, until its queue is full and stays so.
async fn fill(stage: &Stage, connection: &str) {
    let api = &stage.host().site().api;
    let uri = format!("/local/@connections/{connection}");
    let blob = Bytes::from("x".repeat(100_000));
    let mut refused = 0;
    while refused < 100 {
        let request = Request::post(&uri).body(blob.clone()).unwrap();
        let status = api.manage(request).await.status();
        refused = if status == 429 { refused + 1 } else { 0 };
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_slow_reader_delays_nobody_and_the_sender_by_one_short_retry() {
    let limits = Limits {
        outbound_frames_max: 4,
        ..Limits::default()
    };
    let stage = Stage::set(Setting {
        limits,
        ..Setting::default()
    })
    .await;
    let (mut alice, _slow, conversation) = both_there(&stage).await;
    let mut tablet = stage.provider("bob", "tablet").await;
    let mut desk = stage.customer("alice", "desk").await;
    fill(&stage, &stage.connection_id("bob", "web")).await;
    let before = stage.clock.now_ms();

    alice.say(text(&conversation, &ulid(), 0, "hello")).await;
    // The clock stands still: nobody waits for the slow one.
    for other in [&mut tablet, &mut desk] {
        assert_eq!(other.hear_event("entry").await["seq"], 1);
    }
    let sent = stage.clock.flow(alice.hear_event("sent")).await;

    assert_eq!(sent["seq"], 1);
    let waited = stage.clock.now_ms() - before;
    assert!((100..=200).contains(&waited), "{waited}");
    let counted = stage.host().site().functions.counted();
    assert!(counted.iter().any(|it| it == (Metric::RelaysThrottled, 1)));
    // Its row stands: it is slow, not gone.
    assert_eq!(stage.wire.count("DeleteItem", ""), 0);
    stage.close().await;
}

/// Alice and bob with two devices each, a conversation, and a relay that never answers.
async fn silent() -> (Bare, switchboard::Session, String) {
    let bare = Bare::open();
    let alice = bare.session("alice", Role::Customer, "phone");
    bare.connect(&alice).await;
    for (user, role, device) in [
        ("alice", Role::Customer, "desk"),
        ("bob", Role::Provider, "web"),
        ("bob", Role::Provider, "tablet"),
    ] {
        bare.connect(&bare.session(user, role, device)).await;
    }
    let opened = bare
        .ask(&alice, json!({"action": "open", "with": "bob"}))
        .await;
    let conversation = opened["conversation"].as_str().unwrap().to_owned();
    bare.relay.bar(&std::sync::Arc::new(Gate::default()));
    (bare, alice, conversation)
}

#[tokio::test]
async fn a_relay_that_never_answers_holds_a_send_up_for_its_budget_and_no_longer() {
    let (bare, alice, conversation) = silent().await;
    let before = bare.clock.now_ms();
    let frame = text(&conversation, &ulid(), 0, "hello");

    let sent = bare.clock.flow(bare.ask(&alice, frame)).await;

    assert_eq!(sent["event"], "sent", "{sent}");
    assert_eq!(sent["seq"], 1);
    // All connections together take as long as one.
    let waited = bare.clock.now_ms() - before;
    assert!((1_000..=1_050).contains(&waited), "{waited}");
    assert_eq!(bare.relay.taken().len(), 2, "{:?}", bare.relay.taken());
}

#[tokio::test]
async fn typing_and_receipts_are_bounded_too() {
    let (bare, alice, conversation) = silent().await;
    bare.clock
        .flow(bare.ask(&alice, text(&conversation, &ulid(), 0, "hello")))
        .await;
    for frame in [
        json!({"action": "typing", "conversation": conversation, "on": true}),
        json!({"action": "receipt", "receipts": [{"conversation": conversation, "recv": 1}]}),
    ] {
        let before = bare.clock.now_ms();
        bare.clock.flow(bare.ask(&alice, frame)).await;
        assert!(bare.clock.now_ms() - before <= 1_050);
    }
}

#[tokio::test]
async fn a_send_succeeds_when_nobodys_connections_can_be_read() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    stage.wire.trouble(Trouble {
        operation: "Query",
        containing: "\"connections\"".to_owned(),
        times: 1_000,
        applied: false,
        fault: Fault::Throttled,
    });
    let sent = alice.send(&conversation, 0, "hello").await;
    assert_eq!(sent["seq"], 1);
    stage.wire.calm();
    // Nobody was told live; redelivery makes that good.
    let entry = stage.clock.flow(bob.hear_event("entry")).await;
    assert_eq!(entry["seq"], 1);
    stage.close().await;
}

#[tokio::test]
async fn a_row_that_cannot_be_removed_fails_nothing() {
    let stage = Stage::open().await;
    let (mut alice, bob, conversation) = both_there(&stage).await;
    let api = &stage.host().site().api;
    api.chaos()
        .set_disconnects(switchboard_local::apigw::Disconnects::Lost);
    bob.leave().await;
    while api.open_connections() > 1 {
        tokio::task::yield_now().await;
    }
    stage.wire.trouble(Trouble {
        operation: "DeleteItem",
        containing: String::new(),
        times: 1_000,
        applied: false,
        fault: Fault::Broken,
    });
    assert_eq!(alice.send(&conversation, 0, "hello").await["seq"], 1);
    stage.close().await;
}
