//! The tables throttle, break, or lose their answers.

use serde_json::json;
use switchboard_local::engine::Fault;
use switchboard_tests::{Stage, ulid};

use crate::cast::{ATTEMPTS, both_there, log, lost, refused, text};

const FAULTS: [Fault; 4] = [
    Fault::Throttled,
    Fault::Broken,
    Fault::Lost,
    Fault::TimedOut,
];

#[tokio::test]
async fn a_table_that_stays_throttled_is_unavailable_and_the_same_frame_succeeds_later() {
    for operation in ["Query", "PutItem"] {
        let stage = Stage::open().await;
        let (mut alice, mut bob, conversation) = both_there(&stage).await;
        let id = ulid();
        let frame = text(&conversation, &id, 0, "hello");
        stage
            .wire
            .trouble(refused(operation, Fault::Throttled, 1_000));

        let answer = alice.ask(frame.clone()).await;

        assert_eq!(answer["event"], "error", "{answer}");
        assert_eq!(answer["code"], "unavailable");
        assert_eq!(answer["retry"], true);
        assert_eq!(answer["id"], id.as_str());
        assert_eq!(answer["conversation"], conversation.as_str());
        bob.hears_nothing_more().await;
        stage.wire.calm();
        let sent = alice.ask(frame).await;
        assert_eq!(
            (&sent["seq"], &sent["duplicate"]),
            (&json!(1), &json!(false))
        );
        assert_eq!(bob.hear_event("entry").await["id"], id.as_str());
        let expected = [(1, id, "hello".to_owned())];
        assert_eq!(log(&mut alice, &conversation).await, expected);
        stage.close().await;
    }
}

#[tokio::test]
async fn a_fault_that_passes_is_not_noticed() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let mut seq = 0;
    for operation in ["Query", "PutItem"] {
        for fault in FAULTS {
            stage.wire.trouble(refused(operation, fault, 1));
            let sent = alice.send(&conversation, seq, "hello").await;
            seq += 1;
            assert_eq!(sent["seq"], seq, "{operation} {fault:?}");
            assert_eq!(sent["duplicate"], false);
            assert_eq!(bob.hear_event("entry").await["seq"], seq);
        }
    }
    bob.hears_nothing_more().await;
    assert_eq!(log(&mut bob, &conversation).await.len(), 8);
    stage.close().await;
}

#[tokio::test]
async fn a_put_that_was_applied_and_not_answered_is_found_again() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    for (fault, seq) in FAULTS.into_iter().zip(1..) {
        stage.wire.trouble(lost("PutItem", fault, 1));
        let id = ulid();
        let sent = alice.ask(text(&conversation, &id, seq - 1, "hello")).await;
        assert_eq!(sent["event"], "sent", "{fault:?}: {sent}");
        assert_eq!(sent["seq"], seq);
        let entry = bob.hear_event("entry").await;
        assert_eq!((&entry["seq"], &entry["ts"]), (&sent["seq"], &sent["ts"]));
    }
    bob.hears_nothing_more().await;
    let seqs: Vec<_> = log(&mut bob, &conversation).await;
    let seqs: Vec<_> = seqs.into_iter().map(|(seq, ..)| seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    stage.close().await;
}

#[tokio::test]
async fn a_put_whose_answers_are_all_lost_is_unavailable_and_stands_once() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let id = ulid();
    let frame = text(&conversation, &id, 0, "hello");
    stage.wire.trouble(lost("PutItem", Fault::Lost, ATTEMPTS));
    assert_eq!(alice.refused(frame.clone()).await, "unavailable");
    // Somebody writes in between, and the device tries again with its old cursor.
    bob.send(&conversation, 0, "are you there?").await;

    let sent = alice.ask(frame).await;

    assert_eq!(
        (&sent["seq"], &sent["duplicate"]),
        (&json!(1), &json!(true))
    );
    let log = log(&mut alice, &conversation).await;
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].1, id);
    stage.close().await;
}

