//! What an entry may say: edits and deletions change what history returns, and a retry is recognised whatever
//! has become of its entry.

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage, ulid};

use crate::common::{list, log, meet, nothing_written, text_frame};

async fn refused(actor: &mut Actor, conversation: &str, body: Value) -> String {
    let frame = json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 0,
        "body": body});
    actor.refused(frame).await
}

#[tokio::test]
async fn an_edit_is_an_entry_and_changes_the_one_that_it_names() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let original = alice.send(&conversation, 0, "at fvie").await;
    bob.hear_event("entry").await;
    stage.clock.advance(2_000);

    let body = json!({"kind": "edit", "of": 1, "text": "at five"});
    let edit = alice.send_body(&conversation, 1, body.clone()).await;

    assert_eq!(edit["seq"], 2, "{edit}");
    let told = bob.hear_event("entry").await;
    assert_eq!((&told["seq"], &told["body"]), (&json!(2), &body));
    for actor in [&mut alice, &mut bob] {
        let log = log(actor, &conversation).await;
        assert_eq!(log.len(), 2);
        assert_eq!(log[0]["body"], json!({"kind": "text", "text": "at five"}));
        assert_eq!(log[0]["edited_at"], edit["ts"]);
        for field in ["id", "ts", "seq"] {
            assert_eq!(
                log[0][field], original[field],
                "the rest of the entry stands"
            );
        }
        assert_eq!(log[1]["body"], body);
        assert!(log[1].get("edited_at").is_none());
    }
    let synced = bob
        .ask(json!({"action": "sync", "cursors": {&conversation: 0}}))
        .await;
    assert_eq!(synced["entries"][0]["body"]["text"], "at five");
    stage.close().await;
}

#[tokio::test]
async fn a_deleted_entry_says_nothing_any_more() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    alice.send(&conversation, 0, "a secret").await;
    let custom = json!({"kind": "custom", "type": "offer", "data": {"price": 7}});
    alice.send_body(&conversation, 1, custom).await;

    for of in [1, 2] {
        let body = json!({"kind": "delete", "of": of});
        let sent = alice.send_body(&conversation, 2, body).await;
        assert_eq!(sent["seq"], 2 + of, "{sent}");
    }

    let entries = log(&mut bob, &conversation).await;
    for place in [0, 1] {
        assert_eq!(entries[place]["body"], json!({"kind": "deleted"}));
    }
    assert_eq!(entries[2]["body"], json!({"kind": "delete", "of": 1}));
    let text = json!(entries).to_string();
    assert!(
        !text.contains("a secret") && !text.contains("price"),
        "{text}"
    );
    let edit = json!({"kind": "edit", "of": 1, "text": "back again"});
    assert_eq!(
        refused(&mut alice, &conversation, edit).await,
        "bad_request"
    );
    stage.close().await;
}

#[tokio::test]
async fn one_edits_and_deletes_what_is_ones_own() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    alice.send(&conversation, 0, "mine").await;
    let reaction = json!({"kind": "reaction", "of": 1, "emoji": "👍", "on": true});
    alice.send_body(&conversation, 0, reaction).await;
    let before = log(&mut bob, &conversation).await;
    stage.wire.forget();

    for body in [
        json!({"kind": "edit", "of": 1, "text": "yours"}),
        json!({"kind": "delete", "of": 1}),
    ] {
        assert_eq!(refused(&mut bob, &conversation, body).await, "not_allowed");
    }
    let no_text = json!({"kind": "edit", "of": 2, "text": "a reaction is no text"});
    assert_eq!(
        refused(&mut alice, &conversation, no_text).await,
        "bad_request"
    );
    for of in [0, 3, 999_999_999_999_u64, u64::MAX] {
        for body in [
            json!({"kind": "edit", "of": of, "text": "nothing"}),
            json!({"kind": "delete", "of": of}),
            json!({"kind": "reaction", "of": of, "emoji": "👍", "on": true}),
        ] {
            assert_eq!(
                refused(&mut alice, &conversation, body).await,
                "bad_request"
            );
        }
    }

    nothing_written(&stage);
    assert_eq!(log(&mut bob, &conversation).await, before);
    stage.close().await;
}

