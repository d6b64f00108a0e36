//! Where a message is, by what the functions wrote into their logs.

use serde_json::{Value, json};
use switchboard::trail::{FIELDS, TARGET};
use switchboard_local::trace::{Timeline, logs};

use crate::chat::{Caller, TEXT, ask, connect, send};
use crate::cloud::Cloud;
use crate::deliver::{DEVICE_TOKEN, batch};
use crate::function::Function;

fn traced(log: &str, conversation: &str) -> Value {
    let conversation: switchboard::protocol::ConversationId = conversation.parse().unwrap();
    let steps = logs::steps(log.as_bytes(), &conversation, 1).unwrap();
    let timeline = Timeline::logged(conversation, 1, steps);
    timeline.expect("the logs name the entry").json()
}

fn steps(timeline: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let step = |it: &Value| {
        let [event, device, answer] = ["event", "device", "answer"].map(|name| text(&it[name]));
        format!("{event} {device} {answer}")
    };
    let steps = timeline["steps"].as_array().unwrap();
    steps.iter().map(step).collect()
}

#[tokio::test]
async fn the_logs_of_the_functions_tell_where_a_message_is() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(&cloud, &[&alice, &bob]).await;
    let mut message = Function::start("message", &cloud).await;
    let device = json!({"action": "device", "platform": "apns", "token": DEVICE_TOKEN, "device": "bob-phone"});
    assert_eq!(ask(&mut message, &bob, device).await["event"], "device");
    let open = json!({"action": "open", "with": "bob"});
    let opened = ask(&mut message, &alice, open).await;
    let conversation = opened["conversation"].as_str().unwrap();
    // The first goes to a connection that is gone.
    cloud.lose(&bob.connection);
    let sent = ask(&mut message, &alice, send(conversation)).await;
    assert_eq!(sent["seq"], 1);
    let (_, first) = message.end_with_log(&[TEXT, DEVICE_TOKEN]).await;

    let puts = cloud.calls("PutItem");
    let entry = puts
        .iter()
        .rfind(|it| it.body["Item"].get("body").is_some());
    let mut deliver = Function::start("deliver", &cloud).await;
    let event = batch(&[entry.unwrap().body["Item"].clone()]);
    deliver.invoke(&event).await.unwrap();
    let (_, second) = deliver.end_with_log(&[TEXT, DEVICE_TOKEN]).await;

    let away = traced(&format!("{first}{second}"), conversation);
    let expected = [
        "accepted alice-phone -",
        "stored alice-phone -",
        "posted bob-phone 410",
        "pushed bob-phone sent",
    ];
    assert_eq!(steps(&away), expected);
    let line = away["where"].as_str().unwrap();
    let begins = "waits: bob has no connection; pushed to 1 device at ";
    assert!(line.starts_with(begins), "{line}");

    let again = Caller::new("bob", "provider", "Bob0008eCbtjMCJ=");
    connect(&cloud, &[&again]).await;
    let mut message = Function::start("message", &cloud).await;
    let receipts = json!([{"conversation": conversation, "recv": 1, "read": 1}]);
    let receipt = json!({"action": "receipt", "receipts": receipts});
    message.invoke(&again.says(&receipt)).await.unwrap();
    let (_, third) = message.end_with_log(&[TEXT, DEVICE_TOKEN]).await;

    // In any order: a log group is read as it comes.
    let back = traced(&format!("{third}{second}{first}{second}"), conversation);
    let expected = [
        &expected[..],
        &["confirmed bob-phone receipt", "read bob-phone -"],
    ]
    .concat();
    assert_eq!(steps(&back), expected);
    let line = back["where"].as_str().unwrap();
    assert!(line.starts_with("confirmed by bob's bob-phone "), "{line}");

    // Every line of the trail has the trail's fields and no others: queries rely on them.
    let lines = format!("{first}{second}{third}");
    let lines = lines
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap());
    for line in lines.filter(|it| it["target"] == TARGET) {
        let fields = line["fields"].as_object().unwrap();
        assert!(
            fields.keys().all(|it| FIELDS.contains(&it.as_str())),
            "{line}"
        );
        assert_eq!(line["level"], "INFO", "{line}");
    }
}
