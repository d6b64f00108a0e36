//! Rows of connections that were lost or come late, and registrations that were cut short.

use serde_json::{Value, json};
use switchboard::Clock as _;
use switchboard_local::apigw::Functions as _;
use switchboard_local::engine::Fault;
use switchboard_tests::events::Peer;
use switchboard_tests::{Stage, Trouble};

use crate::cast::both_there;

/// Bob's device as events tell of it.
fn bob(connection: String, connected_at: u64) -> Peer {
    Peer {
        user: "bob".to_owned(),
        role: "provider",
        device: "web".to_owned(),
        connection,
        connected_at,
    }
}

/// A post that comes before the handshake is through finds nobody and takes the row for stale.
#[tokio::test]
async fn a_row_that_was_taken_for_stale_is_restored_by_hello() {
    let stage = Stage::open().await;
    let (mut alice, mut listener, conversation) = both_there(&stage).await;
    let lost = bob(stage.connection_id("bob", "web"), stage.clock.now_ms());
    let functions = &stage.host().site().functions;
    functions
        .disconnect(lost.lifecycle("$disconnect"))
        .await
        .unwrap();
    alice.send(&conversation, 0, "unheard").await;
    listener.hears_nothing_more().await;

    listener.ask(json!({"action": "hello"})).await;

    alice.send(&conversation, 1, "heard").await;
    assert_eq!(listener.hear_event("entry").await["seq"], 2);
    stage.close().await;
}

/// A client gives a slow handshake up and opens another connection, which is there first.
#[tokio::test]
async fn a_handshake_that_was_given_up_replaces_nobody() {
    let stage = Stage::open().await;
    stage.clock.advance(10_000);
    let (mut alice, mut listener, conversation) = both_there(&stage).await;
    let given_up = bob("GivenUpGivenUp0=".to_owned(), stage.clock.now_ms() - 5_000);

    let functions = &stage.host().site().functions;
    let answer = functions
        .connect(given_up.lifecycle("$connect"))
        .await
        .unwrap();

    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["statusCode"], 409);
    alice.send(&conversation, 0, "still there?").await;
    assert_eq!(listener.hear_event("entry").await["seq"], 1);
    stage.close().await;
}

/// The former user's device could not be removed: the registration is refused, and its retry removes it.
#[tokio::test]
async fn a_phone_changes_hands_even_when_the_first_attempt_fails() {
    let stage = Stage::open().await;
    let (mut alice, mut former, conversation) = both_there(&stage).await;
    let mut carol = stage.provider("carol", "phone").await;
    let registration = |device: &str| json!({"action": "device", "device": device, "platform": "fcm", "token": "one-phone"});
    former.ask(registration("old")).await;
    stage.wire.trouble(Trouble {
        operation: "DeleteItem",
        containing: "D#old".to_owned(),
        times: 3,
        applied: false,
        fault: Fault::Broken,
    });
    assert_eq!(carol.refused(registration("new")).await, "unavailable");

    assert_eq!(carol.ask(registration("new")).await["event"], "device");

    stage.leaves("bob", former).await;
    alice.send(&conversation, 0, "for bob's eyes").await;
    stage.delivered().await;
    assert_eq!(stage.pushes("bob").await, Vec::<Value>::new());
    stage.close().await;
}
