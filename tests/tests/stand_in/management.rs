//! `@connections`, called in process and over HTTP.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::script::status;
use crate::stage::Stage;

const FOR_S3: &str = "authorization: AWS4-HMAC-SHA256 Credential=x/20250316/local/s3/aws4_request, \
    SignedHeaders=host, Signature=0\r\n";
const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=x/20250316/local/execute-api/aws4_request, \
    SignedHeaders=host, Signature=0\r\n";

/// Source: DG `apigateway-how-to-call-websocket-api-connections`.
#[tokio::test]
async fn a_post_is_200_with_an_empty_body_and_arrives_as_text() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    for text in ["one", "two", ""] {
        let response = stage.manage("POST", &client.id, text).await;
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (200, 0)
        );
    }
    for text in ["one", "two", ""] {
        assert_eq!(client.hear().await, text);
    }
    assert_eq!(stage.gateway.counts().frames_out, 3);
}

/// Source: `aws/api-models-aws`, `apigatewaymanagementapi-2018-11-29.json`. That data is text: DG `websocket-api-develop-binary-media-types`.
#[tokio::test]
async fn a_post_of_128_kib_arrives_whole_and_a_longer_one_is_413_with_json() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    let long = "é".repeat(64 * 1024);
    assert_eq!(
        stage
            .manage("POST", &client.id, long.clone())
            .await
            .status(),
        200
    );
    assert_eq!(client.hear().await, long);
    let response = stage.manage("POST", &client.id, format!("{long}!")).await;
    assert_eq!(response.status(), 413);
    assert_eq!(
        response.headers()["x-amzn-errortype"],
        "PayloadTooLargeException"
    );
    assert!(serde_json::from_slice::<Value>(response.body()).unwrap()["message"].is_string());
    assert_eq!(
        stage
            .manage("POST", &client.id, &b"\xff"[..])
            .await
            .status(),
        400
    );
}

/// Source: DG `apigateway-how-to-call-websocket-api-connections`; DG `websocket-api-chat-app` for a missing user agent.
#[tokio::test]
async fn get_describes_a_connection_in_lower_camel_case() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    stage.clock.advance(1000);
    client.say(r#"{"action":"ping"}"#).await;
    client.hear().await;
    let response = stage.manage("GET", &client.id, "").await;
    assert_eq!(response.status(), 200);
    let expected = json!({
        "connectedAt": "2025-03-16T00:46:22.306Z", "identity": {"sourceIp": "127.0.0.1"},
        "lastActiveAt": "2025-03-16T00:46:23.306Z",
    });
    assert_eq!(
        serde_json::from_slice::<Value>(response.body()).unwrap(),
        expected
    );
}

/// Source: boto/boto3#3789 and aws/chalice#2060 (1000 "Connection Closed Normally"); aws/aws-sdk-js#3636 (no reason); aws/aws-sdk-php#2285, aws/aws-sdk-java#2084, aws/aws-sdk-js#2591 (an empty 410).
#[tokio::test]
async fn a_deleted_connection_hears_1000_without_a_reason_and_is_gone_with_an_empty_410() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    assert_eq!(stage.manage("POST", &client.id, "last").await.status(), 200);
    assert_eq!(stage.manage("DELETE", &client.id, "").await.status(), 204);
    assert_eq!(stage.manage("POST", &client.id, "late").await.status(), 410);
    assert_eq!(client.hear().await, "last");
    assert_eq!(client.closed().await, (1000, String::new()));
    assert_eq!(
        stage.disconnected().await,
        (1000, "Connection Closed Normally".into())
    );
    for method in ["POST", "GET", "DELETE"] {
        let response = stage.manage(method, &client.id, "").await;
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (410, 0)
        );
        assert_eq!(response.headers()["x-amzn-errortype"], "GoneException");
    }
}

