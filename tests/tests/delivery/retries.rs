//! Nothing is pushed twice, and nothing that failed is forgotten.

use std::collections::BTreeSet;

use serde_json::json;
use switchboard::protocol::Role;
use switchboard_local::engine::Fault;
use switchboard_local::outbox::Sink as _;
use switchboard_local::sns::PublishFault;
use switchboard_tests::{Bare, Stage, Trouble, events};

use crate::cast::{bob_away, pushed, to_phone};

#[tokio::test]
async fn a_batch_that_comes_again_pushes_nothing_again() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    alice.send(&conversation, 0, "one").await;
    stage.delivered().await;
    let first = events::stream(&stage.wire.observed());
    alice.send(&conversation, 1, "two").await;
    stage.delivered().await;
    let both = events::stream(&stage.wire.observed());
    let expected = [to_phone(1), to_phone(2)];
    assert_eq!(pushed(&stage, "bob").await, expected);

    for batch in [first, both.clone(), both] {
        let answer = stage.host().site().functions.deliver(batch).await;
        assert_eq!(answer.unwrap(), r#"{"batchItemFailures":[]}"#);
    }

    assert_eq!(pushed(&stage, "bob").await, expected);
    stage.close().await;
}

#[tokio::test]
async fn a_delivery_that_the_tables_fail_is_tried_again_and_pushes_once() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    // Once for each attempt of one read: of bob's phones, which only `deliver` reads.
    stage.wire.trouble(Trouble {
        operation: "Query",
        containing: "begins_with".to_owned(),
        times: 3,
        applied: false,
        fault: Fault::Throttled,
    });
    alice.send(&conversation, 0, "hey").await;

    stage.clock.flow(stage.delivered()).await;

    assert_eq!(stage.host().delivery().counters().retries_total(), 1);
    assert_eq!(pushed(&stage, "bob").await, [to_phone(1)]);
    stage.close().await;
}

/// On paused time: the SNS client's own pauses between attempts cost nothing.
#[tokio::test(start_paused = true)]
async fn a_push_service_that_fails_is_asked_again_and_each_phone_is_told_once() {
    let bare = Bare::open();
    let alice = bare.session("alice", Role::Customer, "web");
    let bob = bare.session("bob", Role::Provider, "phone");
    bare.connect(&alice).await;
    bare.connect(&bob).await;
    for token in ["t1", "t2"] {
        let frame = json!({"action": "device", "device": token, "platform": "fcm", "token": token});
        assert_eq!(bare.ask(&bob, frame).await["registered"], true);
    }
    let opened = bare
        .ask(&alice, json!({"action": "open", "with": "bob"}))
        .await;
    bare.gateway
        .disconnect(
            &bob,
            switchboard::session::Ending::Lost,
            &mut switchboard::Tally::default(),
        )
        .await
        .unwrap();
    let id = switchboard_tests::ulid();
    let send = json!({"action": "send", "conversation": opened["conversation"], "id": id,
        "after": 0, "body": {"kind": "text", "text": "hey"}});
    assert_eq!(bare.ask(&alice, send).await["seq"], 1);
    let event = bare.stream();

    // Two phones, three attempts each: one phone is told by the last of six attempts, the other is not.
    bare.sns.fail_next(5, PublishFault::Broken);
    let answer = bare.deliver(&event).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert_eq!(bare.sns.published().len(), 1);
    // The batch comes again while the service throttles, and then once more.
    bare.sns.fail_next(1, PublishFault::Throttled);
    let answer = bare.deliver(&event).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    for _ in 0..2 {
        let answer = bare.deliver(&event).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    let told = bare.sns.published();
    let tokens: BTreeSet<_> = told.iter().map(|it| it.token.as_str()).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(tokens, BTreeSet::from(["t1", "t2"]));
}

#[tokio::test]
async fn a_failing_push_service_fails_no_send_and_delays_none() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    stage.host().sns().fail_next(1_000, PublishFault::Broken);
    // The clock does not move: nobody waits for anything.
    for seq in 1..=5 {
        let sent = alice.send(&conversation, seq - 1, "hey").await;
        assert_eq!(sent["seq"], seq);
    }
    stage.close().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_and_holds_nothing_else_up() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = bob_away(&stage).await;
    alice.send(&conversation, 0, "hey").await;
    stage.delivered().await;
    let event = events::stream(&stage.wire.observed());
    let mut event: serde_json::Value = serde_json::from_str(&event).unwrap();
    let mut poison = event["Records"][0].clone();
    poison["dynamodb"]["SequenceNumber"] = json!("poison");
    poison["dynamodb"]["NewImage"]["body"] = json!({"S": "not a body"});
    event["Records"].as_array_mut().unwrap().push(poison);

    let functions = &stage.host().site().functions;
    let answer = functions.deliver(event.to_string()).await.unwrap();

    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let named = json!({"batchItemFailures": [{"itemIdentifier": "poison"}]});
    assert_eq!(answer, named);
    stage.close().await;
}
