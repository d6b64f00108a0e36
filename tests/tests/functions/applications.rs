//! `applications`: a stack's platform applications are made, changed, replaced and removed, and the stack is answered
//! whatever happens. What the push services' credentials are, nobody hears.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::function::Function;

const KEY: &str = "-----BEGIN PRIVATE KEY-----nobody-may-see-this";
const APNS: &str = "arn:aws:sns:us-east-1:123456789012:app/APNS/switchboard-test";

fn apple(key_id: &str) -> String {
    json!({"signing_key": KEY, "key_id": key_id, "team_id": "TEAM123456", "bundle_id": "com.example.chat"})
        .to_string()
}

fn event(cloud: &Cloud, request: &str, physical_id: Option<&str>, properties: &Value) -> Value {
    let mut event = json!({
        "RequestType": request,
        "ResponseURL": format!("http://{}/box?AWSAccessKeyId=AKIA&Signature=s3cr3t%2Fsignature", cloud.address),
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/push/1",
        "RequestId": "afd8d7c5-9376-4013-8b3b-307517b8719e",
        "ResourceType": "Custom::PlatformApplication",
        "LogicalResourceId": "ApnsApplication",
        "ResourceProperties": properties,
    });
    if let Some(id) = physical_id {
        event["PhysicalResourceId"] = json!(id);
    }
    event
}

fn properties(secret: &str) -> Value {
    json!({"ServiceToken": "arn:f", "Name": "switchboard-test", "Platform": "APNS", "SecretArn": secret,
        "EventTopicArn": "arn:topic", "DeliveryStatusRoleArn": "arn:role", "SuccessSampleRate": "10"})
}

/// Invokes it and returns the stack's newest answer.
async fn answer(function: &mut Function, cloud: &Cloud, event: &Value) -> Value {
    let before = cloud.platform.answers().len();
    function.invoke(event).await.unwrap();
    let mut answers = cloud.platform.answers();
    assert_eq!(answers.len(), before + 1);
    let answer = answers.pop().unwrap();
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        assert_eq!(answer[name], event[name]);
    }
    answer
}

async fn end(function: Function) {
    let counts = function
        .end(&[KEY, "signature", "TEAM123456", "refuse me"])
        .await;
    assert!(counts.is_empty());
}

#[tokio::test]
async fn one_is_made_changed_in_place_and_removed_however_often_that_is_asked() {
    let cloud = Cloud::open().await;
    let secret = cloud.platform.keep("apns", &apple("KEY1"));
    let mut function = Function::start("applications", &cloud).await;
    let create = event(&cloud, "Create", None, &properties(&secret));

    for _ in 0..2 {
        let made = answer(&mut function, &cloud, &create).await;
        assert_eq!(
            (&made["Status"], &made["PhysicalResourceId"]),
            (&json!("SUCCESS"), &json!(APNS))
        );
    }
    let expected = [
        ("ApplePlatformBundleID", "com.example.chat"),
        ("ApplePlatformTeamID", "TEAM123456"),
        ("EventDeliveryFailure", "arn:topic"),
        ("EventEndpointDeleted", "arn:topic"),
        ("FailureFeedbackRoleArn", "arn:role"),
        ("PlatformCredential", KEY),
        ("PlatformPrincipal", "KEY1"),
        ("SuccessFeedbackRoleArn", "arn:role"),
        ("SuccessFeedbackSampleRate", "10"),
    ];
    let expected: BTreeMap<String, String> = expected
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(cloud.platform.attributes(APNS), Some(expected.clone()));

    cloud.platform.keep("apns", &apple("KEY2"));
    let mut wanted = properties(&secret);
    wanted
        .as_object_mut()
        .unwrap()
        .remove("DeliveryStatusRoleArn");
    let mut update = event(&cloud, "Update", Some(APNS), &wanted);
    update["OldResourceProperties"] = properties(&secret);
    let changed = answer(&mut function, &cloud, &update).await;
    assert_eq!(
        (&changed["Status"], &changed["PhysicalResourceId"]),
        (&json!("SUCCESS"), &json!(APNS))
    );
    let mut expected = expected;
    expected.insert("PlatformPrincipal".to_owned(), "KEY2".to_owned());
    expected.retain(|name, _| !name.ends_with("FeedbackRoleArn"));
    assert_eq!(cloud.platform.attributes(APNS), Some(expected.clone()));

    // Somebody removed it by hand: the next update makes it again.
    cloud.platform.lose(APNS);
    let again = answer(&mut function, &cloud, &update).await;
    assert_eq!(again["PhysicalResourceId"], APNS);
    assert_eq!(cloud.platform.attributes(APNS), Some(expected));

    let delete = event(&cloud, "Delete", Some(APNS), &properties(&secret));
    for _ in 0..2 {
        let removed = answer(&mut function, &cloud, &delete).await;
        assert_eq!(
            (&removed["Status"], &removed["PhysicalResourceId"]),
            (&json!("SUCCESS"), &json!(APNS))
        );
    }
    assert_eq!(cloud.platform.attributes(APNS), None);
    end(function).await;
}