/// Source: <https://repost.aws/knowledge-center/410-gone-api-gateway>.
#[tokio::test]
async fn a_post_before_the_101_is_410() {
    let mut stage = Stage::new().await;
    stage.script.ask("connect");
    let (connecting, probing) = tokio::join!(stage_connect(stage.address), async {
        let call = stage.asked("connect").await;
        let id = call.event["requestContext"]["connectionId"]
            .as_str()
            .unwrap()
            .to_owned();
        let before = stage.manage("POST", &id, "early").await.status().as_u16();
        call.answer(status(200));
        (before, id)
    });
    let (before, id) = probing;
    assert_eq!(before, 410);
    drop(connecting);
    assert_eq!(stage.manage("POST", &id, "in time").await.status(), 200);
}

async fn stage_connect(address: std::net::SocketAddr) -> impl Sized {
    let stream = TcpStream::connect(address).await.unwrap();
    let socket = tokio_tungstenite::client_async(format!("ws://{address}/local"), stream).await;
    socket.unwrap()
}

/// Source: DG `apigateway-how-to-call-websocket-api-connections` (`SigV4`, the encoded id); michalkvasnicak/aws-lambda-graphql#112 (no stage on a custom domain). 403 for a wrong path, not 404: field reports.
#[tokio::test]
async fn calls_are_signed_for_execute_api_and_paths_decoded() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    let id = client.id.replace('=', "%3D");
    let cases = [
        (format!("POST /local/@connections/{id}"), SIGNED, "200"),
        (format!("POST /local/%40connections/{id}"), SIGNED, "200"),
        (format!("POST /@connections/{id}"), SIGNED, "200"),
        (format!("POST /local/@connections/{id}"), "", "403"),
        (
            format!("POST /local/@connections/{id}"),
            "authorization: Bearer x\r\n",
            "403",
        ),
        (format!("POST /local/@connections/{id}"), FOR_S3, "403"),
        (format!("POST /prod/@connections/{id}"), SIGNED, "403"),
        ("POST /local/@connections/unknown".to_owned(), SIGNED, "410"),
        (format!("PUT /local/@connections/{id}"), SIGNED, "403"),
    ];
    for (call, authorization, expected) in cases {
        let request =
            format!("{call} HTTP/1.1\r\nhost: x\r\n{authorization}content-length: 2\r\n\r\nhi");
        assert_eq!(
            http_status(&stage, &request).await,
            expected,
            "{call} {authorization}"
        );
        if expected == "200" {
            assert_eq!(client.hear().await, "hi");
        }
    }
    let call = format!("POST /local/@connections/{id} HTTP/1.1\r\nhost: x\r\n{SIGNED}");
    let announced = format!("{call}content-length: 131073\r\n\r\n");
    assert_eq!(http_status(&stage, &announced).await, "413");
    let chunk = "x".repeat(131_073);
    let chunked = format!("{call}transfer-encoding: chunked\r\n\r\n20001\r\n{chunk}\r\n0\r\n\r\n");
    assert_eq!(http_status(&stage, &chunked).await, "413");
}

async fn http_status(stage: &Stage, request: &str) -> String {
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = [0; 12];
    stream.read_exact(&mut response).await.unwrap();
    String::from_utf8_lossy(&response)
        .split(' ')
        .nth(1)
        .unwrap()
        .to_owned()
}

/// Source: michalkvasnicak/aws-lambda-graphql#112 and others: a wrong stage is a 403 there, and seldom a 404.
#[tokio::test]
async fn a_path_of_another_stage_is_403_and_named() {
    let stage = Stage::new().await;
    let client = stage.connect().await;
    let id = client.id.replace('=', "%3D");
    for path in [
        "prod/@connections",
        "local/local/@connections",
        "local/connections",
    ] {
        let request = Request::post(format!("/{path}/{id}"))
            .body(Bytes::new())
            .unwrap();
        let response = stage.gateway.manage(request).await;
        assert_eq!(response.status(), 403, "{path}");
        assert_eq!(
            response.headers()["x-amzn-errortype"],
            "ForbiddenException",
            "{path}"
        );
        let said: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(said, json!({"message": "Forbidden"}), "{path}");
    }
}
