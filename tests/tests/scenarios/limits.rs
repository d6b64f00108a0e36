//! Every bound that reaches a socket, on both of its sides.

use serde_json::{Value, json};
use switchboard_local::apigw::Limits;
use switchboard_tests::{Setting, Stage};
use tokio_tungstenite::tungstenite::Message;

use crate::common::{NOWHERE, alone, meet};

/// A frame of an exact length, which the platform answers itself.
fn ping_of(bytes: usize) -> String {
    let empty = json!({"action": "ping", "pad": ""}).to_string().len();
    json!({"action": "ping", "pad": "x".repeat(bytes - empty)}).to_string()
}

#[tokio::test]
async fn a_frame_of_32768_bytes_is_heard_and_a_longer_one_closes() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    let longest = ping_of(32_768);
    assert_eq!(longest.len(), 32_768);
    alice.say_text(&longest).await;
    assert_eq!(alice.hear().await["event"], "pong");

    alice.say_text(&ping_of(32_769)).await;

    assert_eq!(alice.closed().await.0, 1009);
    stage.close().await;
}

#[tokio::test]
async fn a_binary_frame_closes() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;

    alice
        .say_raw(Message::binary(&b"{\"action\":\"ping\"}"[..]))
        .await;

    assert_eq!(alice.closed().await.0, 1003);
    stage.close().await;
}

#[tokio::test]
async fn handshakes_beyond_the_rate_are_refused_with_429() {
    let limits = Limits {
        connects_per_s: 2,
        ..Limits::default()
    };
    let stage = Stage::set(Setting {
        limits,
        ..Setting::default()
    })
    .await;
    let _one = stage.customer("alice", "one").await;
    let _two = stage.customer("alice", "two").await;
    let bearer = format!("Bearer {}", stage.token("alice", "customer"));

    let third = stage
        .handshake("device=three", &[("authorization", &bearer)])
        .await;

    assert_eq!(third.unwrap_err().status, 429);
    stage.clock.advance(1_000);
    let _three = stage.customer("alice", "three").await;
    stage.close().await;
}

#[tokio::test]
async fn a_text_has_8000_characters_and_a_body_16384_bytes() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let text = |text: String| json!({"kind": "text", "text": text});
    let custom = |bytes: usize| {
        let body = |pad: &str| json!({"kind": "custom", "type": "x", "data": {"pad": pad}});
        let empty = body("").to_string().len();
        body(&"x".repeat(bytes - empty))
    };
    for body in [
        text("a".repeat(8_000)),
        text("é".repeat(8_000)),
        text("\"".repeat(8_000)),
        text("🙂".repeat(4_000)),
        custom(16_384),
    ] {
        let sent = alice.send_body(&conversation, 0, body.clone()).await;
        assert_eq!(sent["event"], "sent", "{sent}");
        assert_eq!(bob.hear_event("entry").await["body"], body);
    }
    stage.wire.forget();
    for body in [
        text("a".repeat(8_001)),
        text("\u{1}".repeat(3_000)),
        text("語".repeat(8_000)),
        custom(16_385),
        json!({"kind": "edit", "of": 1, "text": "a".repeat(8_001)}),
    ] {
        let refused = alice.send_body(&conversation, 0, body).await;
        assert_eq!(refused["code"], "too_large", "{refused}");
    }
    crate::common::nothing_written(&stage);
    stage.close().await;
}

#[tokio::test]
async fn lists_have_their_lengths() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    alice.send(&conversation, 0, "something to receive").await;
    let cursors = |count: usize| {
        let ulid = |number: usize| format!("01JD8Z3KQ5W9T0{number:012}");
        let cursors = (0..count).map(|number| (ulid(number), json!(0)));
        json!({"action": "sync", "cursors": Value::Object(cursors.collect())})
    };
    let receipts = |count: usize| {
        let one = json!({"conversation": conversation, "recv": 1});
        json!({"action": "receipt", "receipts": vec![one; count]})
    };
    let users = |count: usize| {
        let users: Vec<_> = (0..count).map(|number| format!("user-{number}")).collect();
        json!({"action": "presence", "users": users})
    };
    let history = |limit: usize| json!({"action": "history", "conversation": conversation, "after": 0, "limit": limit});
    let inbox = |limit: usize| json!({"action": "inbox", "limit": limit});

    assert_eq!(alice.ask(cursors(500)).await["event"], "synced");
    assert_eq!(alice.ask(users(20)).await["event"], "presence");
    assert_eq!(alice.ask(history(100)).await["event"], "page");
    assert_eq!(alice.ask(inbox(50)).await["event"], "inbox");
    let mut one_lost = receipts(50);
    one_lost["receipts"][49]["conversation"] = json!(NOWHERE);
    assert_eq!(
        alice.refused(one_lost).await,
        "unknown_conversation",
        "fifty are looked at"
    );

    let beyond = [
        cursors(501),
        receipts(51),
        receipts(0),
        users(21),
        users(0),
        history(101),
        inbox(51),
    ];
    for frame in beyond {
        assert_eq!(alice.refused(frame.clone()).await, "bad_request", "{frame}");
    }
    stage.close().await;
}
