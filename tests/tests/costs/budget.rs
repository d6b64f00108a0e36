//! What each action may consume of what is billed, through the front door.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchboard_tests::{Actor, Setting, Stage, ulid};

use crate::metered::Metered;

/// How long after a write the stream is read.
const POLL_MS: u64 = 250;

/// The most that one of each may take: messages in and out (a post to each connection of the other counts), invocations,
/// round trips, write units, read units, publishes.
const BUDGETS: &[(&str, [f64; 7])] = &[
    ("authorize", [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    ("connect", [0.0, 0.0, 1.0, 2.0, 2.0, 0.0, 0.0]),
    ("disconnect", [0.0, 0.0, 1.0, 2.0, 2.0, 0.0, 0.0]),
    ("hello", [1.0, 1.0, 1.0, 1.0, 0.0, 2.5, 0.0]),
    ("ping", [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ("open", [1.0, 2.0, 1.0, 4.0, 18.0, 4.0, 0.0]),
    ("send", [1.0, 2.0, 1.0, 3.0, 1.0, 2.0, 0.0]),
    ("receipt", [1.0, 1.0, 1.0, 4.0, 1.0, 1.5, 0.0]),
    ("typing", [1.0, 1.0, 1.0, 3.0, 0.0, 1.5, 0.0]),
    ("history", [1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0.0]),
    ("sync", [1.0, 1.0, 1.0, 2.0, 0.0, 1.5, 0.0]),
    ("inbox", [1.0, 1.0, 1.0, 2.0, 0.0, 1.5, 0.0]),
    ("presence", [1.0, 1.0, 1.0, 2.0, 0.0, 1.5, 0.0]),
    ("settings", [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]),
    ("device", [1.0, 1.0, 1.0, 6.0, 2.0, 1.5, 0.0]),
    // To who is there and confirms; to who is away, with a phone.
    ("deliver", [0.0, 0.0, 1.0, 1.0, 0.0, 0.5, 0.0]),
    ("deliver, pushed", [0.0, 0.0, 1.0, 8.0, 1.0, 4.0, 1.0]),
    ("default", [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
];

const UNITS: [&str; 7] = [
    "messages_in",
    "messages_out",
    "invocations",
    "round_trips",
    "write_units",
    "read_halves",
    "publishes",
];

/// What was counted, by action.
#[derive(Default)]
struct Counted(BTreeMap<String, [f64; 7]>);

impl Counted {
    /// Takes what an action consumed since, under a name.
    async fn take(&mut self, stage: &Stage, since: &Metered, action: &str, name: &str) {
        let consumed = since.since(stage).await;
        let units = UNITS.map(|unit| {
            let count = consumed.of(action, unit);
            if unit == "read_halves" {
                count / 2.0
            } else {
                count
            }
        });
        self.0.insert(name.to_owned(), units);
    }

    async fn ask(&mut self, stage: &Stage, actor: &mut Actor, frame: Value) -> Value {
        let action = frame["action"].as_str().unwrap().to_owned();
        let before = Metered::read(stage).await;
        let answer = actor.ask(frame).await;
        self.take(stage, &before, &action, &action).await;
        answer
    }
}

/// One of everything between alice and bob.
async fn one_of_each(stage: &Stage) -> Counted {
    let mut counted = Counted::default();
    let mut bob = stage.provider("bob", "web").await;
    let before = Metered::read(stage).await;
    let mut alice = stage.customer("alice", "phone").await;
    counted.take(stage, &before, "authorize", "authorize").await;
    counted.take(stage, &before, "connect", "connect").await;
    let opened = counted
        .ask(stage, &mut alice, json!({"action": "open", "with": "bob"}))
        .await;
    let conversation = opened["conversation"].as_str().unwrap();
    let text = json!({"kind": "text", "text": "on my way"});
    let send = |after: u64| json!({"action": "send", "conversation": conversation, "id": ulid(), "after": after, "body": text});
    let before = Metered::read(stage).await;
    counted.ask(stage, &mut alice, send(0)).await;
    bob.hear_event("entry").await;
    let receipts = json!([{"conversation": conversation, "recv": 1, "read": 1}]);
    bob.say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    alice.hear_event("receipt").await;
    stage.clock.advance(POLL_MS);
    stage.delivered().await;
    counted.take(stage, &before, "receipt", "receipt").await;
    counted.take(stage, &before, "deliver", "deliver").await;

    let before = Metered::read(stage).await;
    alice
        .say(json!({"action": "typing", "conversation": conversation, "on": true}))
        .await;
    bob.hear_event("typing").await;
    counted.take(stage, &before, "typing", "typing").await;
    // Answered by the platform itself, which knows no `ref`.
    let before = Metered::read(stage).await;
    alice.say(json!({"action": "ping"})).await;
    alice.hear_event("pong").await;
    counted.take(stage, &before, "ping", "ping").await;
    for frame in [
        json!({"action": "hello"}),
        json!({"action": "history", "conversation": conversation, "after": 0}),
        json!({"action": "sync", "cursors": {conversation: 0}}),
        json!({"action": "inbox"}),
        json!({"action": "presence", "users": ["bob"]}),
        json!({"action": "settings", "conversation": conversation, "muted_until": 0}),
        json!({"action": "nothing of the kind"}),
    ] {
        let before = Metered::read(stage).await;
        let action = frame["action"].as_str().unwrap().to_owned();
        alice.ask(frame).await;
        let account = if action.contains(' ') {
            "default"
        } else {
            &action
        };
        counted.take(stage, &before, account, account).await;
    }
    let device =
        json!({"action": "device", "platform": "fcm", "token": "a-phone's", "device": "web"});
    counted.ask(stage, &mut bob, device).await;
    let before = Metered::read(stage).await;
    stage.leaves("bob", bob).await;
    stage.clock.flow(stage.delivered()).await;
    counted
        .take(stage, &before, "disconnect", "disconnect")
        .await;

    let before = Metered::read(stage).await;
    alice.ask(send(1)).await;
    stage.clock.flow(stage.delivered()).await;
    counted
        .take(stage, &before, "deliver", "deliver, pushed")
        .await;
    counted
}

#[tokio::test]
async fn no_action_consumes_more_than_its_budget() {
    let stage = Stage::set(Setting {
        stream_poll_ms: POLL_MS,
        ..Setting::default()
    })
    .await;
    let counted = one_of_each(&stage).await;
    stage.close().await;
    println!(
        "| action | {} |",
        UNITS.join(" | ").replace("read_halves", "read_units")
    );
    let mut over = Vec::new();
    for (action, budget) in BUDGETS {
        let units = counted.0[*action];
        let shown = units.map(|it| it.to_string());
        println!("| {action} | {} |", shown.join(" | "));
        for ((unit, count), most) in UNITS.iter().zip(units).zip(budget) {
            if count > *most {
                over.push(format!("{action}: {count} {unit} of {most}"));
            }
        }
    }
    assert!(over.is_empty(), "{over:?}");
    assert_eq!(counted.0.len(), BUDGETS.len(), "every action has a budget");
}
