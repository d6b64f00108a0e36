//! The ways in which a connection ends: codes, and what `$disconnect` is told.

use futures_util::SinkExt as _;
use switchboard_local::apigw::Limits;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::script::{says, status};
use crate::stage::{Stage, routes};

/// A client's frame, masked with zeros.
fn raw(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 127];
    frame.extend((payload.len() as u64).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Source: DG `websocket-api-develop-binary-media-types` for 1003; DG `apigateway-execution-service-websocket-limits-table` for 1009; RFC 6455, 7.4.1, for the others.
#[tokio::test]
async fn binary_closes_with_1003_too_long_with_1009_and_what_is_malformed_with_its_code() {
    let mut stage = Stage::new().await;
    let quarter = vec![b'x'; 32 * 1024];
    let too_long = [
        raw(0x01, &quarter),
        raw(0x00, &quarter),
        raw(0x00, &quarter),
    ]
    .concat();
    let too_long = [too_long, raw(0x00, &quarter), raw(0x80, b"x")].concat();
    let cases = [
        (raw(0x82, b"binary"), 1003),
        (raw(0x81, &vec![b'x'; 32 * 1024 + 1]), 1009),
        (too_long, 1009),
        (raw(0x81, b"\xc3\x28"), 1007),
        (raw(0xf1, b"reserved bits"), 1002),
        (vec![0x81, 0x01, b'x'], 1002),
    ];
    for (frames, code) in cases {
        let mut client = stage.connect().await;
        client.socket.get_mut().write_all(&frames).await.unwrap();
        assert_eq!(client.closed().await.0, code);
        assert_eq!(stage.disconnected().await.0, u64::from(code));
    }
    assert_eq!(stage.gateway.open_connections(), 0);
    assert_eq!(stage.gateway.counts().closes[&1009], 2);
}

/// Source: DG `apigateway-execution-service-websocket-limits-table`, the note on frames and messages.
#[tokio::test]
async fn fragments_within_the_limits_are_one_message() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    let quarter = vec![b'x'; 32 * 1024];
    let stream = client.socket.get_mut();
    for first in [0x01, 0x00, 0x00, 0x80] {
        stream.write_all(&raw(first, &quarter)).await.unwrap();
    }
    let call = stage.asked("message").await;
    assert_eq!(call.event["body"].as_str().unwrap().len(), 128 * 1024);
}

/// Source: RFC 6455, 5.5.2 and 5.5.3. That they reach no route was found in no page of AWS's.
#[tokio::test]
async fn control_frames_are_answered_and_not_routed() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    let unsolicited = Message::Pong("y".into());
    client.socket.send(unsolicited).await.unwrap();
    client.socket.send(Message::Ping("x".into())).await.unwrap();
    assert_eq!(
        client.next().await.unwrap().unwrap(),
        Message::Pong("x".into())
    );
    assert_eq!(stage.gateway.counts().frames_in, 0);
    assert!(stage.is_quiet());
}

/// Source: `aws/aws-lambda-rust-runtime`, the fixture of `$disconnect` (1005 and its reason); masked events of a real API (1001 with an empty reason).
#[tokio::test]
async fn a_client_s_close_is_told_as_1005_with_a_reason_or_with_its_own_code() {
    let mut stage = Stage::new().await;
    let going = CloseFrame {
        code: 1001.into(),
        reason: "".into(),
    };
    let cases = [
        (None, (1005, "Client-side close frame status not set")),
        (Some(going), (1001, "")),
        (
            Some(CloseFrame {
                code: 4000.into(),
                reason: "bye".into(),
            }),
            (4000, "bye"),
        ),
    ];
    for (frame, (code, reason)) in cases {
        let mut client = stage.connect().await;
        client.socket.close(frame.clone()).await.unwrap();
        assert_eq!(client.next().await.unwrap().unwrap(), Message::Close(frame));
        assert!(client.next().await.is_none());
        assert_eq!(stage.disconnected().await, (code, reason.to_owned()));
    }
}

/// A function whose client has gone runs to its end, and `$disconnect` does not wait for it.
///
/// Source: DG `apigateway-websocket-api-route-keys-connect-disconnect`: best effort, after the close.
#[tokio::test]
async fn a_disconnect_overtakes_what_is_in_flight() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    client.say("x").await;
    let call = stage.asked("message").await;
    drop(client);
    assert_eq!(stage.disconnected().await.0, 1006);
    assert!(!call.is_dropped());
    call.answer(says("unheard"));
    stage.gateway.shutdown().await;
}

/// Source: <https://medium.com/@lancers/websocket-api-what-does-it-mean-that-disconnect-is-a-best-effort-event-317b7021456f>: hosts under maintenance close.
#[tokio::test]
async fn a_shutdown_says_going_away_and_waits_for_disconnects() {
    let mut stage = Stage::new().await;
    let mut client = stage.connect().await;
    let gateway = stage.gateway.clone();
    let ((), heard, told) = tokio::join!(gateway.shutdown(), client.closed(), stage.disconnected());
    assert_eq!(heard, (1001, "Going away".into()));
    assert_eq!(told, (1001, "Going away".into()));
    assert_eq!(gateway.open_connections(), 0);
    assert_eq!(stage.refused().await, 503);
}

/// Source: none; a bound of the stand-in's own.
#[tokio::test]
async fn nobody_holds_a_shutdown_for_ever() {
    let mut stage = Stage::with(routes(), Limits::default()).await;
    let (mut deaf, mut busy) = (stage.connect().await, stage.connect().await);
    stage.script.fix("disconnect", status(200));
    busy.say("x").await;
    let call = stage.asked("message").await;
    let gateway = stage.gateway.clone();
    let mut shutdown = Box::pin(gateway.shutdown());
    assert!(futures_util::poll!(shutdown.as_mut()).is_pending());
    stage.clock.advance(Limits::default().shutdown_ms);
    shutdown.await;
    assert!(call.is_dropped());
    assert_eq!(deaf.closed().await.0, 1001);
}
