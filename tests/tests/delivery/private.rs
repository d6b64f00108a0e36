//! No message text and no device token in the log or in the metrics, whatever goes wrong.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use switchboard::PushText;
use switchboard_local::engine::Fault;
use switchboard_local::sns::PublishFault;
use switchboard_tests::{Setting, Stage, Trouble, ulid};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cast::{GRACE_MS, both_there};

const SECRET: &str = "the-key-is-under-the-mat";

/// What was logged.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Each kind of request fails for good once, before and after it was applied.
fn everything_fails(stage: &Stage, operation: &'static str) {
    for applied in [false, true] {
        for fault in [Fault::Throttled, Fault::Broken, Fault::Lost] {
            stage.wire.trouble(Trouble {
                operation,
                containing: String::new(),
                // The SDK's attempts.
                times: 3,
                applied,
                fault,
            });
        }
    }
}

#[tokio::test]
async fn neither_log_nor_metrics_hold_a_message_or_a_token() {
    let log = Log::default();
    // Ours to the last detail, and others' as an operator sees them.
    let filter = "info,switchboard=trace,switchboard_handlers=trace,switchboard_local=trace";
    let _guard = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log.clone())
        .set_default();
    let push_text = PushText::Preview;
    let stage = Stage::set(Setting {
        push_text,
        ..Setting::default()
    })
    .await;
    let (mut alice, mut bob, conversation) = both_there(&stage).await;
    let body = json!({"kind": "text", "text": SECRET});
    let send = |id: &str, after: u64, body: &serde_json::Value| json!({"action": "send", "conversation": conversation, "id": id, "after": after, "body": body});
    let id = ulid();
    // All goes well, then the same id with another text, then a frame that is none.
    alice.ask(send(&id, 0, &body)).await;
    bob.hear_event("entry").await;
    let other = json!({"kind": "text", "text": format!("{SECRET}!")});
    assert_eq!(alice.refused(send(&id, 0, &other)).await, "conflict");
    alice
        .say_text(&format!("{{\"action\":\"send\",\"body\":\"{SECRET}"))
        .await;
    alice.hear_event("error").await;
    // Everything goes wrong that can.
    for operation in [
        "PutItem",
        "TransactWriteItems",
        "Query",
        "UpdateItem",
        "GetItem",
    ] {
        everything_fails(&stage, operation);
        for edit in [false, true] {
            let body = if edit {
                json!({"kind": "edit", "of": 1, "text": SECRET})
            } else {
                body.clone()
            };
            stage.clock.flow(alice.ask(send(&ulid(), 1, &body))).await;
        }
        stage.wire.calm();
    }
    stage.host().sns().fail_next(4, PublishFault::Throttled);
    stage.clock.advance(GRACE_MS);
    stage.clock.flow(stage.delivered()).await;

    let pushes = stage.pushes("bob").await;
    assert!(format!("{pushes:?}").contains(SECRET), "{pushes:?}");
    let (text, metrics) = (log.text(), stage.get_text("/_local/metrics").await);
    assert!(text.contains("a frame was answered unavailable"), "{text}");
    for secret in [SECRET, "token-of-bob"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!metrics.contains(secret), "{metrics}");
    }
    stage.close().await;
}
