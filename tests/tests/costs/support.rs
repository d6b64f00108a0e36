//! A support chat: a customer and a provider, both connected, twenty messages in twenty minutes.

use serde_json::json;
use switchboard_tests::{Actor, Setting, Stage};

use crate::metered::Metered;

const MESSAGES: u32 = 20;
const A_MINUTE_MS: u64 = 60_000;
const A_DAY_MS: u64 = 86_400_000;
/// How long after a write the stream is read, as Lambda's mapping does at most.
const POLL_MS: u64 = 250;
/// Forty characters, as people write.
const TEXT: &str = "On my way, be there in about ten minutes";

/// What a million messages of such chats may cost, in dollars, and how many messages of API Gateway each may be.
const DOLLARS_MAX: f64 = 9.0;
/// The same where the two never met before: a conversation has to be made.
const FIRST_DOLLARS_MAX: f64 = 9.7;
const MESSAGES_MAX: f64 = 5.2;

/// One writes, the other has the chat on the screen: stored and seen at once, in one receipt.
async fn says(
    stage: &Stage,
    writer: &mut Actor,
    reader: &mut Actor,
    conversation: &str,
    after: u64,
) {
    let sent = writer.send(conversation, after, TEXT).await;
    let entry = reader.hear_event("entry").await;
    assert_eq!(entry["seq"], sent["seq"]);
    let receipts =
        json!([{"conversation": conversation, "recv": entry["seq"], "read": entry["seq"]}]);
    reader
        .say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    let receipt = writer.hear_event("receipt").await;
    assert_eq!(receipt["read"], sent["seq"]);
    stage.clock.sleeper(POLL_MS).await;
    stage.clock.advance(POLL_MS);
    stage.delivered().await;
}

/// Both come, know each other or not, write, and go; what one of the messages took.
async fn chat(stage: &Stage, acquainted: Option<&str>, begins_after: u64) -> (String, Metered) {
    let before = Metered::read(stage).await;
    let mut alice = stage.customer("alice", "phone").await;
    let mut bob = stage.provider("bob", "web").await;
    for phone in [&mut alice, &mut bob] {
        let welcome = phone.ask(json!({"action": "hello"})).await;
        assert_eq!(welcome["event"], "welcome");
    }
    let conversation = match acquainted {
        Some(id) => id.to_owned(),
        None => alice.open("bob").await,
    };
    for message in 0..MESSAGES {
        let (writer, reader) = if message % 2 == 0 {
            (&mut alice, &mut bob)
        } else {
            (&mut bob, &mut alice)
        };
        says(
            stage,
            writer,
            reader,
            &conversation,
            begins_after + u64::from(message),
        )
        .await;
        stage.clock.advance(A_MINUTE_MS);
        // What `deliver` wrote wakes the stream's reader once more: that is over before the next one writes.
        stage.clock.flow(stage.delivered()).await;
    }
    stage.leaves("alice", alice).await;
    stage.leaves("bob", bob).await;
    (conversation, before.since(stage).await)
}

/// The messages of API Gateway that a message took, and the dollars that a million cost; printed as a table.
fn bill(title: &str, metered: &Metered) -> (f64, f64) {
    let each = |unit: &str| metered.all(unit) / f64::from(MESSAGES);
    println!("\n| {title} | a message | dollars per million |\n|---|---|---|");
    let rows = [
        ("messages in", each("messages_in"), 0.0),
        ("messages out", each("messages_out"), each("$messages")),
        (
            "connection minutes",
            each("connection_ms") / 60_000.0,
            each("$connection_minutes"),
        ),
        ("invocations", each("invocations"), each("$invocations")),
        ("round trips", each("round_trips"), each("$function_time")),
        ("write units", each("write_units"), each("$writes")),
        ("read units", each("read_halves") / 2.0, each("$reads")),
    ];
    for (what, units, dollars) in rows {
        println!("| {what} | {units:.2} | {:.3} |", dollars * 1e6);
    }
    let dollars = rows.iter().map(|(.., dollars)| dollars * 1e6).sum();
    println!("| **all** | | **{dollars:.2}** |");
    (each("messages_in") + each("messages_out"), dollars)
}

#[tokio::test]
async fn a_million_messages_of_support_chats_cost_what_they_may() {
    let stage = Stage::set(Setting {
        stream_poll_ms: POLL_MS,
        ..Setting::default()
    })
    .await;
    // Who is to be written to has been there before.
    let bob = stage.provider("bob", "web").await;
    stage.leaves("bob", bob).await;

    let (conversation, first) = chat(&stage, None, 0).await;
    stage.clock.advance(A_DAY_MS);
    let (_, later) = chat(&stage, Some(&conversation), u64::from(MESSAGES)).await;
    stage.close().await;

    let (_, first) = bill("people who never met", &first);
    let (messages, later) = bill("people who have met", &later);
    assert!(messages <= MESSAGES_MAX, "{messages} messages");
    assert!(later <= DOLLARS_MAX, "{later:.2} dollars");
    assert!(first <= FIRST_DOLLARS_MAX, "{first:.2} dollars");
}
