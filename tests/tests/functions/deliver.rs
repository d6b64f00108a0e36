//! `deliver`: records of the table's stream become pushes, once; a record that cannot be read comes again.

use serde_json::{Value, json};

use crate::chat::{Caller, TEXT, ask, connect, send};
use crate::cloud::Cloud;
use crate::function::Function;

pub(crate) const DEVICE_TOKEN: &str =
    "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad";

/// The recorded batch with these images.
pub(crate) fn batch(images: &[Value]) -> Value {
    let recorded: Value = serde_json::from_str(include_str!("events/stream.json")).unwrap();
    let record = |(number, image): (usize, &Value)| {
        let mut record = recorded["Records"][0].clone();
        record["dynamodb"]["Keys"] = json!({"pk": image["pk"], "sk": image["sk"]});
        record["dynamodb"]["NewImage"] = image.clone();
        record["dynamodb"]["SequenceNumber"] =
            json!((4_421_584_500_000_u64 + number as u64).to_string());
        record
    };
    let records: Vec<Value> = images.iter().enumerate().map(record).collect();
    json!({ "Records": records })
}

/// Bob registers his phone and leaves, alice sends to him: the entry's image, as it was put.
async fn stored(cloud: &Cloud) -> Value {
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(cloud, &[&alice, &bob]).await;
    let mut message = Function::start("message", cloud).await;
    let device = json!({"action": "device", "platform": "apns", "token": DEVICE_TOKEN, "device": "bob-phone"});
    assert_eq!(ask(&mut message, &bob, device).await["event"], "device");
    let mut disconnect = Function::start("disconnect", cloud).await;
    disconnect.invoke(&bob.disconnects()).await.unwrap();
    disconnect.end(&[]).await;
    let opened = ask(
        &mut message,
        &alice,
        json!({"action": "open", "with": "bob"}),
    )
    .await;
    let conversation = opened["conversation"].as_str().unwrap();
    let sent = ask(&mut message, &alice, send(conversation)).await;
    assert_eq!(sent["event"], "sent", "{sent}");
    message.end(&[TEXT, DEVICE_TOKEN]).await;
    let mut puts = cloud
        .calls("PutItem")
        .into_iter()
        .map(|it| it.body["Item"].clone());
    let is_entry = |it: &Value| {
        it["sk"]["S"]
            .as_str()
            .is_some_and(|sk| sk.starts_with("E#"))
    };
    puts.rfind(is_entry).expect("an entry was put")
}

#[tokio::test]
async fn an_entry_is_pushed_once_however_often_its_record_comes() {
    let cloud = Cloud::open().await;
    let entry = stored(&cloud).await;
    let event = batch(&[entry]);
    let mut deliver = Function::start("deliver", &cloud).await;

    for _ in 0..2 {
        let failures = deliver.invoke(&event).await.unwrap();
        assert_eq!(failures, json!({"batchItemFailures": []}));
    }

    let pushes = cloud.sns.published();
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    assert_eq!(pushes[0].token, DEVICE_TOKEN);
    assert!(
        !pushes[0].message.contains(TEXT),
        "the operator chose `generic`"
    );
    let counts = deliver.end(&[TEXT, DEVICE_TOKEN]).await;
    assert_eq!((counts["Pushes"], counts["DeliverLag"]), (1, 2));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_and_the_others_are_delivered() {
    let cloud = Cloud::open().await;
    let entry = stored(&cloud).await;
    let mut poison = entry.clone();
    poison["sk"] = json!({"S": "E#000000000002"});
    poison["body"] = json!({"S": format!("no body: {TEXT}")});
    let other = json!({"pk": {"S": "U#bob"}, "sk": {"S": "PROFILE"}, "role": {"S": "provider"}});
    let mut event = batch(&[poison, entry, other]);
    let mut removed = event["Records"][1].clone();
    removed["eventName"] = json!("REMOVE");
    removed["dynamodb"]
        .as_object_mut()
        .unwrap()
        .remove("NewImage");
    event["Records"].as_array_mut().unwrap().push(removed);
    let mut deliver = Function::start("deliver", &cloud).await;

    let failures = deliver.invoke(&event).await.unwrap();

    let named = json!([{"itemIdentifier": "4421584500000"}]);
    assert_eq!(failures["batchItemFailures"], named);
    assert_eq!(cloud.sns.published().len(), 1);
    deliver.end(&[TEXT, DEVICE_TOKEN]).await;
}
