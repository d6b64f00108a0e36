//! Every code of the contract's table, each provoked once, and what an error carries.

use serde_json::{Value, json};
use switchboard::protocol::ErrorCode;
use switchboard_local::engine::Fault;
use switchboard_tests::{Actor, Stage, Trouble, ulid};

use crate::common::{NOWHERE, nothing_written, text_frame};

/// Asserts that a frame is refused in this way. That the `ref` comes back is what `ask` waits for.
async fn expect(actor: &mut Actor, frame: Value, code: &str, about: Value) -> Value {
    let answer = actor.ask(frame.clone()).await;
    assert_eq!(answer["event"], "error", "{frame}: {answer}");
    assert_eq!(answer["code"], code, "{frame}: {answer}");
    assert!(!answer["message"].as_str().unwrap().is_empty());
    let later = matches!(code, "rate_limited" | "unavailable");
    assert_eq!(answer["retry"], later, "{answer}");
    assert_eq!(
        answer.get("retry_after_ms").is_some(),
        code == "rate_limited",
        "{answer}"
    );
    for field in ["id", "conversation"] {
        assert_eq!(answer.get(field), about.get(field), "{field} of {answer}");
    }
    answer
}

/// A `send` under a new id, and what an error about it has to name.
fn send(conversation: &str, body: Value) -> (Value, Value) {
    let id = ulid();
    let about = json!({"conversation": conversation, "id": id});
    let mut frame = text_frame(conversation, &id, 0, "");
    frame["body"] = body;
    (frame, about)
}

/// Lets the next read of a log fail, with all its retries.
fn throttle(stage: &Stage, conversation: &str) {
    stage.wire.trouble(Trouble {
        operation: "Query",
        containing: conversation.to_owned(),
        times: 3,
        applied: false,
        fault: Fault::Throttled,
    });
}

#[tokio::test]
async fn every_code_says_what_it_is_about_and_whether_to_try_again() {
    let stage = Stage::open().await;
    let token = format!("Bearer {}", stage.token_for("alice", "customer", 600));
    let mut bob = stage.provider("bob", "web").await;
    let mut alice = stage
        .handshake("", &[("authorization", &token)])
        .await
        .unwrap();
    let conversation = alice.open("bob").await;
    bob.send(&conversation, 0, "his").await;
    let text = |text: &str| json!({"kind": "text", "text": text});

    let (frame, about) = send(&conversation, json!({"kind": "text"}));
    expect(&mut alice, frame, "bad_request", about).await;
    expect(
        &mut alice,
        json!({"action": "dance"}),
        "unknown_action",
        json!({}),
    )
    .await;
    let (frame, about) = send(&conversation, text(&"a".repeat(8_001)));
    expect(&mut alice, frame, "too_large", about).await;
    let (frame, about) = send(NOWHERE, text("hello"));
    expect(&mut alice, frame, "unknown_conversation", about).await;
    let frame = json!({"action": "history", "conversation": NOWHERE, "after": 0});
    expect(
        &mut alice,
        frame,
        "unknown_conversation",
        json!({"conversation": NOWHERE}),
    )
    .await;
    let frame = json!({"action": "open", "with": "nobody"});
    expect(&mut alice, frame, "unknown_user", json!({})).await;
    let (frame, about) = send(&conversation, json!({"kind": "delete", "of": 1}));
    expect(&mut alice, frame, "not_allowed", about).await;

    let (mut frame, about) = send(&conversation, text("hers"));
    alice.ask(frame.clone()).await;
    frame["body"]["text"] = json!("hers no more");
    expect(&mut alice, frame, "conflict", about).await;

    throttle(&stage, &conversation);
    let (frame, about) = send(&conversation, text("again"));
    expect(&mut alice, frame.clone(), "unavailable", about).await;
    assert_eq!(
        alice.ask(frame).await["seq"],
        3,
        "nothing was lost: send it again"
    );

    for number in 0..18 {
        alice.send(&conversation, 0, &number.to_string()).await;
    }
    let (frame, about) = send(&conversation, text("one too many"));
    let limited = expect(&mut alice, frame, "rate_limited", about).await;
    assert_eq!(limited["retry_after_ms"], 10_000);

    bob.ask(json!({"action": "settings", "user": "alice", "blocked": true}))
        .await;
    let (frame, about) = send(&conversation, text("blocked"));
    expect(&mut alice, frame, "blocked", about).await;

    stage.clock.advance(599_999);
    bob.ask(json!({"action": "hello"})).await;
    alice.ask(json!({"action": "hello"})).await;
    stage.clock.advance(1);
    let (frame, about) = send(&conversation, text("too late"));
    expect(&mut alice, frame, "token_expired", about).await;
    stage.close().await;
}

