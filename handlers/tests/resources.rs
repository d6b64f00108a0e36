//! What CloudFormation asks of the custom resource, and what it is answered.
#![cfg(test)]

use serde_json::{Value, json};
use switchboard_handlers::event::{Change, Invalid, Outcome, Platform, ResourceEvent, Wanted};

const ARN: &str = "arn:aws:sns:us-east-1:123456789012:app/APNS/switchboard-test";
const URL: &str =
    "https://cloudformation-custom-resource-response.s3.amazonaws.com/box?Signature=secret";

fn raw(request: &str) -> Value {
    json!({"RequestType": request, "ResponseURL": URL, "ServiceToken": "arn:f",
        "StackId": "arn:stack/1", "RequestId": "request-1", "LogicalResourceId": "ApnsApplication",
        "ResourceType": "Custom::PlatformApplication",
        "ResourceProperties": {"ServiceToken": "arn:f", "Name": "switchboard-test",
            "Platform": "APNS", "SecretArn": "arn:secret", "EventTopicArn": "arn:topic",
            "SuccessSampleRate": "10"}})
}

fn event(raw: Value) -> ResourceEvent {
    serde_json::from_value(raw).unwrap()
}

fn wanted() -> Wanted {
    Wanted {
        name: "switchboard-test".to_owned(),
        platform: Platform::Apns,
        secret_arn: "arn:secret".to_owned(),
        event_topic_arn: Some("arn:topic".to_owned()),
        delivery_status_role_arn: None,
        success_sample_rate: Some(10),
        cleared: Vec::new(),
    }
}

#[test]
fn each_request_is_read_as_what_it_asks_for() {
    assert_eq!(event(raw("Create")).change(), Ok(Change::Create(wanted())));
    let mut update = raw("Update");
    update["PhysicalResourceId"] = json!(ARN);
    update["OldResourceProperties"] =
        json!({"EventTopicArn": "arn:old", "DeliveryStatusRoleArn": "arn:role"});
    let cleared = vec!["DeliveryStatusRoleArn"];
    let expected = Change::Update(
        ARN.to_owned(),
        Wanted {
            cleared,
            ..wanted()
        },
    );
    assert_eq!(event(update).change(), Ok(expected));
    let mut delete = raw("Delete");
    delete["PhysicalResourceId"] = json!(ARN);
    // A resource that could never be made is removed with the properties that it never had.
    delete["ResourceProperties"] = json!({});
    assert_eq!(event(delete).change(), Ok(Change::Delete(ARN.to_owned())));
}

#[test]
fn what_is_wrong_is_named_and_can_be_answered() {
    for (name, value) in [
        ("Name", json!("")),
        ("Name", json!("a b")),
        ("Name", json!("a".repeat(257))),
        ("Name", json!(["a"])),
        ("Platform", json!("ADM")),
        ("Platform", json!(null)),
        ("SecretArn", json!("")),
        ("EventTopicArn", json!({"Ref": "Topic"})),
        ("SuccessSampleRate", json!("101")),
        ("SuccessSampleRate", json!("-1")),
        ("SuccessSampleRate", json!("many")),
    ] {
        let mut create = raw("Create");
        create["ResourceProperties"][name] = value.clone();
        assert_eq!(event(create).change(), Err(Invalid(name)), "{value}");
    }
    assert_eq!(
        event(raw("Update")).change(),
        Err(Invalid("PhysicalResourceId"))
    );
    assert_eq!(event(raw("Destroy")).change(), Err(Invalid("RequestType")));
}

#[test]
fn an_answer_has_what_the_stack_needs_and_a_failure_keeps_the_id_that_there_was() {
    let answer =
        |event: &ResourceEvent, outcome| serde_json::to_value(event.answer(&outcome)).unwrap();
    let create = event(raw("Create"));
    let expected = json!({"Status": "SUCCESS", "PhysicalResourceId": ARN, "StackId": "arn:stack/1",
        "RequestId": "request-1", "LogicalResourceId": "ApnsApplication"});
    assert_eq!(answer(&create, Outcome::Done(ARN.to_owned())), expected);

    let failed = answer(&create, Outcome::Failed("é".repeat(5_000)));
    assert_eq!(
        (&failed["Status"], &failed["PhysicalResourceId"]),
        (&json!("FAILED"), &json!("not-created"))
    );
    assert!(
        failed.to_string().len() < 4_096,
        "what CloudFormation takes"
    );
    let mut update = raw("Update");
    update["PhysicalResourceId"] = json!(ARN);
    let failed = answer(&event(update), Outcome::Failed("why".to_owned()));
    assert_eq!(
        (&failed["Reason"], &failed["PhysicalResourceId"]),
        (&json!("why"), &json!(ARN))
    );
}

#[test]
fn the_url_is_a_secret_and_an_event_that_cannot_be_answered_is_refused() {
    let shown = format!("{:?}", event(raw("Create")));
    assert!(!shown.contains("Signature"), "{shown}");
    for name in [
        "RequestType",
        "ResponseURL",
        "StackId",
        "RequestId",
        "LogicalResourceId",
    ] {
        let mut create = raw("Create");
        create.as_object_mut().unwrap().remove(name);
        let error = serde_json::from_value::<ResourceEvent>(create).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
