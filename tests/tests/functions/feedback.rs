//! `feedback`: a dead endpoint's device is forgotten, once and idempotently; anything else changes nothing.

use serde_json::{Value, json};

use crate::chat::{Caller, ask, connect};
use crate::cloud::Cloud;
use crate::function::Function;

const DEVICE_TOKEN: &str = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad";
const LATER: &str = "2100-01-01T00:00:00.000Z";

/// Bob registers his phone; returns its endpoint.
async fn registered(cloud: &Cloud) -> String {
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(cloud, &[&bob]).await;
    let mut message = Function::start("message", cloud).await;
    let device = json!({"action": "device", "platform": "apns", "token": DEVICE_TOKEN, "device": "bob-phone"});
    assert_eq!(ask(&mut message, &bob, device).await["event"], "device");
    message.end(&[DEVICE_TOKEN]).await;
    endpoint(cloud).await.expect("it is registered")
}

async fn endpoint(cloud: &Cloud) -> Option<String> {
    let stored = cloud
        .stored("chat", "U#bob", "D#bob-phone", "endpoint")
        .await?;
    Some(stored.as_s().unwrap().clone())
}

async fn owner(cloud: &Cloud, endpoint: &str) -> bool {
    let owner = cloud
        .stored("chat", &format!("T#{endpoint}"), "OWNER", "user")
        .await;
    owner.is_some()
}

fn told(messages: &[Value]) -> Value {
    let record = |it: &Value| {
        json!({"EventSource": "aws:sns", "EventSubscriptionArn": "arn:s",
        "Sns": {"Type": "Notification", "TopicArn": "arn:t", "Message": it.to_string()}})
    };
    let records: Vec<Value> = messages.iter().map(record).collect();
    json!({ "Records": records })
}

fn failure(endpoint: &str, kind: &str, time: &str) -> Value {
    json!({"EventType": "DeliveryFailure", "FailureType": kind, "EndpointArn": endpoint,
        "FailureMessage": DEVICE_TOKEN, "Service": "SNS", "Time": time})
}

#[tokio::test]
async fn a_dead_token_s_device_is_forgotten_however_often_it_is_told() {
    let cloud = Cloud::open().await;
    let arn = registered(&cloud).await;
    assert!(owner(&cloud, &arn).await);
    let mut feedback = Function::start("feedback", &cloud).await;
    let dead = failure(&arn, "InvalidPlatformToken", LATER);
    let event = told(&[json!("nonsense"), dead.clone(), dead]);
    for _ in 0..2 {
        feedback.invoke(&event).await.unwrap();
        assert_eq!(endpoint(&cloud).await, None);
        assert!(!owner(&cloud, &arn).await);
    }
    let counts = feedback.end(&[DEVICE_TOKEN, &arn]).await;
    assert_eq!(counts, [("PushesDead".to_owned(), 1)].into());
    // Nothing but what the function may do.
    assert!(cloud.calls("Scan").is_empty());
}

#[tokio::test]
async fn what_may_pass_what_is_older_than_the_device_and_what_is_nobody_s_change_nothing() {
    let cloud = Cloud::open().await;
    let arn = registered(&cloud).await;
    let mut feedback = Function::start("feedback", &cloud).await;
    let harmless = [
        failure(&arn, "Throttled", LATER),
        failure(&arn, "PlatformCredentialsInvalid", LATER),
        failure(&arn, "InvalidPlatformToken", "2020-01-01T00:00:00.000Z"),
        failure("arn:nobody", "InvalidPlatformToken", LATER),
        json!({"EventType": "EndpointUpdated", "EndpointArn": arn, "Time": LATER}),
    ];
    feedback.invoke(&told(&harmless)).await.unwrap();
    assert_eq!(endpoint(&cloud).await.as_deref(), Some(arn.as_str()));
    assert!(owner(&cloud, &arn).await);
    assert!(feedback.end(&[DEVICE_TOKEN]).await.is_empty());
}

#[tokio::test]
async fn a_table_that_fails_makes_the_event_come_again() {
    let cloud = Cloud::open().await;
    let arn = registered(&cloud).await;
    let mut feedback = Function::start("feedback", &cloud).await;
    let event = told(&[json!({"EventType": "EndpointDeleted", "EndpointArn": arn, "Time": LATER})]);
    cloud.break_dynamodb(true);
    let error = feedback.invoke(&event).await.unwrap_err();
    assert!(!error.to_string().contains("injected"), "{error}");
    cloud.break_dynamodb(false);
    feedback.invoke(&event).await.unwrap();
    assert_eq!(endpoint(&cloud).await, None);
    for strange in [json!({}), json!(null), json!({"Records": [{"Sns": {}}]})] {
        let error = feedback.invoke(&strange).await.unwrap_err();
        assert!(error["errorMessage"].is_string(), "{error}");
    }
    feedback.end(&[DEVICE_TOKEN]).await;
}