#[test]
fn the_play_above_has_every_code() {
    let play = include_str!("errors.rs");
    for code in ErrorCode::ALL {
        assert!(
            play.contains(&format!("\"{code}\", ")),
            "{code} is not provoked"
        );
    }
}

#[tokio::test]
async fn an_expired_token_ends_every_action_and_leaves_the_connection() {
    let stage = Stage::open().await;
    let token = format!("Bearer {}", stage.token_for("alice", "customer", 60));
    let mut alice = stage
        .handshake("", &[("authorization", &token)])
        .await
        .unwrap();
    stage.clock.advance(60_000);
    stage.wire.forget();
    for frame in [
        json!({"action": "hello"}),
        json!({"action": "open", "with": "bob"}),
        json!({"action": "receipt", "receipts": [{"conversation": NOWHERE, "recv": 1}]}),
        json!({"action": "typing", "conversation": NOWHERE, "on": true}),
        json!({"action": "sync", "cursors": {}}),
        json!({"action": "inbox"}),
        json!({"action": "presence", "users": ["bob"]}),
        json!({"action": "device", "device": "phone", "remove": true}),
        json!({"action": "settings", "user": "bob", "blocked": true}),
    ] {
        assert_eq!(
            alice.refused(frame.clone()).await,
            "token_expired",
            "{frame}"
        );
    }
    assert!(stage.wire.observed().is_empty(), "nothing was looked at");
    alice.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn a_bad_frame_changes_nothing_and_closes_nothing() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    stage.wire.forget();
    let long_ref = json!({"action": "hello", "ref": "r".repeat(65)}).to_string();
    let rows = [
        ("hello", "bad_request", ""),
        ("{\"action\":\"hello\"", "bad_request", ""),
        ("[]", "bad_request", ""),
        ("null", "bad_request", ""),
        ("\"hello\"", "bad_request", ""),
        ("{}", "bad_request", "action"),
        ("{\"action\":null}", "bad_request", "action"),
        ("{\"action\":7}", "bad_request", "action"),
        ("{\"action\":{}}", "bad_request", "action"),
        ("{\"action\":\"\"}", "unknown_action", "action"),
        ("{\"action\":\"Hello\"}", "unknown_action", "action"),
        ("{\"action\":\"$connect\"}", "unknown_action", "action"),
        ("{\"action\":\"$default\"}", "unknown_action", "action"),
        ("{\"action\":\"hello\",\"ref\":7}", "bad_request", "ref"),
        (&long_ref, "bad_request", "ref"),
        ("{\"action\":\"typing\"}", "bad_request", "conversation"),
        ("{\"action\":\"receipt\"}", "bad_request", "receipts"),
        ("{\"action\":\"open\"}", "bad_request", "with"),
    ];
    for (text, code, field) in rows {
        alice.say_text(text).await;
        let error = alice.hear_event("error").await;
        assert_eq!(error["code"], code, "{text}: {error}");
        assert!(error.get("ref").is_none(), "{error}");
        assert!(
            error["message"].as_str().unwrap().starts_with(field),
            "{text}: {error}"
        );
    }
    nothing_written(&stage);
    alice.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn the_longest_ref_comes_back() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    for reference in ["", "ü", &"r".repeat(64), "\u{1}\"\\"] {
        for action in ["hello", "dance"] {
            alice.say(json!({"action": action, "ref": reference})).await;
            assert_eq!(alice.hear().await["ref"], reference);
        }
    }
    // Without one, none comes back.
    alice.say(json!({"action": "hello"})).await;
    assert!(alice.hear().await.get("ref").is_none());
    stage.close().await;
}

#[tokio::test]
async fn fields_that_nobody_knows_are_ignored() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let _bob = stage.provider("bob", "web").await;
    for (action, event) in [
        (json!({"action": "hello"}), "welcome"),
        (json!({"action": "open", "with": "bob"}), "opened"),
        (json!({"action": "sync", "cursors": {}}), "synced"),
        (json!({"action": "inbox"}), "inbox"),
        (json!({"action": "presence", "users": ["bob"]}), "presence"),
    ] {
        let mut frame = action;
        for name in ["user", "from", "role", "id", "seq", "ts", "something", ""] {
            frame[name] = json!({"unknown": [true]});
        }
        let answer = alice.ask(frame).await;
        assert_eq!(answer["event"], event, "{answer}");
    }
    stage.close().await;
}
