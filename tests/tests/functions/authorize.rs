//! `authorize`: Allow with a context, "Unauthorized", Deny, and never a way in when the issuer is down.

use serde_json::{Value, json};

use crate::cloud::{Cloud, now_ms};
use crate::function::Function;

/// A handshake with a token, as it was recorded.
pub(crate) fn event(token: &str) -> Value {
    let recorded = include_str!("events/authorize.json").replace("TOKEN", token);
    serde_json::from_str(&recorded).unwrap()
}

#[tokio::test]
async fn a_good_token_is_allowed_with_what_later_events_need() {
    let cloud = Cloud::open().await;
    let issued_at = now_ms();
    let token = cloud.token("alice", "customer");
    let mut authorize = Function::start("authorize", &cloud).await;

    let policy = authorize.invoke(&event(&token)).await.unwrap();

    assert_eq!(policy["principalId"], "alice");
    let statement = json!([{
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:us-east-1:123456789012:abc123/live/$connect",
    }]);
    assert_eq!(policy["policyDocument"]["Version"], "2012-10-17");
    assert_eq!(policy["policyDocument"]["Statement"], statement);
    let context = &policy["context"];
    assert_eq!(
        (&context["role"], &context["device"]),
        (&json!("customer"), &json!("alice-phone"))
    );
    let expires_at: u64 = context["expires_at"].as_str().unwrap().parse().unwrap();
    let life = expires_at - issued_at / 1_000 * 1_000;
    assert!((3_600_000..3_610_000).contains(&life), "{expires_at}");
    let flat = context.as_object().unwrap().values().all(Value::is_string);
    assert!(flat, "the platform takes no nested value: {context}");
    authorize.end(&[&token]).await;
}

#[tokio::test]
async fn a_browser_s_token_and_any_case_of_header_names_are_read() {
    let cloud = Cloud::open().await;
    let token = cloud.token("alice", "customer");
    let mut authorize = Function::start("authorize", &cloud).await;
    let mut browser = event("");
    let headers = browser["headers"].as_object_mut().unwrap();
    headers.remove("Authorization");
    headers.insert(
        "sec-websocket-protocol".to_owned(),
        json!(format!("switchboard.v1, bearer.{token}")),
    );
    // Behind a multi-level mapping the platform writes all names in lower case; without a query there is null.
    browser["queryStringParameters"] = Value::Null;

    let policy = authorize.invoke(&browser).await.unwrap();

    assert_eq!(policy["principalId"], "alice");
    assert!(policy["context"].get("device").is_none());
    authorize.end(&[&token]).await;
}

#[tokio::test]
async fn the_rest_is_401_or_403() {
    let cloud = Cloud::open().await;
    let good = cloud.token("alice", "customer");
    let roleless = cloud.token("alice", "admin");
    let mut authorize = Function::start("authorize", &cloud).await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let tampered = format!("{signed}.AAAA{}", &signature[4..]);
    let mut bad_device = event(&good);
    bad_device["queryStringParameters"]["device"] = json!("no such / name");
    let mut in_query = event("");
    in_query["queryStringParameters"]["token"] = json!(good);

    for refused in [
        event("garbage"),
        event(""),
        event(&tampered),
        bad_device,
        in_query,
    ] {
        let error = authorize.invoke(&refused).await.unwrap_err();
        // The platform answers 401 to exactly this text and 500 to any other.
        assert_eq!(error["errorMessage"], "Unauthorized");
    }
    let policy = authorize.invoke(&event(&roleless)).await.unwrap();

    assert_eq!(policy["policyDocument"]["Statement"][0]["Effect"], "Deny");
    assert_eq!(
        policy["policyDocument"]["Statement"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let counts = authorize
        .end(&[&good, &roleless, &tampered, "garbage"])
        .await;
    assert_eq!(counts["AuthorizationsRefused"], 6);
}

#[tokio::test]
async fn keys_are_fetched_at_init_and_serve_when_the_issuer_is_down() {
    let cloud = Cloud::open().await;
    let token = cloud.token("alice", "customer");
    let mut warm = Function::start("authorize", &cloud).await;
    warm.invoke(&event(&token)).await.unwrap();
    cloud.take_issuer_down(true);
    let mut cold = Function::start("authorize", &cloud).await;

    let policy = warm.invoke(&event(&token)).await.unwrap();
    let error = cold.invoke(&event(&token)).await.unwrap_err();

    assert_eq!(policy["principalId"], "alice");
    assert_ne!(
        error["errorMessage"], "Unauthorized",
        "nobody is called a liar"
    );
    warm.end(&[&token]).await;
    cold.end(&[&token]).await;
}
