//! `send`: once, in order, for everybody.

use serde_json::json;
use switchboard_tests::{Stage, ulid};
use tokio::join;

use crate::common::{alone, log, meet, nothing_written, open_key, seqs, talk, text_frame};

#[tokio::test]
async fn an_entry_reaches_everybody_but_the_sending_connection() {
    let stage = Stage::open().await;
    let mut phone = stage.customer("alice", "phone").await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut bob = stage.provider("bob", "web").await;
    let conversation = phone.open("bob").await;
    bob.hear_event("opened").await;

    let sent = phone.send(&conversation, 0, "on my way").await;

    assert_eq!(sent["seq"], 1);
    assert_eq!(sent["duplicate"], false);
    for other in [&mut tablet, &mut bob] {
        let entry = other.hear_event("entry").await;
        assert_eq!(entry["seq"], 1);
        assert_eq!(entry["from"], "alice");
        assert_eq!(entry["body"], json!({"kind": "text", "text": "on my way"}));
        other.hears_nothing_more().await;
    }
    phone.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn the_same_id_is_answered_the_same_however_often() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let _bob = stage.provider("bob", "web").await;
    let conversation = alice.open("bob").await;
    let frame = json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 0,
        "body": {"kind": "text", "text": "once"}});

    let first = alice.ask(frame.clone()).await;
    let again = alice.ask(frame.clone()).await;

    assert_eq!(again["seq"], first["seq"]);
    assert_eq!(again["ts"], first["ts"]);
    assert_eq!(again["duplicate"], true);
    let mut other = frame;
    other["body"]["text"] = json!("twice");
    assert_eq!(alice.refused(other).await, "conflict");
    stage.close().await;
}

#[tokio::test]
async fn a_retry_is_recognised_over_another_connection_and_many_entries_later() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    let id = ulid();
    let frame = text_frame(&conversation, &id, 0, "once");
    let first = alice.ask(frame.clone()).await;
    talk(&stage, &mut alice, &conversation, 1, 130).await;
    let mut tablet = stage.customer("alice", "tablet").await;

    let retry = tablet.ask(frame).await;

    assert_eq!(retry["duplicate"], true, "{retry}");
    assert_eq!(retry["seq"], first["seq"]);
    assert_eq!(retry["ts"], first["ts"]);
    let log = log(&mut alice, &conversation).await;
    assert_eq!(log.len(), 131);
    assert_eq!(log.iter().filter(|it| it["id"] == id.as_str()).count(), 1);
    stage.close().await;
}

#[tokio::test]
async fn what_a_client_says_about_sender_time_and_place_has_no_effect() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    stage.clock.advance(1_000);
    let mut frame = text_frame(&conversation, &ulid(), 0, "as myself");
    for (name, value) in [
        ("from", json!("bob")),
        ("user", json!("bob")),
        ("role", json!("provider")),
        ("seq", json!(99)),
        ("ts", json!(1)),
        ("edited_at", json!(1)),
        ("duplicate", json!(true)),
        ("event", json!("entry")),
        ("something", json!({"new": [1]})),
    ] {
        frame[name] = value;
    }
    frame["body"]["edited_at"] = json!(1);

    let sent = alice.ask(frame).await;

    let now = stage.host().site().clock.now_ms();
    assert_eq!(sent["event"], "sent", "{sent}");
    assert_eq!((&sent["seq"], &sent["ts"]), (&json!(1), &json!(now)));
    let entry = bob.hear_event("entry").await;
    let expected = json!({"event": "entry", "conversation": conversation, "seq": 1, "id": sent["id"],
        "from": "alice", "ts": now, "body": {"kind": "text", "text": "as myself"}});
    assert_eq!(entry, expected);
    stage.close().await;
}

#[tokio::test]
async fn entries_sent_at_the_same_moment_stand_one_after_the_other() {
    let stage = Stage::open().await;
    let (mut phone, mut bob, conversation) = meet(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let mut places = Vec::new();
    for round in 0..8 {
        let after = 3 * round;
        let (one, two, three) = join!(
            phone.send(&conversation, after, "one"),
            tablet.send(&conversation, after, "two"),
            bob.send(&conversation, after, "three"),
        );
        places.extend([one, two, three].map(|sent| sent["seq"].as_u64().unwrap()));
    }
    places.sort_unstable();
    assert_eq!(places, (1..=24).collect::<Vec<_>>());
    let hers = log(&mut phone, &conversation).await;
    assert_eq!(hers, log(&mut bob, &conversation).await);
    assert_eq!(seqs(&json!(hers)), places);
    stage.close().await;
}

#[tokio::test]
async fn after_and_reply_to_name_places_of_the_log() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    alice.send(&conversation, 0, "which day?").await;
    bob.hear_event("entry").await;
    let mut answer = text_frame(&conversation, &ulid(), 1, "Saturday");
    answer["reply_to"] = json!(1);
    let sent = bob.ask(answer.clone()).await;
    assert_eq!(sent["seq"], 2);
    assert_eq!(alice.hear_event("entry").await["reply_to"], 1);
    stage.wire.forget();

    let above = text_frame(&conversation, &ulid(), 3, "from the future");
    assert_eq!(alice.refused(above).await, "bad_request");
    for wrong in [json!(0), json!(3), json!(-1), json!("1")] {
        let mut frame = text_frame(&conversation, &ulid(), 2, "to nothing");
        frame["reply_to"] = wrong;
        assert_eq!(alice.refused(frame).await, "bad_request");
    }
    // An answer to something else is another entry.
    answer["reply_to"] = json!(null);
    assert_eq!(bob.refused(answer).await, "conflict");
    nothing_written(&stage);
    stage.close().await;
}

#[tokio::test]
async fn an_id_belongs_to_its_conversation() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    let other = open_key(&mut alice, "bob", "other").await;
    let id = ulid();
    for conversation in [&conversation, &other] {
        let sent = alice.ask(text_frame(conversation, &id, 0, "here")).await;
        assert_eq!(
            (&sent["seq"], &sent["duplicate"]),
            (&json!(1), &json!(false))
        );
    }
    stage.close().await;
}

#[tokio::test]
async fn an_entry_is_there_for_whoever_was_away() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    let sent = alice.send(&conversation, 0, "while you were away").await;

    let mut bob = stage.provider("bob", "phone").await;

    let entries = log(&mut bob, &conversation).await;
    assert_eq!(entries.len(), 1);
    for field in ["seq", "ts", "id"] {
        assert_eq!(entries[0][field], sent[field]);
    }
    let welcome = bob.ask(json!({"action": "hello"})).await;
    assert_eq!(welcome["conversations"][0]["last"], entries[0]);
    stage.close().await;
}
