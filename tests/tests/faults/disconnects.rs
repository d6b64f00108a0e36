//! `$disconnect` comes late, twice, never, or before `$connect` has written.

use std::sync::Arc;

use serde_json::json;
use switchboard::{Clock as _, Metric};
use switchboard_local::apigw::{Disconnects, Functions as _};
use switchboard_tests::events::Peer;
use switchboard_tests::{Stage, Wire};

use crate::cast::both_there;

fn counted(stage: &Stage, metric: Metric) -> u64 {
    let counted = stage.host().site().functions.counted();
    let count = counted.iter().find(|(it, _)| *it == metric);
    count.map_or(0, |(_, count)| count)
}

/// The removals of rows by this connection's id: how many succeeded, and how many found another's.
fn removals(wire: &Wire, connection: &str) -> (usize, usize) {
    let observed = wire.observed();
    let removals = observed.iter().filter(|it| it.is("DeleteItem", connection));
    let (done, missed): (Vec<_>, Vec<_>) = removals.partition(|it| it.status == 200);
    (done.len(), missed.len())
}

#[tokio::test]
async fn twice_removes_once() {
    let stage = Stage::open().await;
    let (mut alice, bob, _) = both_there(&stage).await;
    let id = stage.connection_id("bob", "web");
    stage
        .host()
        .site()
        .api
        .chaos()
        .set_disconnects(Disconnects::Twice);
    bob.leave().await;
    stage.wire.saw(2, |it| it.is("DeleteItem", &id)).await;
    assert_eq!(removals(&stage.wire, &id), (1, 1));
    assert_eq!(counted(&stage, Metric::Disconnects), 1);
    let presence = alice
        .ask(json!({"action": "presence", "users": ["bob"]}))
        .await;
    assert_eq!(presence["users"]["bob"]["online"], false);
    stage.close().await;
}

#[tokio::test]
async fn late_does_not_remove_the_row_of_the_connection_that_took_its_place() {
    let stage = Stage::open().await;
    let (mut alice, mut old, conversation) = both_there(&stage).await;
    let id = stage.connection_id("bob", "web");
    let chaos = stage.host().site().api.chaos();
    chaos.set_disconnects(Disconnects::Late(60_000));
    let mut new = stage.provider("bob", "web").await;
    // The platform deleted the old one, as it was told to.
    assert_eq!(old.closed().await.0, 1000);
    stage.clock.sleeper(60_000).await;
    stage.clock.advance(60_000);
    stage.wire.saw(1, |it| it.is("DeleteItem", &id)).await;

    assert_eq!(removals(&stage.wire, &id), (0, 1));
    alice.send(&conversation, 0, "still there?").await;
    assert_eq!(new.hear_event("entry").await["seq"], 1);
    stage.close().await;
}

#[tokio::test]
async fn never_leaves_a_row_that_the_next_post_removes_alone() {
    let stage = Stage::open().await;
    let (mut alice, bob, conversation) = both_there(&stage).await;
    let mut tablet = stage.provider("bob", "tablet").await;
    let mut desk = stage.customer("alice", "desk").await;
    // Longer than a handshake may take: from now on a 410 means it.
    stage.clock.advance(30_000);
    let id = stage.connection_id("bob", "web");
    let api = &stage.host().site().api;
    api.chaos().set_disconnects(Disconnects::Lost);
    bob.leave().await;
    while api.open_connections() > 3 {
        tokio::task::yield_now().await;
    }

    let sent = alice.send(&conversation, 0, "hello").await;
    assert_eq!(sent["seq"], 1);
    for other in [&mut tablet, &mut desk] {
        assert_eq!(other.hear_event("entry").await["seq"], 1);
    }
    // Its row is gone, and the three others stand.
    assert_eq!(removals(&stage.wire, &id), (1, 0));
    assert_eq!(stage.wire.count("DeleteItem", ""), 1);
    stage.wire.forget();
    alice.send(&conversation, 1, "again").await;
    for other in [&mut tablet, &mut desk] {
        assert_eq!(other.hear_event("entry").await["seq"], 2);
    }
    let rows: usize = stage
        .wire
        .observed()
        .iter()
        .filter(|it| it.is("Query", "\"connections\""))
        .take(2)
        .map(|it| it.answer["Items"].as_array().unwrap().len())
        .sum();
    assert_eq!(rows, 3);
    stage.close().await;
}

#[tokio::test]
async fn before_connect_has_written_leaves_a_row_that_the_next_post_removes() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let ghost = Peer {
        user: "bob".to_owned(),
        role: "provider",
        device: "phone".to_owned(),
        connection: "gone-before-it-came=".to_owned(),
        connected_at: stage.clock.now_ms(),
    };
    let functions = Arc::clone(&stage.host().site().functions);
    for (route, metric) in [("$disconnect", 0), ("$connect", 0), ("$disconnect", 1)] {
        let event = ghost.lifecycle(route);
        let answer = match route {
            "$connect" => functions.connect(event).await,
            _ => functions.disconnect(event).await,
        };
        assert!(answer.unwrap().contains("200"));
        assert_eq!(counted(&stage, Metric::Disconnects), metric);
    }
    // Out of order and for good: nobody will ever say that it has gone.
    functions
        .connect(ghost.lifecycle("$connect"))
        .await
        .unwrap();
    stage.wire.forget();
    // As long as it may still be opening, nobody can know.
    alice.send(&conversation, 0, "hello").await;
    bob.hear_event("entry").await;
    assert_eq!(removals(&stage.wire, &ghost.connection), (0, 0));
    stage.clock.advance(30_000);
    alice.send(&conversation, 1, "hello?").await;
    bob.hear_event("entry").await;
    assert_eq!(removals(&stage.wire, &ghost.connection), (1, 0));
    stage.close().await;
}

#[tokio::test]
async fn connect_twice_closes_nothing() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let again = crate::cast::peer(&stage, "bob", "provider", "web");
    let functions = Arc::clone(&stage.host().site().functions);
    functions
        .connect(again.lifecycle("$connect"))
        .await
        .unwrap();
    assert_eq!(counted(&stage, Metric::Replacements), 0);
    alice.send(&conversation, 0, "hello").await;
    assert_eq!(bob.hear_event("entry").await["seq"], 1);
    stage.close().await;
}

#[tokio::test]
async fn a_stale_answer_of_410_does_not_remove_the_row_of_the_connection_that_came_since() {
    let stage = Stage::open().await;
    let (mut alice, mut old, conversation) = both_there(&stage).await;
    // Longer than a handshake may take: from now on a 410 means it.
    stage.clock.advance(30_000);
    let id = stage.connection_id("bob", "web");
    // Alice's send has read bob's connections, and is not yet done with its put.
    let gate = stage.wire.gate(Some("PutItem"), "\"E#");
    stage.wire.forget();
    alice
        .say(crate::cast::text(
            &conversation,
            &switchboard_tests::ulid(),
            0,
            "hello",
        ))
        .await;
    gate.reached(1).await;
    stage.wire.saw(1, |it| it.is("Query", "U#bob")).await;
    stage
        .host()
        .site()
        .api
        .chaos()
        .set_disconnects(Disconnects::Lost);
    let mut new = stage.provider("bob", "web").await;
    assert_eq!(old.closed().await.0, 1000);
    gate.open();
    alice.hear_event("sent").await;

    assert_eq!(removals(&stage.wire, &id), (0, 1));
    alice.send(&conversation, 1, "again").await;
    assert_eq!(new.hear_event("entry").await["seq"], 2);
    stage.close().await;
}
