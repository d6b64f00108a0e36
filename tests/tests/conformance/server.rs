//! The kit over real sockets: the reference client passes, and whatever else comes is answered.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use switchboard::Clock;
use switchboard_local::conformance::{Kit, KitOptions, PLAYS, Rule, Verdict};
use switchboard_tests::{TestClock, web};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::device::USER;
use crate::driver::{drive, flow};
use crate::tamper::Tamper;
use crate::wrong::sending::retries_with_its_cursor;

/// A kit on a free port with every play on, and the clock that it goes by.
async fn kit() -> (Kit, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let options = KitOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        plays: PLAYS.iter().collect(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
    };
    (Kit::start(options).await.unwrap(), clock)
}

async fn verdicts(kit: &mut Kit, count: usize) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    while verdicts.len() < count {
        verdicts.push(kit.verdict().await.expect("the kit runs"));
    }
    verdicts
}

async fn get_json(address: SocketAddr, path: &str) -> Value {
    let answer = web::get(&format!("http://{address}{path}")).await;
    assert_eq!(answer.status(), 200, "{path}");
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn the_reference_client_passes_every_play_at_once_over_real_sockets() {
    let (mut kit, clock) = kit().await;
    let address = kit.address();
    let plays = PLAYS.iter().zip(1..);
    let clients =
        plays.map(|(play, seed)| drive(address, play.name, seed, Tamper::default(), &*clock));
    let judged = async {
        tokio::select! {
            judged = verdicts(&mut kit, PLAYS.len()) => judged,
            _ = join_all(clients) => unreachable!("clients play until they are dropped"),
        }
    };
    for verdict in flow(&clock, judged).await {
        assert!(verdict.passed, "{verdict:#?}");
    }
    kit.stop().await;
}

#[tokio::test]
async fn a_wrong_client_is_told_over_real_sockets() {
    let (mut kit, clock) = kit().await;
    let address = kit.address();
    let judged = async {
        tokio::select! {
            judged = verdicts(&mut kit, 1) => judged,
            () = drive(address, "unavailable", 1, retries_with_its_cursor(), &*clock) => unreachable!(),
        }
    };
    let judged = flow(&clock, judged).await;
    assert_eq!(judged[0].broken[0].rule, Rule::SameAfter);
    let told = get_json(address, "/unavailable/verdict?wait=60").await;
    assert_eq!(
        (&told["done"], &told["passed"]),
        (&json!(true), &json!(false))
    );
    let broken = &told["broken"][0];
    assert_eq!(broken["rule"], "same-after");
    assert_eq!(broken["section"], Rule::SameAfter.section());
    assert!(
        broken["why"].as_str().unwrap().contains("`after`"),
        "{broken}"
    );
    assert!(broken["at"].is_u64(), "{broken}");
    let line = &told["transcript"][0];
    assert_eq!((&line["at"], &line["who"]), (&json!(0), &json!("client")));
    assert!(
        !told.to_string().contains("eyJ"),
        "a transcript has no tokens"
    );
    kit.stop().await;
}

#[tokio::test]
async fn the_page_names_every_play_and_every_rule() {
    let (kit, _) = kit().await;
    let page = web::get(&format!("http://{}/", kit.address())).await;
    let page = String::from_utf8(page.body().to_vec()).unwrap();
    let rules = Rule::ALL.iter().map(|it| it.id());
    for word in PLAYS.iter().map(|it| it.name).chain(rules) {
        assert!(page.contains(&format!("\n  {word}")), "{word}");
    }
    assert!(page.contains(&kit.address().to_string()));
    kit.stop().await;
}

#[tokio::test]
async fn tokens_are_like_the_local_gateways_and_no_two_are_the_same() {
    let (kit, clock) = kit().await;
    let url = format!("http://{}/hello/token", kit.address());
    let asked = json!({"user": USER, "role": "provider", "expires_s": 60});
    let ask = async || -> Value {
        serde_json::from_slice(web::post_json(&url, &asked).await.body()).unwrap()
    };
    let (one, two) = (ask().await, ask().await);
    assert_ne!(one["token"], two["token"]);
    assert_eq!(one["expires_at"], clock.now_ms() / 1_000 * 1_000 + 60_000);
    for wrong in [
        json!({"user": "a#b", "role": "customer"}),
        json!({"user": "alice", "role": "admin"}),
        json!({"user": "alice", "role": "customer", "expires_s": 0}),
    ] {
        let answer = web::post_json(&url, &wrong).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    // Who the token says is who the client is told that it is.
    let mut socket = open(&kit, "hello", one["token"].as_str().unwrap())
        .await
        .unwrap();
    socket
        .send(Message::text(r#"{"action":"hello"}"#))
        .await
        .unwrap();
    let welcome = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let welcome: Value = serde_json::from_str(&welcome).unwrap();
    assert_eq!(
        (&welcome["user"], &welcome["role"]),
        (&json!(USER), &json!("provider"))
    );
    assert_eq!(welcome["expires_at"], one["expires_at"]);
    assert_eq!(welcome["reconnect_by"], one["expires_at"]);
    kit.stop().await;
}

#[tokio::test]
async fn a_play_begins_anew_when_it_is_told_to_and_after_its_end() {
    let (mut kit, clock) = kit().await;
    let address = kit.address();
    let run = async || get_json(address, "/hello/verdict").await["run"].clone();
    let mut socket = open(&kit, "hello", "token").await.unwrap();
    assert_eq!(run().await, 1);
    let anew = Request::delete(format!("http://{address}/hello"));
    let answer = web::fetch(anew.body(Bytes::new()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(run().await, 2);
    assert_eq!(closed(&mut socket).await, 1000);
    // Nobody speaks until the play gives up.
    let _silent = open(&kit, "hello", "token").await.unwrap();
    let ended = flow(&clock, verdicts(&mut kit, 1)).await;
    assert_eq!(ended[0].broken[0].rule, Rule::SpeaksFirst);
    assert_eq!(run().await, 2);
    let _next = open(&kit, "hello", "token").await.unwrap();
    assert_eq!(run().await, 3);
    kit.stop().await;
}

#[tokio::test]
async fn a_verdict_that_is_waited_for_comes_in_time_or_as_it_stands() {
    let (kit, clock) = kit().await;
    let asked = get_json(kit.address(), "/gap/verdict?wait=5");
    let told = flow(&clock, asked).await;
    assert_eq!(
        (&told["done"], &told["waiting"]),
        (&json!(false), &json!("a client"))
    );
    kit.stop().await;
}

#[tokio::test]
async fn what_no_client_may_send_ends_in_a_verdict() {
    let (kit, _) = kit().await;
    let cases = [
        (Message::binary([1, 2, 3].as_slice()), 1003),
        (Message::text("x".repeat(32_769)), 1009),
        (not_utf8(), 1007),
    ];
    for (message, code) in cases {
        let anew = Request::delete(format!("http://{}/hello", kit.address()));
        web::fetch(anew.body(Bytes::new()).unwrap()).await;
        let mut socket = open(&kit, "hello", "token").await.unwrap();
        socket.send(message).await.unwrap();
        assert_eq!(closed(&mut socket).await, code);
        let told = get_json(kit.address(), "/hello/verdict").await;
        assert_eq!(told["broken"][0]["rule"], "well-formed", "{code}: {told}");
    }
    kit.stop().await;
}

/// The path and the headers of a handshake; the status that it is answered with, and the rule that it breaks.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    u16,
    Option<&'static str>,
);

#[tokio::test]
async fn handshakes_are_judged_and_answered_as_the_gateway_would() {
    let (kit, _) = kit().await;
    let cases: [Case; 6] = [
        ("/hello", &[], 401, Some("token-place")),
        ("/hello?token=eyJabc", &[], 401, Some("token-place")),
        (
            "/hello?device=my%20phone",
            &[("authorization", "Bearer abc")],
            401,
            Some("device-name"),
        ),
        (
            "/hello",
            &[("sec-websocket-protocol", "switchboard.v1, bearer.abc")],
            101,
            None,
        ),
        ("/hello", &[("authorization", "bearer abc")], 101, None),
        ("/nothing", &[("authorization", "Bearer abc")], 404, None),
    ];
    for (path, headers, status, rule) in cases {
        let anew = Request::delete(format!("http://{}/hello", kit.address()));
        web::fetch(anew.body(Bytes::new()).unwrap()).await;
        let answer = knock(kit.address(), path, headers).await;
        assert_eq!(answer.status().as_u16(), status, "{path} {headers:?}");
        let offered = headers.iter().any(|it| it.0 == "sec-websocket-protocol");
        let chosen = answer.headers().get("sec-websocket-protocol");
        assert_eq!(chosen.is_some_and(|it| it == "switchboard.v1"), offered);
        let told = get_json(kit.address(), "/hello/verdict").await;
        assert_eq!(
            told["broken"][0]["rule"].as_str(),
            rule,
            "{path} {headers:?}"
        );
    }
    kit.stop().await;
}

#[tokio::test]
async fn pages_of_every_origin_may_ask() {
    let (kit, _) = kit().await;
    let url = format!("http://{}/hello/token", kit.address());
    let preflight = Request::options(url).header("origin", "http://localhost:5173");
    let answer = web::fetch(preflight.body(Bytes::new()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(answer.headers()["access-control-allow-headers"], "*");
    kit.stop().await;
}

type Socket = WebSocketStream<TcpStream>;

async fn open(kit: &Kit, play: &str, token: &str) -> Option<Socket> {
    let mut request = format!("ws://{}/{play}", kit.address())
        .into_client_request()
        .unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let tcp = TcpStream::connect(kit.address()).await.unwrap();
    client_async(request, tcp).await.ok().map(|it| it.0)
}

/// The answer to a handshake.
async fn knock(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Response<()> {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let tcp = TcpStream::connect(address).await.unwrap();
    match client_async(request, tcp).await {
        Ok((_, response)) => response.map(|_| ()),
        Err(Error::Http(response)) => response.map(|_| ()),
        Err(error) => panic!("the handshake failed: {error}"),
    }
}

async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
}

fn not_utf8() -> Message {
    Message::Frame(Frame::message(
        vec![0xff, 0xfe],
        OpCode::Data(Data::Text),
        true,
    ))
}
