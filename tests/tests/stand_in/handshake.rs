//! What a handshake is answered, and the events that it makes.

use http::StatusCode;
use serde_json::json;
use switchboard_local::apigw::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::script::{ALLOW, fails, status};
use crate::stage::{Stage, routes};

const HANDSHAKE: &str = "GET /local HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Source: DG `websocket-connect-route-subprotocol`; that any 2xx connects: transcripts of a real API with 200 and 201.
#[tokio::test]
async fn the_subprotocol_is_echoed_from_the_function_alone_and_any_2xx_connects() {
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

/// Source: DG `apigateway-websocket-api-lambda-auth`. That other failures are 500 was found for REST APIs alone.
#[tokio::test]
async fn the_authorizer_decides_first_with_401_403_or_500() {
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

/// Source: transcripts of a real API with 301, 401, 403, 501 and an exception in `$connect`.
#[tokio::test]
async fn the_connect_function_s_status_is_passed_on_and_its_failure_is_502() {
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

/// Source: RFC 6455, 4.2.2; 426 for a plain GET: `dherault/serverless-offline`, `ws.e2e.js`, a suite that is meant to run against AWS too.
#[tokio::test]
async fn a_plain_request_is_426_and_what_is_no_handshake_is_refused() {
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

/// A client that leaves while `$connect` runs: the function is not lost, and its row is undone.
///
/// Source: DG `apigateway-websocket-api-route-keys-connect-disconnect`: `$disconnect` runs after the connection is closed.
#[tokio::test]
async fn a_client_that_leaves_early_is_disconnected() {
    let mut stage = Stage::new().await;
    stage.script.ask("connect");
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let call = stage.asked("connect").await;
    drop(stream);
    call.answer(status(200));
    assert_eq!(stage.disconnected().await, (1006, String::new()));
    assert_eq!(stage.gateway.open_connections(), 0);
}

/// Source: DG `websocket-connect-route-subprotocol`: the integration has to answer it.
#[tokio::test]
async fn a_subprotocol_that_no_function_chose_is_not_echoed() {
    let stage = Stage::new().await;
    let offer = [("sec-websocket-protocol", "switchboard.v1")];
    // The client fails a handshake whose answer ignores its offer.
    let refused = stage.try_connect("", &offer).await;
    let error = refused.map(|it| it.1).unwrap_err().to_string();
    assert!(error.contains("SubProtocol"), "{error}");
    assert_eq!(
        stage.gateway.counts().connects,
        1,
        "the gateway had accepted it"
    );
}

/// Source: DG `apigateway-websocket-api-route-keys-connect-disconnect`: both routes are optional.
#[tokio::test]
async fn without_a_connect_route_everybody_is_accepted() {
    let mut routes = routes();
    routes.keys.remove("$connect");
    routes.keys.remove("$disconnect");
    routes.authorizer = false;
    let mut stage = Stage::with(routes, Limits::default()).await;
    stage.script.ask("connect");
    let (mut client, response) = stage.try_connect("", &[]).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    client.say(r#"{"action":"ping"}"#).await;
    assert_eq!(client.hear().await, r#"{"event":"pong"}"#);
    drop(client);
    stage.gateway.shutdown().await;
    assert!(stage.is_quiet(), "no function was asked");
}

/// Source: DG `apigateway-execution-service-websocket-limits-table` for the 8 KB and the 29 s. The statuses are those of REST APIs.
#[tokio::test]
async fn an_authorizer_that_says_too_much_is_500_and_a_connect_that_takes_29_s_is_504() {
    let mut stage = Stage::new().await;
    let padding = " ".repeat(8 * 1024 - ALLOW.len());
    stage
        .script
        .fix("authorize", Ok(format!("{ALLOW}{padding}")));
    drop(stage.connect().await);
    stage.disconnected().await;
    stage
        .script
        .fix("authorize", Ok(format!("{ALLOW}{padding} ")));
    assert_eq!(stage.refused().await, 500);

    stage.script.fix("authorize", Ok(ALLOW.to_owned()));
    stage.script.ask("connect");
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let call = stage.asked("connect").await;
    stage.clock.advance(28_999);
    assert!(!call.is_dropped());
    stage.clock.advance(1);
    let mut status = [0; 13];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(status, *b"HTTP/1.1 504 ");
    assert!(call.is_dropped());
}

/// Source: none found; it follows from there having been no connection.
#[tokio::test]
async fn a_refused_handshake_has_no_disconnect() {
    let mut stage = Stage::new().await;
    for answer in [status(403), fails("boom")] {
        stage.script.fix("connect", answer);
        stage.refused().await;
    }
    stage.gateway.shutdown().await;
    assert!(stage.is_quiet());
}
