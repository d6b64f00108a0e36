//! Where is my message.

use serde_json::json;
use switchboard_local::sns::PublishFault;
use switchboard_tests::{Stage, ulid};

use crate::cast::{
    GRACE_MS, TEXT, both_there, get, json_of, place, register, steps, traced, vanishes,
};

#[tokio::test]
async fn a_message_that_was_delivered_and_read() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, TEXT).await;
    bob.hear_event("entry").await;
    stage.clock.sleeper(GRACE_MS).await;
    stage.clock.advance(12);
    bob.confirm(&conversation, 1).await;
    stage.clock.advance(300);
    let read = json!([{"conversation": conversation, "recv": 1, "read": 1}]);
    bob.say(json!({"action": "receipt", "receipts": read}))
        .await;
    alice
        .hear_where(|it| it["event"] == "receipt" && it["read"] == 1)
        .await;

    let timeline = traced(&stage, &conversation, 1).await;

    let expected = [
        "accepted alice/web",
        "stored alice/web",
        "posted bob/phone 200",
        "waits bob",
        "confirmed bob/phone receipt",
        "read bob/phone",
    ];
    assert_eq!(steps(&timeline), expected);
    let accepted = &timeline["steps"][0];
    assert_eq!(accepted["connection"], stage.connection_id("alice", "web"));
    let posted = &timeline["steps"][2];
    assert_eq!(posted["connection"], stage.connection_id("bob", "phone"));
    let time = |step: usize| timeline["steps"][step]["at"].as_u64().unwrap();
    assert_eq!((time(4) - time(1), time(5) - time(1)), (12, 312));
    assert_eq!(timeline["entry"]["at"], time(0));
    assert_eq!(
        place(&timeline),
        "confirmed by bob's phone 12 ms after it was stored; read on bob's phone 312 ms after it was stored"
    );
    assert_eq!(timeline["torn"], false);
    stage.close().await;
}

#[tokio::test]
async fn a_message_to_somebody_who_is_away_was_pushed() {
    let stage = Stage::open().await;
    let (mut alice, bob, conversation) = both_there(&stage).await;
    stage.leaves("bob", bob).await;
    stage.host().sns().fail_next(3, PublishFault::Broken);
    alice.send(&conversation, 0, TEXT).await;
    stage.clock.flow(stage.delivered()).await;

    let timeline = traced(&stage, &conversation, 1).await;

    let steps = steps(&timeline);
    let expected = ["accepted alice/web", "stored alice/web"];
    assert_eq!(steps[..2], expected);
    assert_eq!(
        steps[2..],
        ["pushed bob/phone failed", "pushed bob/phone sent"]
    );
    let line = place(&timeline);
    let begins = "waits: bob has no connection; pushed to 1 device at 2026-01-01T00:0";
    assert!(line.starts_with(begins), "{line}");
    stage.close().await;
}

#[tokio::test]
async fn a_message_to_a_connection_that_is_gone_met_410() {
    let stage = Stage::open().await;
    let (mut alice, bob, conversation) = both_there(&stage).await;
    // Longer than a handshake may take: from now on a 410 means it.
    stage.clock.advance(30_000);
    let stale = stage.connection_id("bob", "phone");
    vanishes(&stage, bob).await;
    alice.send(&conversation, 0, TEXT).await;
    stage.delivered().await;

    let timeline = traced(&stage, &conversation, 1).await;

    let posted = &timeline["steps"][2];
    assert_eq!(
        (&posted["event"], &posted["answer"]),
        (&json!("posted"), &json!("410"))
    );
    assert_eq!(posted["connection"], stale);
    assert_eq!(steps(&timeline).last().unwrap(), "pushed bob/phone sent");
    stage.close().await;
}

#[tokio::test]
async fn a_message_that_nobody_confirmed_was_posted_again_and_pushed() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, TEXT).await;
    stage.clock.sleeper(GRACE_MS).await;
    let early = traced(&stage, &conversation, 1).await;
    let grace = "waits: bob is connected and has not confirmed it; it will be posted again and pushed after the grace";
    assert_eq!(place(&early), grace);
    stage.clock.advance(GRACE_MS);
    stage.delivered().await;

    let timeline = traced(&stage, &conversation, 1).await;

    let mut after = steps(&timeline)[4..].to_vec();
    after.sort();
    assert_eq!(after, ["pushed bob/phone sent", "reposted bob/phone 200"]);
    let line = place(&timeline);
    let begins = "waits: bob is connected and has not confirmed it; pushed to 1 device at ";
    assert!(line.starts_with(begins), "{line}");
    stage.close().await;
}

#[tokio::test]
async fn why_nobody_is_pushed_to_is_said() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let mute =
        json!({"action": "settings", "conversation": conversation, "muted_until": u64::MAX >> 12});
    assert_eq!(bob.ask(mute).await["event"], "settings");
    stage.leaves("bob", bob).await;
    alice.send(&conversation, 0, TEXT).await;
    stage.delivered().await;
    let timeline = traced(&stage, &conversation, 1).await;
    assert_eq!(steps(&timeline)[2..], ["unpushed bob muted"]);
    let expected = "waits: bob has no connection; no push: the conversation is muted";
    assert_eq!(place(&timeline), expected);

    let carol = stage.provider("carol", "phone").await;
    let conversation = alice.open("carol").await;
    stage.leaves("carol", carol).await;
    alice.send(&conversation, 0, TEXT).await;
    stage.delivered().await;
    let timeline = traced(&stage, &conversation, 1).await;
    assert_eq!(steps(&timeline)[2..], ["unpushed carol no_device"]);
    stage.close().await;
}

