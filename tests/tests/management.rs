//! Goal: the management API answers the client that functions use as API Gateway would, over HTTP.
//! Method: the real aws-sdk-apigatewaymanagement against a stage, real sockets at the other end.

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Config, Region};
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use switchboard_local::apigw::Limits;
use switchboard_tests::{Actor, Setting, Stage, web};

/// The platform's bound of a post.
const POST_BYTES_MAX: usize = 131_072;

/// A client as a function has it, without retries.
fn client(stage: &Stage) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .endpoint_url(format!("http://{}/local", stage.address()))
        .credentials_provider(Credentials::from_keys("local", "local", None))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

/// A connected user, and the connection's id as its row says it.
async fn connected(stage: &Stage, user: &str) -> (Actor, String) {
    stage.wire.forget();
    let actor = stage.customer(user, "phone").await;
    let observed = stage.wire.observed();
    let id = observed
        .iter()
        .find_map(|it| it.request["Item"]["connection_id"]["S"].as_str());
    (actor, id.expect("a row was written").to_owned())
}

async fn post(client: &Client, id: &str, data: &str) -> Result<(), (u16, PostToConnectionError)> {
    let post = client.post_to_connection().connection_id(id);
    match post.data(Blob::new(data)).send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let status = status(&error);
            Err((status, error.into_service_error()))
        }
    }
}

fn status<E>(error: &SdkError<E>) -> u16 {
    let response = error.raw_response().expect("there was an answer");
    response.status().as_u16()
}

#[tokio::test]
async fn a_post_reaches_the_socket_and_no_other() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (mut alice, id) = connected(&stage, "alice").await;
    let (mut carol, _) = connected(&stage, "carol").await;

    post(&client, &id, r#"{"event":"one"}"#).await.unwrap();
    post(&client, &id, r#"{"event":"two"}"#).await.unwrap();

    assert_eq!(alice.hear().await, json!({"event": "one"}));
    assert_eq!(alice.hear().await, json!({"event": "two"}));
    alice.hears_nothing_more().await;
    carol.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn a_connection_is_described() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (mut alice, id) = connected(&stage, "alice").await;
    let get = || client.get_connection().connection_id(&id).send();
    let connected = get().await.unwrap();
    stage.clock.advance(61_000);
    alice.hears_nothing_more().await;

    let described = get().await.unwrap();

    let beginning = connected.connected_at().unwrap();
    assert_eq!(beginning.to_millis().unwrap(), 1_767_225_600_000);
    assert_eq!(described.connected_at(), Some(beginning));
    assert_eq!(
        described.last_active_at().unwrap().secs() - beginning.secs(),
        61
    );
    assert_eq!(described.identity().unwrap().source_ip(), Some("127.0.0.1"));
    stage.close().await;
}

#[tokio::test]
async fn a_deleted_connection_hears_1000_without_a_reason_and_is_gone_for_everybody() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (mut alice, id) = connected(&stage, "alice").await;

    let deleted = client.delete_connection().connection_id(&id).send().await;

    deleted.unwrap();
    assert_eq!(alice.closed().await, (1000, String::new()));
    let (status_of_post, error) = post(&client, &id, "late").await.unwrap_err();
    assert_eq!(status_of_post, 410);
    assert!(error.is_gone_exception(), "{error:?}");
    let get = client.get_connection().connection_id(&id).send().await;
    let error = get.unwrap_err();
    assert_eq!(status(&error), 410);
    assert!(error.into_service_error().is_gone_exception());
    let again = client.delete_connection().connection_id(&id).send().await;
    let error = again.unwrap_err();
    assert_eq!(status(&error), 410);
    assert!(error.into_service_error().is_gone_exception());
    stage.close().await;
}

#[tokio::test]
async fn a_connection_that_left_or_never_was_is_gone() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (alice, id) = connected(&stage, "alice").await;
    alice.leave().await;

    for id in [id.as_str(), "AAAAAAAAAAAAAAA=", "no id at all/../x"] {
        let (status, error) = post(&client, id, "hello").await.unwrap_err();
        assert_eq!(status, 410, "{id}");
        assert!(error.is_gone_exception(), "{id}: {error:?}");
    }
    stage.close().await;
}

