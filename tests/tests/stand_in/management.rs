//! `@connections`, called in process and over HTTP.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use switchboard_local::apigw::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::script::status;
use crate::stage::{Stage, routes};

const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=x/20250316/local/execute-api/aws4_request, \
    SignedHeaders=host, Signature=0\r\n";

#[tokio::test]
async fn posts_arrive_in_order() {
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

#[tokio::test]
async fn a_long_post_arrives_whole_and_a_longer_one_is_refused() {
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

#[tokio::test]
async fn a_connection_is_described() {
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

#[tokio::test]
async fn a_deleted_connection_hears_1000_and_is_gone() {
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

#[tokio::test]
async fn before_the_handshake_is_answered_a_connection_is_gone() {
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

#[tokio::test]
async fn a_slow_reader_gets_429_and_costs_nobody_else() {
    let limits = Limits {
        requests_burst: 1_000_000,
        ..Limits::default()
    };
    let stage = Stage::with(routes(), limits).await;
    let (slow, mut quick) = (stage.connect().await, stage.connect().await);
    let text = "x".repeat(32 * 1024);
    let mut refused = None;
    // The bound is far above what the kernel buffers on the way.
    for _ in 0..10_000 {
        let response = stage.manage("POST", &slow.id, text.clone()).await;
        if response.status() != 200 {
            refused = Some(response);
            break;
        }
        tokio::task::yield_now().await;
    }
    let refused = refused.expect("the queue is bounded");
    assert_eq!(refused.status(), 429);
    assert_eq!(
        refused.headers()["x-amzn-errortype"],
        "LimitExceededException"
    );
    assert_eq!(stage.manage("POST", &quick.id, "hello").await.status(), 200);
    assert_eq!(quick.hear().await, "hello");
}

#[tokio::test]
async fn a_half_open_peer_hears_nothing_and_posts_succeed() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    assert!(stage.gateway.chaos().half_open(&client.id));
    assert_eq!(
        stage.manage("POST", &client.id, "unheard").await.status(),
        200
    );
    client.say(r#"{"action":"ping"}"#).await;
    stage.manage("DELETE", &client.id, "").await;
    assert!(
        !matches!(client.socket.next().await, Some(Ok(_))),
        "the socket just ends"
    );
}

#[tokio::test]
async fn over_http_calls_are_signed_and_paths_decoded() {
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