#[tokio::test]
async fn what_a_push_that_tells_of_several_told_is_each_one_s() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "first").await;
    stage.clock.sleeper(GRACE_MS).await;
    // They arrive while the batch of the first waits, and are one batch after it.
    for text in ["second", "third"] {
        alice.send(&conversation, 0, text).await;
    }
    stage.clock.flow(stage.delivered()).await;
    for seq in 1..=3 {
        let timeline = traced(&stage, &conversation, seq).await;
        let steps = steps(&timeline);
        let pushed = steps.iter().filter(|it| *it == "pushed bob/phone sent");
        assert_eq!(pushed.count(), 1, "{seq}: {steps:?}");
    }
    stage.close().await;
}

#[tokio::test]
async fn edits_and_deletions_are_told_of_the_entry_that_they_name() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, "hello").await;
    let edit = json!({"kind": "edit", "of": 1, "text": TEXT});
    alice.send_body(&conversation, 1, edit).await;
    let delete = json!({"kind": "delete", "of": 1});
    alice.send_body(&conversation, 2, delete).await;
    bob.hear_where(|it| it["seq"] == 3).await;

    let named = traced(&stage, &conversation, 1).await;
    let edit = traced(&stage, &conversation, 2).await;

    let said = steps(&named);
    for step in ["edited alice/web 2", "deleted alice/web 3"] {
        assert!(said.iter().any(|it| it == step), "{said:?}");
    }
    assert!(place(&named).ends_with("; deleted since"), "{named}");
    assert_eq!(named["entry"]["deleted"], true);
    let expected = [
        "accepted alice/web",
        "stored alice/web",
        "posted bob/phone 200",
    ];
    assert_eq!(steps(&edit)[..3], expected);
    stage.close().await;
}

#[tokio::test]
async fn a_reply_confirms_and_an_author_s_own_receipt_does_not() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    alice.send(&conversation, 0, TEXT).await;
    bob.hear_event("entry").await;
    bob.send(&conversation, 1, TEXT).await;
    alice.confirm(&conversation, 2).await;

    let first = traced(&stage, &conversation, 1).await;
    let second = traced(&stage, &conversation, 2).await;

    let confirmed = |it| {
        steps(it)
            .into_iter()
            .filter(|it| it.starts_with("confirmed"))
            .collect::<Vec<_>>()
    };
    assert_eq!(confirmed(&first), ["confirmed bob/phone reply"]);
    assert_eq!(confirmed(&second), ["confirmed alice/web receipt"]);
    stage.close().await;
}

#[tokio::test]
async fn a_send_that_came_again_and_another_device_of_the_author_s() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    let _tablet = stage.customer("alice", "tablet").await;
    let body = json!({"kind": "text", "text": TEXT});
    let send = json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 0, "body": body});
    for duplicate in [false, true] {
        assert_eq!(alice.ask(send.clone()).await["duplicate"], duplicate);
    }

    let timeline = traced(&stage, &conversation, 1).await;

    let mut said: Vec<String> = steps(&timeline);
    said.retain(|it| it.starts_with("repeated") || it.starts_with("posted"));
    said.sort();
    let expected = [
        "posted alice/tablet 200",
        "posted alice/tablet 200",
        "posted bob/phone 200",
        "posted bob/phone 200",
        "repeated alice/web",
    ];
    assert_eq!(said, expected);
    stage.close().await;
}

#[tokio::test]
async fn what_an_earlier_run_did_is_no_longer_held_and_the_tables_still_tell() {
    let data = tempfile::tempdir().unwrap();
    let stage = Stage::on(data.path()).await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    for after in 0..2 {
        alice.send(&conversation, after, TEXT).await;
    }
    bob.confirm(&conversation, 1).await;
    drop((alice, bob));
    stage.close().await;
    let stage = Stage::on(data.path()).await;
    stage.clock.advance(60_000);
    // The clock of a stage begins anew, and an entry's time does not.
    let later = stage.customer("alice", "web").await;

    let (first, second) = (
        traced(&stage, &conversation, 1).await,
        traced(&stage, &conversation, 2).await,
    );

    assert_eq!(place(&first), "confirmed by bob; when is not known");
    assert_eq!(first["entry"]["from"], "alice");
    assert!(
        place(&second).starts_with("waits: bob has no connection; "),
        "{second}"
    );
    drop(later);
    stage.close().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_asked_well_is_said() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    register(&mut bob, "tablet", "another").await;
    alice.send(&conversation, 0, TEXT).await;
    let stranger = ulid();
    let cases = [
        (
            format!("conversation={conversation}&seq=2"),
            404,
            "no such entry",
        ),
        (
            format!("conversation={stranger}&seq=1"),
            404,
            "no such entry",
        ),
        (format!("conversation={conversation}"), 400, "seq"),
        (format!("conversation={conversation}&seq=0"), 400, "seq"),
        (format!("conversation={conversation}&seq=-1"), 400, "seq"),
        (
            format!("conversation={conversation}&seq=99999999999999999999"),
            400,
            "seq",
        ),
        (format!("conversation={conversation}&seq=one"), 400, "seq"),
        ("seq=1".to_owned(), 400, "conversation"),
        ("conversation=x&seq=1".to_owned(), 400, "conversation"),
        (
            format!("conversation={conversation}&seq=1&as=poem"),
            400,
            "as",
        ),
    ];
    for (query, status, named) in cases {
        let response = get(&stage, &format!("/_local/trace?{query}")).await;
        assert_eq!(response.status(), status, "{query}");
        let message = json_of(&response)["message"].as_str().unwrap().to_owned();
        assert!(message.contains(named), "{query}: {message}");
    }
    stage.close().await;
}