#[tokio::test]
async fn an_edit_whose_answer_is_lost_was_done_once() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "first").await;
    let id = ulid();
    let edit = json!({"action": "send", "conversation": conversation, "id": id, "after": 1,
        "body": {"kind": "edit", "of": 1, "text": "better"}});
    for (times, code) in [(ATTEMPTS, "error"), (1, "sent")] {
        let in_transactions = lost("TransactWriteItems", Fault::Lost, times);
        stage.wire.trouble(in_transactions);
        let answer = alice.ask(edit.clone()).await;
        assert_eq!(answer["event"], code, "{answer}");
        stage.wire.calm();
    }
    let again = alice.ask(edit).await;
    assert_eq!(
        (&again["seq"], &again["duplicate"]),
        (&json!(2), &json!(true))
    );
    let log = log(&mut bob, &conversation).await;
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].2, "better");
    stage.close().await;
}

#[tokio::test]
async fn an_edit_whose_answer_is_lost_once_is_told_as_new() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "first").await;
    stage
        .wire
        .trouble(lost("TransactWriteItems", Fault::Lost, 1));
    let body = json!({"kind": "edit", "of": 1, "text": "better"});
    let sent = alice.send_body(&conversation, 1, body).await;
    assert_eq!(sent["seq"], 2, "{sent}");
    bob.hear_where(|it| it["seq"] == 2).await;
    assert_eq!(log(&mut bob, &conversation).await[0].2, "better");
    stage.close().await;
}

#[tokio::test]
async fn an_open_whose_answers_are_lost_made_one_conversation() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;
    let open = json!({"action": "open", "with": "bob"});
    stage
        .wire
        .trouble(lost("TransactWriteItems", Fault::TimedOut, ATTEMPTS));
    assert_eq!(alice.refused(open.clone()).await, "unavailable");
    stage.wire.calm();

    let opened = alice.ask(open).await;
    assert_eq!(opened["event"], "opened", "{opened}");
    let theirs = bob.ask(json!({"action": "open", "with": "alice"})).await;
    assert_eq!(theirs["conversation"], opened["conversation"]);
    for actor in [&mut alice, &mut bob] {
        let inbox = actor.ask(json!({"action": "inbox"})).await;
        assert_eq!(inbox["conversations"].as_array().unwrap().len(), 1);
    }
    stage.close().await;
}

#[tokio::test]
async fn a_handshake_is_refused_with_5xx_while_the_tables_fail_and_accepted_after() {
    let stage = Stage::open().await;
    let token = stage.token("alice", "customer");
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    for operation in ["UpdateItem", "PutItem"] {
        stage.wire.trouble(switchboard_tests::Trouble {
            containing: String::new(),
            ..refused(operation, Fault::Throttled, 1_000)
        });
        let refused = stage.handshake("device=phone", &headers).await.unwrap_err();
        assert!(refused.status >= 500, "{refused:?}");
        stage.wire.calm();
    }
    let mut alice = stage.handshake("device=phone", &headers).await.unwrap();
    let welcome = alice.ask(json!({"action": "hello"})).await;
    assert_eq!(welcome["event"], "welcome");
    stage.close().await;
}

#[tokio::test]
async fn a_receipt_that_fails_says_so_and_can_be_sent_again() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "hello").await;
    let receipt = json!({"action": "receipt", "ref": "r",
        "receipts": [{"conversation": conversation, "recv": 1, "read": 1}]});
    for trouble in [
        refused("UpdateItem", Fault::Throttled, 1_000),
        lost("UpdateItem", Fault::Lost, ATTEMPTS),
    ] {
        stage.wire.trouble(trouble);
        bob.say(receipt.clone()).await;
        let error = bob.hear_event("error").await;
        assert_eq!(
            (&error["code"], &error["ref"]),
            (&json!("unavailable"), &json!("r"))
        );
        stage.wire.calm();
    }
    bob.say(receipt).await;
    bob.confirm(&conversation, 1).await;
    let inbox = bob.ask(json!({"action": "inbox"})).await;
    assert_eq!(inbox["conversations"][0]["unread"], 0);
    stage.close().await;
}
