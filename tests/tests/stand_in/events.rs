//! The events' JSON: what is in it, and what is absent from it.

use std::collections::BTreeSet;

use serde_json::json;
use switchboard_local::apigw::Limits;

use crate::script::says;
use crate::stage::{NOW, Stage, routes};

/// Source: DG `apigateway-websocket-api-lambda-auth`, DG `apigateway-websocket-api-mapping-template-reference`; `aws/aws-lambda-rust-runtime`, `lambda-events/src/fixtures/example-apigw-websocket-request*.json`.
///
/// Header names come in lower case, as the platform writes them behind multi-level mappings: DG `websocket-api-mappings`.
#[tokio::test]
async fn the_events_of_a_handshake_are_the_platforms() {
    let stage = Stage::new().await;
    let headers = [("user-agent", "phone/1"), ("authorization", "Bearer x")];
    let _client = stage.try_connect("?v=1&v=a%20b&w", &headers).await.unwrap();

    let connect = stage.script.event("connect");
    let context = &connect["requestContext"];
    let (id, request_id) = (&context["connectionId"], &context["requestId"]);
    assert_eq!(
        (
            id.as_str().unwrap().len(),
            request_id.as_str().unwrap().len()
        ),
        (16, 16)
    );
    assert_ne!(id, request_id);
    let expected = json!({
        "routeKey": "$connect", "eventType": "CONNECT", "messageDirection": "IN",
        "authorizer": {"principalId": "alice", "role": "customer", "exp": "7"},
        "extendedRequestId": request_id, "requestId": request_id,
        "requestTime": "16/Mar/2025:00:46:22 +0000", "requestTimeEpoch": NOW, "connectedAt": NOW,
        "connectionId": id, "identity": {"sourceIp": "127.0.0.1", "userAgent": "phone/1"},
        "domainName": "gateway.test", "stage": "local", "apiId": "api",
    });
    assert_eq!(*context, expected);
    assert_eq!(
        connect["queryStringParameters"],
        json!({"v": "a b", "w": ""})
    );
    assert_eq!(
        connect["multiValueQueryStringParameters"],
        json!({"v": ["1", "a b"], "w": [""]})
    );
    assert_eq!(connect["headers"]["authorization"], "Bearer x");
    assert_eq!(
        connect["multiValueHeaders"]["user-agent"],
        json!(["phone/1"])
    );
    assert_eq!(connect["headers"]["x-forwarded-for"], "127.0.0.1");
    assert_eq!(connect["isBase64Encoded"], false);
    for absent in ["upgrade", "connection"] {
        assert!(connect["headers"].get(absent).is_none());
    }
    for absent in ["body", "stageVariables", "path", "httpMethod"] {
        assert!(connect.get(absent).is_none());
    }

    let authorize = stage.script.event("authorize");
    assert_eq!(authorize["type"], "REQUEST");
    assert_eq!(
        authorize["methodArn"],
        "arn:aws:execute-api:local:000000000000:api/local/$connect"
    );
    assert_eq!(authorize["headers"]["upgrade"], "websocket");
    assert_eq!(
        authorize["queryStringParameters"],
        connect["queryStringParameters"]
    );
    assert_eq!(authorize["requestContext"]["connectionId"], *id);
    assert!(authorize["requestContext"].get("authorizer").is_none());
}

/// Source: `dherault/serverless-offline`, `src/events/websocket`.
#[tokio::test]
async fn without_query_agent_and_authorizer_nothing_stands_for_them() {
    let mut routes = routes();
    routes.authorizer = false;
    let stage = Stage::with(routes, Limits::default()).await;
    let _client = stage.connect().await;
    let connect = stage.script.event("connect");
    assert!(connect.get("queryStringParameters").is_none());
    assert!(connect.get("multiValueQueryStringParameters").is_none());
    assert_eq!(
        connect["requestContext"]["identity"],
        json!({"sourceIp": "127.0.0.1"})
    );
    assert!(connect["requestContext"].get("authorizer").is_none());
}

/// Source: `aws/aws-lambda-rust-runtime`, `lambda-events/src/fixtures`; the authorizer's context: aws/chalice#2060. That 1006 is the code of a lost socket was found nowhere.
#[tokio::test]
async fn the_event_of_a_disconnect_is_the_platforms_and_a_lost_socket_is_1006() {
    let mut stage = Stage::new().await;
    let client = stage.connect().await;
    let id = client.id.clone();
    drop(client);
    let event = stage.asked("disconnect").await.event;
    let context = &event["requestContext"];
    assert_eq!(context["routeKey"], "$disconnect");
    assert_eq!(context["eventType"], "DISCONNECT");
    assert_eq!(context["connectionId"], id);
    assert_eq!(context["authorizer"]["principalId"], "alice");
    assert_eq!(context["disconnectStatusCode"], 1006);
    assert_eq!(context["disconnectReason"], "");
    assert!(context.get("messageId").is_none());
    let headers =
        json!({"Host": "gateway.test", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""});
    assert_eq!(event["headers"], headers);
    assert!(event.get("body").is_none());
}

/// Source: DG `websocket-api-data-mapping` for what is absent; DG `apigateway-websocket-api-mapping-template-reference` for the ids; DG `apigateway-websocket-api-integration-responses` for the reply; fixtures of `aws/aws-lambda-rust-runtime`.
#[tokio::test]
async fn a_frame_s_event_has_no_headers_and_its_reply_is_a_frame() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    stage.clock.advance(467);
    client.say(r#"{"action":"send","text":"é"}"#).await;
    let call = stage.asked("message").await;
    let context = &call.event["requestContext"];
    let (request_id, message_id) = (&context["requestId"], &context["messageId"]);
    assert_ne!(request_id, message_id);
    let expected = json!({
        "requestContext": {
            "routeKey": "send", "messageId": message_id, "eventType": "MESSAGE",
            "messageDirection": "IN", "extendedRequestId": request_id, "requestId": request_id,
            "requestTime": "16/Mar/2025:00:46:22 +0000", "requestTimeEpoch": NOW + 467,
            "connectedAt": NOW, "connectionId": client.id,
            "authorizer": {"principalId": "alice", "role": "customer", "exp": "7"},
            "identity": {"sourceIp": "127.0.0.1"},
            "domainName": "gateway.test", "stage": "local", "apiId": "api",
        },
        "body": r#"{"action":"send","text":"é"}"#,
        "isBase64Encoded": false,
    });
    assert_eq!(call.event, expected);
    call.answer(says(r#"{"event":"sent"}"#));
    assert_eq!(client.hear().await, r#"{"event":"sent"}"#);
}

/// Source: the ids of masked events of a real API; DG `apigateway-how-to-call-websocket-api-connections` calls them opaque.
#[tokio::test]
async fn a_connection_id_is_15_base64url_characters_and_padding_and_never_comes_again() {
    let stage = Stage::new().await;
    let mut ids = BTreeSet::new();
    for _ in 0..50 {
        let client = stage.connect().await;
        let (letters, padding) = client.id.split_at(15);
        assert_eq!(padding, "=", "{}", client.id);
        let base64url = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        assert!(letters.chars().all(base64url), "{}", client.id);
        assert!(ids.insert(client.id), "an id came twice");
    }
}
