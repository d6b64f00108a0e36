//! Goal: the stand-in has the rules of SNS that decide whether a push arrives.
//! Method: the real client.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_sns::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata as _, SdkError},
    operation::publish::PublishError,
    types::MessageAttributeValue,
};
use switchboard_local::sns::{PublishFault, Sns};

const APPLICATION: &str = "arn:aws:sns:local:000000000000:app/APNS/chat";

fn client(sns: &Sns) -> Client {
    let config = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .endpoint_url("http://sns.local")
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(sns.http_client())
        .build();
    Client::from_conf(config)
}

async fn create(client: &Client, token: &str) -> String {
    let request = client
        .create_platform_endpoint()
        .platform_application_arn(APPLICATION)
        .token(token);
    request.send().await.unwrap().endpoint_arn.unwrap()
}

async fn attributes(client: &Client, arn: &str) -> Option<(String, String)> {
    let request = client.get_endpoint_attributes().endpoint_arn(arn);
    let output = request.send().await.ok()?;
    let attributes = output.attributes()?;
    Some((attributes["Token"].clone(), attributes["Enabled"].clone()))
}

async fn publish(client: &Client, arn: &str, message: &str) -> Result<(), PublishError> {
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("chat-1")
        .build()
        .unwrap();
    let request = client
        .publish()
        .target_arn(arn)
        .message(message)
        .message_structure("json")
        .message_attributes("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", attribute);
    let id = request.send().await.map_err(SdkError::into_service_error)?;
    assert!(id.message_id().is_some());
    Ok(())
}

#[tokio::test]
async fn creating_is_idempotent_for_the_same_attributes_alone() {
    let client = client(&Sns::new());
    let arn = create(&client, "token <&> 1").await;
    assert_eq!(create(&client, "token <&> 1").await, arn);
    assert_ne!(create(&client, "token-2").await, arn);
    let error = client
        .create_platform_endpoint()
        .platform_application_arn(APPLICATION)
        .token("token <&> 1")
        .custom_user_data("alice")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.code(), Some("InvalidParameter"));
    assert_eq!(
        error.message().unwrap(),
        format!(
            "Invalid parameter: Token Reason: Endpoint {arn} already exists with the same \
             Token, but different attributes."
        )
    );
}

#[tokio::test]
async fn a_disabled_endpoint_looks_fine_until_it_is_asked_and_can_be_repaired() {
    let sns = Sns::new();
    let client = client(&sns);
    let arn = create(&client, "t1").await;
    assert!(sns.disable(&arn));
    assert_eq!(create(&client, "t1").await, arn);
    let error = publish(&client, &arn, r#"{"default":"hi"}"#)
        .await
        .unwrap_err();
    assert!(error.is_endpoint_disabled_exception(), "{error:?}");
    assert_eq!(
        attributes(&client, &arn).await,
        Some(("t1".into(), "false".into()))
    );
    let request = client.set_endpoint_attributes().endpoint_arn(&arn);
    let request = request
        .attributes("Enabled", "true")
        .attributes("Token", "t2");
    request.send().await.unwrap();
    assert_eq!(
        attributes(&client, &arn).await,
        Some(("t2".into(), "true".into()))
    );
    publish(&client, &arn, r#"{"default":"hi"}"#).await.unwrap();
    // The token has an owner, and the old one is free for another endpoint.
    assert_eq!(create(&client, "t2").await, arn);
    let other = create(&client, "t1").await;
    assert_ne!(other, arn);
    let request = client.set_endpoint_attributes().endpoint_arn(&other);
    let taken = request.attributes("Token", "t2").send().await.unwrap_err();
    assert_eq!(taken.into_service_error().code(), Some("InvalidParameter"));
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_and_deleting_again_is_fine() {
    let client = client(&Sns::new());
    let arn = create(&client, "t1").await;
    for _ in 0..2 {
        client
            .delete_endpoint()
            .endpoint_arn(&arn)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(attributes(&client, &arn).await, None);
    let error = publish(&client, &arn, r#"{"default":"hi"}"#)
        .await
        .unwrap_err();
    assert!(error.is_not_found_exception(), "{error:?}");
    assert_eq!(create(&client, "t1").await, arn);
}

#[tokio::test]
async fn an_endpoint_of_an_earlier_run_still_takes_a_push() {
    let arn = create(&client(&Sns::new()), "t1").await;
    let sns = Sns::new();
    publish(&client(&sns), &arn, r#"{"default":"hi"}"#)
        .await
        .unwrap();
    assert_eq!(sns.published()[0].token, "t1");
    assert_eq!(create(&client(&sns), "t1").await, arn);
    let nonsense = publish(&client(&sns), "arn:aws:sns:x", r#"{"default":"hi"}"#).await;
    assert!(nonsense.unwrap_err().is_not_found_exception());
}

#[tokio::test]
async fn a_publish_ends_in_the_list_and_at_the_hook_or_fails_as_told() {
    let heard = Arc::new(AtomicU32::new(0));
    let ears = Arc::clone(&heard);
    let sns = Sns::on_publish(move |_| {
        ears.fetch_add(1, Ordering::Relaxed);
    });
    let client = client(&sns);
    let arn = create(&client, "t1").await;
    for (fault, code) in [
        (PublishFault::Throttled, "Throttled"),
        (PublishFault::Broken, "InternalError"),
    ] {
        sns.fail_next(1, fault);
        let error = publish(&client, &arn, r#"{"default":"hi"}"#)
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
    let error = publish(&client, &arn, r#"{"APNS":"hi"}"#)
        .await
        .unwrap_err();
    assert!(error.is_invalid_parameter_exception(), "{error:?}");
    publish(&client, &arn, r#"{"default":"hi","APNS":"{}"}"#)
        .await
        .unwrap();
    let [call] = sns.published().try_into().unwrap();
    assert_eq!(call.message, r#"{"default":"hi","APNS":"{}"}"#);
    assert_eq!(call.attributes["AWS.SNS.MOBILE.APNS.COLLAPSE_ID"], "chat-1");
    assert_eq!(heard.load(Ordering::Relaxed), 1);
}