#[tokio::test]
async fn another_device_of_the_author_may_edit() {
    let stage = Stage::open().await;
    let (mut phone, _bob, conversation) = meet(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    phone.send(&conversation, 0, "from the phone").await;

    let edit = json!({"kind": "edit", "of": 1, "text": "from the tablet"});
    tablet.send_body(&conversation, 1, edit).await;

    let log = log(&mut phone, &conversation).await;
    assert_eq!(log[0]["body"]["text"], "from the tablet");
    stage.close().await;
}

#[tokio::test]
async fn reactions_and_custom_bodies_arrive_as_they_were_sent() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    alice.send(&conversation, 0, "look").await;
    bob.hear_event("entry").await;
    let data = json!({"price": 12.5, "at": [1, {"deep": null}], "": "ü\u{0}\"", "kind": "text"});
    for body in [
        json!({"kind": "reaction", "of": 1, "emoji": "❤️‍🔥", "on": true}),
        json!({"kind": "reaction", "of": 1, "emoji": "❤️‍🔥", "on": false}),
        json!({"kind": "custom", "type": "app.offer-1_x", "data": data}),
        json!({"kind": "custom", "type": "empty", "data": {}}),
    ] {
        let sent = bob.send_body(&conversation, 1, body.clone()).await;
        assert_eq!(sent["event"], "sent", "{sent}");
        let heard = alice.hear_event("entry").await;
        assert_eq!((&heard["body"], &heard["seq"]), (&body, &sent["seq"]));
        assert_eq!(log(&mut alice, &conversation).await.pop(), Some(heard));
    }
    // A reaction changes nothing about the entry that it names.
    assert_eq!(
        log(&mut alice, &conversation).await[0]["body"]["text"],
        "look"
    );
    stage.close().await;
}

#[tokio::test]
async fn a_retry_is_recognised_whatever_has_become_of_its_entry() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let original = text_frame(&conversation, &ulid(), 0, "one");
    let first = alice.ask(original.clone()).await;
    let edit = |text: &str| {
        json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 1,
            "body": {"kind": "edit", "of": 1, "text": text}})
    };
    let (two, three) = (edit("two"), edit("three"));
    let edited = alice.ask(two.clone()).await;
    alice.ask(three).await;

    let retry = alice.ask(original.clone()).await;
    let retried_edit = alice.ask(two).await;

    assert_eq!((&retry["seq"], &retry["ts"]), (&first["seq"], &first["ts"]));
    assert_eq!(retry["duplicate"], true);
    assert_eq!(retried_edit["seq"], edited["seq"]);
    assert_eq!(retried_edit["duplicate"], true);
    let entries = log(&mut bob, &conversation).await;
    assert_eq!(entries.len(), 3);
    assert_eq!(
        entries[0]["body"]["text"], "three",
        "a retried edit is not made twice"
    );
    let mut as_it_reads_now = original.clone();
    as_it_reads_now["body"]["text"] = json!("three");
    assert_eq!(alice.refused(as_it_reads_now).await, "conflict");
    alice
        .send_body(&conversation, 3, json!({"kind": "delete", "of": 1}))
        .await;
    assert_eq!(alice.ask(original).await["duplicate"], true);
    assert_eq!(
        log(&mut bob, &conversation).await[0]["body"]["kind"],
        "deleted"
    );
    stage.close().await;
}

#[tokio::test]
async fn bodies_out_of_bounds_are_refused_and_name_the_field() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = meet(&stage).await;
    stage.wire.forget();
    let rows = json!([
        [{"kind": "text"}, "body.text"],
        [{"kind": "text", "text": ""}, "body.text"],
        [{"kind": "text", "text": 7}, "body.text"],
        [{"text": "no kind"}, "body.kind"],
        [{"kind": "event", "text": "the server's"}, "body.kind"],
        [{"kind": "deleted"}, "body.kind"],
        [{"kind": "reaction", "of": 1, "emoji": "", "on": true}, "body.emoji"],
        [{"kind": "reaction", "of": 1, "emoji": "12345678901234567", "on": true}, "body.emoji"],
        [{"kind": "reaction", "of": 1, "emoji": "👍"}, "body.on"],
        [{"kind": "custom", "type": "Offer", "data": {}}, "body.type"],
        [{"kind": "custom", "type": "", "data": {}}, "body.type"],
        [{"kind": "custom", "type": "offer", "data": []}, "body.data"],
        [{"kind": "custom", "type": "offer"}, "body.data"],
        [{"kind": "attachment", "attachment": "nothing was uploaded", "name": "a.png",
            "type": "image/png", "size": 7}, "body.attachment"],
        ["text", "body"],
    ]);
    for row in list(&rows) {
        let answer = alice.send_body(&conversation, 0, row[0].clone()).await;
        assert_eq!(answer["code"], "bad_request", "{row}: {answer}");
        let (message, field) = (
            answer["message"].as_str().unwrap(),
            row[1].as_str().unwrap(),
        );
        assert!(message.contains(field), "{message} does not name {field}");
    }
    nothing_written(&stage);
    stage.close().await;
}

/// Found by reading for the fuzzer: the name is one that a JSON reader of ours keeps for itself.
#[tokio::test]
async fn a_body_that_could_not_be_read_again_never_gets_into_a_log() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let deep = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let data = json!({"a": {"$serde_json::private::RawValue": deep}});
    let body = json!({"kind": "custom", "type": "offer", "data": data});
    let answer = alice.send_body(&conversation, 0, body).await;
    assert_eq!(answer["code"], "bad_request", "{answer}");
    assert_eq!(alice.send(&conversation, 0, "hello").await["seq"], 1);
    assert_eq!(bob.hear_event("entry").await["seq"], 1);
    stage.close().await;
}