#[tokio::test]
async fn another_name_or_platform_is_another_application() {
    let cloud = Cloud::open().await;
    let secret = cloud.platform.keep("apns", &apple("KEY1"));
    let service = json!({"type": "service_account", "private_key": KEY}).to_string();
    let google = json!({ "service_json": service }).to_string();
    let google = cloud.platform.keep("fcm", &google);
    let mut function = Function::start("applications", &cloud).await;
    let create = event(&cloud, "Create", None, &properties(&secret));
    answer(&mut function, &cloud, &create).await;
    for (name, platform, secret) in [
        ("switchboard-other", "APNS", &secret),
        ("switchboard-test", "APNS_SANDBOX", &secret),
        ("switchboard-test", "GCM", &google),
    ] {
        let wanted = json!({"Name": name, "Platform": platform, "SecretArn": secret});
        let update = event(&cloud, "Update", Some(APNS), &wanted);
        let changed = answer(&mut function, &cloud, &update).await;
        let arn = format!("arn:aws:sns:us-east-1:123456789012:app/{platform}/{name}");
        assert_eq!(changed["PhysicalResourceId"], arn.as_str());
        let attributes = cloud.platform.attributes(&arn).unwrap();
        let credential = if platform == "GCM" {
            service.as_str()
        } else {
            KEY
        };
        assert_eq!(attributes["PlatformCredential"], credential);
    }
    assert!(
        cloud.platform.attributes(APNS).is_some(),
        "the stack asks for its removal next"
    );
    end(function).await;
}

#[tokio::test]
async fn a_failure_is_an_answer_that_names_what_is_wrong_and_no_secret() {
    let cloud = Cloud::open().await;
    let keep = |name, text: &str| cloud.platform.keep(name, text);
    let keyless = json!({"signing_key": KEY, "team_id": "TEAM123456"}).to_string();
    let refused =
        json!({"signing_key": "refuse me", "key_id": "K", "team_id": "T", "bundle_id": "B"});
    let cases = [
        ("ResourceNotFoundException", properties("arn:none")),
        ("`key_id`", properties(&keep("keyless", &keyless))),
        ("`SecretString`", properties(&keep("text", KEY))),
        (
            "InvalidParameter",
            properties(&keep("refused", &refused.to_string())),
        ),
        (
            "`Platform`",
            json!({"Name": "a", "Platform": "ADM", "SecretArn": "arn:s"}),
        ),
        ("`Name`", json!({})),
    ];
    let mut function = Function::start("applications", &cloud).await;
    for (named, properties) in cases {
        let failed = answer(
            &mut function,
            &cloud,
            &event(&cloud, "Create", None, &properties),
        )
        .await;
        assert_eq!(
            (&failed["Status"], &failed["PhysicalResourceId"]),
            (&json!("FAILED"), &json!("not-created"))
        );
        let reason = failed["Reason"].as_str().unwrap();
        assert!(reason.contains(named), "{reason}");
        assert!(
            !reason.contains(KEY) && !reason.contains("refuse me"),
            "{reason}"
        );
    }
    // A rollback removes what was never made, and an update that fails leaves what there is.
    let delete = event(&cloud, "Delete", Some("not-created"), &json!({}));
    assert_eq!(
        answer(&mut function, &cloud, &delete).await["Status"],
        "SUCCESS"
    );
    let update = event(&cloud, "Update", Some(APNS), &properties("arn:none"));
    let failed = answer(&mut function, &cloud, &update).await;
    assert_eq!(
        (&failed["Status"], &failed["PhysicalResourceId"]),
        (&json!("FAILED"), &json!(APNS))
    );
    end(function).await;
}

#[tokio::test]
async fn an_answer_that_does_not_arrive_fails_the_invocation_so_that_it_comes_again() {
    let cloud = Cloud::open().await;
    let secret = cloud.platform.keep("apns", &apple("KEY1"));
    let create = event(&cloud, "Create", None, &properties(&secret));
    let mut function = Function::start("applications", &cloud).await;
    cloud.platform.shut_box(true);
    let error = function.invoke(&create).await.unwrap_err();
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("put an answer") && !message.contains("signature"),
        "{error}"
    );
    cloud.platform.shut_box(false);
    assert_eq!(
        answer(&mut function, &cloud, &create).await["Status"],
        "SUCCESS"
    );
    let error = function
        .invoke(&json!({"RequestType": "Create"}))
        .await
        .unwrap_err();
    assert!(error["errorMessage"].is_string(), "{error}");
    end(function).await;
}
