//! What functions do, and print, when what they rely on fails.

use serde_json::json;

use crate::chat::{Caller, TEXT, ask, connect, send};
use crate::cloud::Cloud;
use crate::function::Function;

#[tokio::test]
async fn a_table_that_fails_is_unavailable_and_the_next_try_succeeds() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(&cloud, &[&alice, &bob]).await;
    let mut message = Function::start("message", &cloud).await;
    let opened = ask(
        &mut message,
        &alice,
        json!({"action": "open", "with": "bob"}),
    )
    .await;
    let frame = send(opened["conversation"].as_str().unwrap());

    cloud.break_dynamodb(true);
    let refused = ask(&mut message, &alice, frame.clone()).await;
    cloud.break_dynamodb(false);
    let sent = ask(&mut message, &alice, frame).await;

    assert_eq!(
        (&refused["code"], &refused["retry"]),
        (&json!("unavailable"), &json!(true))
    );
    assert!(
        !refused["message"].as_str().unwrap().contains("injected"),
        "{refused}"
    );
    assert_eq!(
        (&sent["seq"], &sent["duplicate"]),
        (&json!(1), &json!(false))
    );
    let counts = message.end(&[TEXT]).await;
    assert_eq!((counts["Unavailables"], counts["SendToRelay"]), (1, 1));
}

#[tokio::test]
async fn a_handshake_without_a_table_is_503() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let mut connect = Function::start("connect", &cloud).await;
    cloud.break_dynamodb(true);
    let answer = connect.invoke(&alice.connects()).await.unwrap();
    assert_eq!(answer, json!({"statusCode": 503}));
    assert!(connect.end(&[]).await.is_empty());
}

#[tokio::test]
async fn an_event_without_a_session_is_an_error_and_the_function_lives_on() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let mut message = Function::start("message", &cloud).await;
    let mut stranger = alice.says(&json!({"action": "open", "with": TEXT}));
    stranger["requestContext"]["authorizer"] = json!({});
    for event in [stranger, json!({"body": TEXT}), json!(null)] {
        let error = message.invoke(&event).await.unwrap_err();
        assert!(error["errorMessage"].is_string(), "{error}");
    }
    let welcome = ask(&mut message, &alice, json!({"action": "hello"})).await;
    assert_eq!(welcome["event"], "welcome");
    message.end(&[TEXT]).await;
}
