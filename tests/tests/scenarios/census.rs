//! The census: who is connected, by role; rows past their life and ghosts' rows are removed, and nobody else's.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use switchboard::ports::store::CONNECTIONS_MAX;
use switchboard::session::CONNECTION_LIFE_MS;
use switchboard::{Clock as _, Metric};
use switchboard_local::apigw::{Disconnects, Functions as _};
use switchboard_tests::events::Peer;
use switchboard_tests::{Setting, Stage};

const MINUTE: u64 = 60_000;

/// How many are open, by role, as the newest census says.
fn open(stage: &Stage) -> BTreeMap<&'static str, u64> {
    let counted = stage.host().site().functions.counted();
    let parts = counted.parts();
    let open = parts.filter(|(metric, _, _)| *metric == Metric::OpenConnections);
    open.map(|(_, label, number)| (label.unwrap().value(), number))
        .collect()
}

fn counted(stage: &Stage, metric: Metric) -> u64 {
    stage.host().site().functions.counted().of(metric)
}

async fn census(stage: &Stage) -> bool {
    let report = stage.host().site().functions.census().await;
    report.complete
}

#[tokio::test]
async fn who_is_connected_is_counted_by_role_and_shown() {
    let stage = Stage::open().await;
    let text = stage.get_text("/_local/metrics").await;
    assert!(!text.contains("open_connections_by_role{"), "not yet known");
    let alice = stage.customer("alice", "phone").await;
    let _desk = stage.provider("bob", "desk").await;
    let _web = stage.provider("bob", "web").await;

    assert!(census(&stage).await);

    let expected = BTreeMap::from([("customer", 1), ("provider", 2)]);
    assert_eq!(open(&stage), expected);
    let text = stage.get_text("/_local/metrics").await;
    for line in [
        "switchboard_open_connections_by_role{role=\"customer\"} 1\n",
        "switchboard_open_connections_by_role{role=\"provider\"} 2\n",
        "switchboard_connects_total 3\n",
        "switchboard_connects_by_role_total{role=\"provider\"} 2\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    stage.leaves("alice", alice).await;
    // Its row is gone; the function that saw to it may not have ended.
    while counted(&stage, Metric::Disconnects) < 1 {
        tokio::task::yield_now().await;
    }
    assert!(census(&stage).await);
    assert_eq!(open(&stage)["customer"], 0);
    let text = stage.get_text("/_local/metrics").await;
    assert!(text.contains("switchboard_disconnects_by_reason_total{reason=\"client\"} 1\n"));
    // One page each, and nothing was asked of who may still be opening.
    assert_eq!(stage.wire.count("Scan", "\"connections\""), 2);
    assert_eq!(counted(&stage, Metric::GhostChecks), 0);
    stage.close().await;
}

#[tokio::test]
async fn rows_past_their_life_hide_the_living_until_a_census_removes_them() {
    let stage = Stage::open().await;
    let functions = Arc::clone(&stage.host().site().functions);
    for number in 0..CONNECTIONS_MAX {
        let peer = Peer {
            user: "bob".to_owned(),
            role: "provider",
            // Before `web`, in the order in which rows are read.
            device: format!("a{number}"),
            connection: format!("dead-{number}="),
            connected_at: stage.clock.now_ms(),
        };
        functions.connect(peer.lifecycle("$connect")).await.unwrap();
    }
    stage.clock.advance(CONNECTION_LIFE_MS);
    let mut bob = stage.provider("bob", "web").await;
    let mut alice = stage.customer("alice", "phone").await;
    let conversation = alice.open("bob").await;
    alice.send(&conversation, 0, "can you hear me?").await;
    stage.delivered().await;

    assert!(census(&stage).await);
    assert_eq!(counted(&stage, Metric::RowsExpired), CONNECTIONS_MAX as u64);
    assert_eq!(
        counted(&stage, Metric::GhostChecks),
        0,
        "the dead are not asked"
    );
    let expected = BTreeMap::from([("customer", 1), ("provider", 1)]);
    assert_eq!(open(&stage), expected);

    alice.send(&conversation, 1, "and now?").await;
    assert_eq!(bob.hear().await["seq"], 2, "the first was never told live");
    stage.close().await;
}

#[tokio::test]
async fn who_left_without_a_goodbye_is_found_out_and_who_is_there_stays() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let bob = stage.provider("bob", "web").await;
    let mut tablet = stage.provider("bob", "tablet").await;
    let conversation = alice.open("bob").await;
    let api = &stage.host().site().api;
    api.chaos().set_disconnects(Disconnects::Lost);
    bob.leave().await;
    while api.open_connections() > 2 {
        tokio::task::yield_now().await;
    }
    // For all that anybody knows it may still be opening.
    assert!(census(&stage).await);
    assert_eq!(open(&stage)["provider"], 2);
    stage.clock.advance(30_000);
    let id = stage.connection_id("bob", "web");
    stage.wire.forget();

    assert!(census(&stage).await);

    let expected = BTreeMap::from([("customer", 1), ("provider", 1)]);
    assert_eq!(open(&stage), expected);
    assert_eq!(counted(&stage, Metric::GhostChecks), 3);
    assert_eq!(counted(&stage, Metric::GhostsRemoved), 1);
    assert_eq!(stage.wire.count("DeleteItem", ""), 1);
    assert_eq!(stage.wire.count("DeleteItem", &id), 1);
    tablet.hear_event("opened").await;
    alice.send(&conversation, 0, "hello").await;
    assert_eq!(tablet.hear_event("entry").await["seq"], 1);
    let presence = alice
        .ask(json!({"action": "presence", "users": ["bob"]}))
        .await;
    assert_eq!(presence["users"]["bob"]["online"], true);
    stage.close().await;
}

#[tokio::test]
async fn it_is_taken_every_minute() {
    let stage = Stage::set(Setting {
        census_ms: Some(MINUTE),
        ..Setting::default()
    })
    .await;
    let _alice = stage.customer("alice", "phone").await;
    for taken in 1..=2 {
        stage.clock.sleeper(MINUTE).await;
        assert_eq!(stage.wire.count("Scan", ""), taken - 1);
        stage.clock.advance(MINUTE);
    }
    // It sleeps again: the second is over.
    stage.clock.sleeper(MINUTE).await;
    assert_eq!(open(&stage)["customer"], 1);
    stage.close().await;
}
