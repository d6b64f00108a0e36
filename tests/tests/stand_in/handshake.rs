//! What a handshake is answered, and the events that it makes.

use http::StatusCode;
use serde_json::json;
use switchboard_local::apigw::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::script::{ALLOW, fails, status};
use crate::stage::{NOW, Stage, routes};

#[tokio::test]
async fn the_function_chooses_the_subprotocol() {
    let stage = Stage::new().await;
    stage.script.fix(
        "connect",
        Ok(
            r#"{"statusCode":201,"headers":{"sec-websocket-PROTOCOL":"switchboard.v1","x":"y"}}"#
                .into(),
        ),
    );
    let offer = [("sec-websocket-protocol", "switchboard.v1, bearer.secret")];
    let (_client, response) = stage.try_connect("", &offer).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "switchboard.v1"
    );
    assert!(!response.headers().contains_key("x"));
    assert_eq!(
        (
            stage.gateway.counts().connects,
            stage.gateway.open_connections()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn the_authorizer_decides_first() {
    let stage = Stage::new().await;
    let deny = ALLOW.replace("Allow", "Deny");
    let cases = [
        (fails("Unauthorized"), 401),
        (fails("Unauthorized, it seems"), 500),
        (Ok("{}".into()), 500),
        (Ok(deny), 403),
    ];
    stage.script.ask("connect");
    for (answer, expected) in cases {
        stage.script.fix("authorize", answer);
        assert_eq!(stage.refused().await, expected);
    }
    assert_eq!(
        stage.gateway.counts().refused,
        [(401, 1), (403, 1), (500, 2)].into()
    );
    assert_eq!(stage.gateway.open_connections(), 0);
}

#[tokio::test]
async fn the_connect_function_decides_next() {
    let stage = Stage::new().await;
    let cases = [
        (status(403), 403),
        (status(301), 301),
        (status(503), 503),
        (status(101), 502),
        (fails("boom"), 502),
        (Ok("null".into()), 502),
        (Ok(r#"{"statusCode":"200"}"#.into()), 502),
        (Ok("[200]".into()), 502),
    ];
    for (answer, expected) in cases {
        stage.script.fix("connect", answer);
        assert_eq!(stage.refused().await, expected);
    }
}

#[tokio::test]
async fn new_connections_are_throttled() {
    let stage = Stage::with(
        routes(),
        Limits {
            connects_per_s: 1,
            ..Limits::default()
        },
    )
    .await;
    let _client = stage.connect().await;
    assert_eq!(stage.refused().await, 429);
    stage.clock.advance(1000);
    let _another = stage.connect().await;
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let stage = Stage::new().await;
    let upgrade = "connection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n";
    let key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "sec-websocket-version: 13\r\n";
    let cases = [
        ("GET", String::new(), "426", "Upgrade Required"),
        (
            "GET",
            format!("{upgrade}{key}sec-websocket-version: 8\r\n"),
            "426",
            "Upgrade Required",
        ),
        ("GET", format!("{upgrade}{version}"), "400", "Bad Request"),
        (
            "GET",
            format!("{upgrade}{version}sec-websocket-key: eA==\r\n"),
            "400",
            "Bad Request",
        ),
        (
            "POST",
            format!("{upgrade}{key}{version}"),
            "403",
            "Forbidden",
        ),
        (
            "GET",
            format!("{upgrade}{key}{version}"),
            "401",
            "Unauthorized",
        ),
    ];
    stage.script.fix("authorize", fails("Unauthorized"));
    for (method, headers, expected, message) in cases {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        let request = format!("{method} /local HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert_eq!(
            response.split(' ').nth(1),
            Some(expected),
            "{method} {headers}"
        );
        assert!(
            response.ends_with(&json!({"message": message}).to_string()),
            "{response}"
        );
    }
}

#[tokio::test]
async fn events_of_a_handshake_are_the_platforms() {
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

/// A client that leaves while `$connect` runs: the function is not lost, and its row is undone.
#[tokio::test]
async fn a_client_that_leaves_early_is_disconnected() {
    let mut stage = Stage::new().await;
    stage.script.ask("connect");
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    let request = "GET /local HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let call = stage.asked("connect").await;
    drop(stream);
    call.answer(status(200));
    assert_eq!(stage.disconnected().await, (1006, String::new()));
    assert_eq!(stage.gateway.open_connections(), 0);
}