#[tokio::test]
async fn the_longest_post_arrives_whole_and_a_longer_one_is_refused() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (mut alice, id) = connected(&stage, "alice").await;
    let longest = json!("x".repeat(POST_BYTES_MAX - 2));

    post(&client, &id, &longest.to_string()).await.unwrap();
    let refused = post(&client, &id, &"x".repeat(POST_BYTES_MAX + 1)).await;

    let (status, error) = refused.unwrap_err();
    assert_eq!(status, 413);
    assert!(error.is_payload_too_large_exception(), "{error:?}");
    assert!(alice.hear().await == longest, "it did not arrive whole");
    alice.hears_nothing_more().await;
    stage.close().await;
}

#[tokio::test]
async fn a_slow_reader_is_throttled_and_nobody_else_is() {
    let stage = Stage::open().await;
    let client = client(&stage);
    let (mut slow, slow_id) = connected(&stage, "slow").await;
    let (mut quick, quick_id) = connected(&stage, "quick").await;
    let numbered = |number: usize| json!([number, "x".repeat(120_000)]);
    let mut taken = 0;
    // The bound of the queue and what the kernel holds on the way are far below so many.
    let (status, error) = loop {
        assert!(taken < 1_000, "nothing bounds what waits for a slow reader");
        match post(&client, &slow_id, &numbered(taken).to_string()).await {
            Ok(()) => taken += 1,
            Err(refused) => break refused,
        }
    };

    assert_eq!(status, 429);
    assert!(error.is_limit_exceeded_exception(), "{error:?}");
    post(&client, &quick_id, r#"{"event":"quick"}"#)
        .await
        .unwrap();
    assert_eq!(quick.hear().await["event"], "quick");
    quick.hears_nothing_more().await;
    for number in 0..taken {
        let heard = slow.hear().await;
        assert_eq!(heard[0], number, "what was taken comes, in order");
    }
    slow.hears_nothing_more().await;
    post(&client, &slow_id, r#"{"event":"again"}"#)
        .await
        .unwrap();
    assert_eq!(slow.hear().await["event"], "again");
    stage.close().await;
}

#[tokio::test]
async fn calls_share_the_api_s_bucket() {
    let limits = Limits {
        requests_per_s: 1,
        requests_burst: 2,
        ..Limits::default()
    };
    let stage = Stage::set(Setting {
        limits,
        ..Setting::default()
    })
    .await;
    let client = client(&stage);
    let (mut alice, id) = connected(&stage, "alice").await;

    post(&client, &id, r#"{"event":"one"}"#).await.unwrap();
    post(&client, &id, r#"{"event":"two"}"#).await.unwrap();
    let (status, error) = post(&client, &id, "three").await.unwrap_err();

    assert_eq!(status, 429);
    assert!(error.is_limit_exceeded_exception(), "{error:?}");
    stage.clock.advance(1_000);
    post(&client, &id, r#"{"event":"three"}"#).await.unwrap();
    for event in ["one", "two", "three"] {
        assert_eq!(alice.hear().await["event"], event);
    }
    stage.close().await;
}

#[tokio::test]
async fn a_gone_answer_names_its_error_in_a_header_alone_and_strangers_are_refused() {
    let stage = Stage::open().await;
    let url = format!(
        "http://{}/local/@connections/AAAAAAAAAAAAAAA%3D",
        stage.address()
    );
    let call = |authorization: &str| {
        let request = Request::post(&url).header("authorization", authorization);
        web::fetch(request.body(Bytes::from_static(b"hi")).unwrap())
    };
    let signed = "AWS4-HMAC-SHA256 Credential=x/20260101/local/execute-api/aws4_request, \
        SignedHeaders=host, Signature=0";

    let gone = call(signed).await;
    let unsigned = call("Bearer x").await;

    assert_eq!(gone.status(), 410);
    assert_eq!(gone.headers()["x-amzn-errortype"], "GoneException");
    assert!(gone.body().is_empty(), "{gone:?}");
    assert_eq!(unsigned.status(), 403);
    let said: Value = serde_json::from_slice(unsigned.body()).unwrap();
    assert_eq!(said["message"], "Missing Authentication Token");
    stage.close().await;
}
