//! The opening handshake.

use crate::case::{FIN, PING, TEXT, frame, text};
use crate::peer::{Delivery, HANDSHAKE, Heard, Peer};
use crate::server::Server;

/// What was answered to bytes: the head of the response.
async fn answer(server: &Server, request: &str, delivery: Delivery) -> String {
    let mut peer = Peer::dial(server.address).await;
    peer.say(request.as_bytes(), delivery).await;
    peer.head().await
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).expect("a status line")
}

/// The value of a header of a response, by its name in lower case.
fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|it| it.split_once(':'));
    let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}

/// 1.3, 4.2.2: the RFC's own example of a key and its answer.
#[tokio::test]
async fn the_key_is_answered_as_in_the_rfc_s_example() {
    let server = Server::start().await;
    for delivery in [Delivery::Whole, Delivery::Octets] {
        let head = answer(&server, HANDSHAKE, delivery).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let of = |name| header(&head, name).map(|it| it.to_ascii_lowercase());
        assert_eq!(of("upgrade").as_deref(), Some("websocket"), "{head}");
        assert_eq!(of("connection").as_deref(), Some("upgrade"), "{head}");
        let accept = header(&head, "sec-websocket-accept");
        assert_eq!(accept.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }
}

/// 4.2.1, 4.1: names and tokens in any case, tokens in lists, more white space than needed.
#[tokio::test]
async fn headers_are_read_as_http_writes_them() {
    let server = Server::start().await;
    let variants = [
        ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        ("Connection: Upgrade", "Connection: upgrade ,keep-alive"),
        (
            "Connection: Upgrade",
            "Connection: keep-alive\r\nConnection: UPGRADE",
        ),
        ("Connection: Upgrade", "cOnNeCtIoN:upgrade"),
        ("Upgrade: websocket", "Upgrade: WebSocket"),
        ("Upgrade: websocket", "UPGRADE:\twebsocket \t"),
        ("Upgrade: websocket", "Upgrade: h2c, websocket"),
        ("Sec-WebSocket-Key:", "sec-websocket-key:"),
        ("Sec-WebSocket-Key: ", "SEC-WEBSOCKET-KEY:   "),
        ("Sec-WebSocket-Version: 13", "sec-websocket-version:13"),
        ("/local ", "/local?device=phone-1 "),
        (
            "Host: echo.test",
            "Host: echo.test\r\nOrigin: null\r\nCookie: a=b",
        ),
    ];
    for (usual, unusual) in variants {
        let request = HANDSHAKE.replace(usual, unusual);
        assert_ne!(request, HANDSHAKE, "{usual}");
        let head = answer(&server, &request, Delivery::Whole).await;
        assert_eq!(status(&head), "101", "{unusual:?}: {head}");
    }
}

/// A line of the handshake.
const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What a handshake has, what it has instead, and the status that it gets.
const REFUSED: [(&str, &str, &str, &str); 20] = [
    ("no key", KEY, "", "400"),
    ("an empty key", KEY, "Sec-WebSocket-Key:\r\n", "400"),
    (
        "a key of 15 octets",
        KEY,
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA\r\n",
        "400",
    ),
    (
        "a key of 17 octets",
        KEY,
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA=\r\n",
        "400",
    ),
    (
        "a key that is no base64",
        KEY,
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!!==\r\n",
        "400",
    ),
    ("no version", "Sec-WebSocket-Version: 13\r\n", "", "426"),
    ("version 8", "Version: 13", "Version: 8", "426"),
    ("version 0", "Version: 13", "Version: 0", "426"),
    ("version 14", "Version: 13", "Version: 14", "426"),
    (
        "a version that is none",
        "Version: 13",
        "Version: thirteen",
        "426",
    ),
    ("no Upgrade", "Upgrade: websocket\r\n", "", "426"),
    (
        "another protocol",
        "Upgrade: websocket",
        "Upgrade: h2c",
        "426",
    ),
    (
        "half a token",
        "Upgrade: websocket",
        "Upgrade: websockets",
        "426",
    ),
    ("no Connection", "Connection: Upgrade\r\n", "", "426"),
    (
        "another Connection",
        "Connection: Upgrade",
        "Connection: keep-alive",
        "426",
    ),
    ("no Host", "Host: echo.test\r\n", "", "400"),
    ("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", "426"),
    ("POST", "GET ", "POST ", "403"),
    ("HEAD", "GET ", "HEAD ", "403"),
    ("no such path", "/local ", "/nowhere ", "404"),
];

/// 4.2.1, 4.2.2, 4.4. The platform's 403 for other methods; 426 says which version it would take.
#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let server = Server::start().await;
    for (name, usual, unusual, expected) in REFUSED {
        let request = HANDSHAKE.replace(usual, unusual);
        assert_ne!(request, HANDSHAKE, "{name}");
        for delivery in [Delivery::Whole, Delivery::Octets] {
            let head = answer(&server, &request, delivery).await;
            assert_eq!(status(&head), expected, "{name} ({delivery:?}): {head}");
            let version = header(&head, "sec-websocket-version");
            let advice = (expected == "426").then_some("13");
            assert_eq!(version.as_deref(), advice, "{name}: {head}");
            assert_eq!(
                header(&head, "sec-websocket-accept"),
                None,
                "{name}: {head}"
            );
        }
    }
    assert_eq!(server.gateway.open_connections(), 0);
}

/// 4.2.1: what is no HTTP is refused as soon as that is known, so it comes in one write.
#[tokio::test]
async fn what_is_no_http_is_400() {
    let server = Server::start().await;
    for (usual, unusual) in [
        ("GET /local HTTP/1.1", "hello"),
        ("Host:", "Host :"),
        ("Host", "H\u{0}st"),
    ] {
        let request = HANDSHAKE.replace(usual, unusual);
        let head = answer(&server, &request, Delivery::Whole).await;
        assert_eq!(status(&head), "400", "{unusual:?}: {head}");
    }
}

/// 9.1, 11.3.2: extensions are offered, and none is taken; so a compressed frame is an offence.
#[tokio::test]
async fn extensions_are_declined() {
    let server = Server::start().await;
    let offers = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame",
        "foo; bar=\"1\", permessage-bzip2",
    ];
    for offer in offers {
        let offering = format!("\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n");
        let mut peer = Peer::dial(server.address).await;
        let request = HANDSHAKE.replace("\r\n\r\n", &offering);
        peer.say(request.as_bytes(), Delivery::Whole).await;
        let head = peer.head().await;
        assert_eq!(status(&head), "101", "{offer}: {head}");
        assert_eq!(header(&head, "sec-websocket-extensions"), None, "{offer}");
        peer.say(&text("plain"), Delivery::Whole).await;
        assert_eq!(peer.hear().await, Heard::Text("plain".into()), "{offer}");
        let compressed = frame(
            FIN | 0x40 | TEXT,
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        );
        peer.say(&compressed, Delivery::Whole).await;
        let Heard::Close(payload) = peer.hear().await else {
            panic!("{offer}: it was not closed");
        };
        assert_eq!(payload[..2], [3, 234], "{offer}");
    }
}

/// 4.2.2: without a subprotocol that the function chose, none is answered, whatever was offered.
#[tokio::test]
async fn a_subprotocol_that_nobody_chose_is_not_answered() {
    let server = Server::start().await;
    let offering = "\r\nSec-WebSocket-Protocol: chat, superchat\r\n\r\n";
    let request = HANDSHAKE.replace("\r\n\r\n", offering);
    let head = answer(&server, &request, Delivery::Whole).await;
    assert_eq!(status(&head), "101", "{head}");
    assert_eq!(header(&head, "sec-websocket-protocol"), None);
}

/// 4.1: headers as long as tokens make them are fine. URLs have the platform's bound.
#[tokio::test]
async fn long_headers_are_read_and_too_many_refused() {
    let server = Server::start().await;
    let with = |header: &str| HANDSHAKE.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
    let many: Vec<_> = (0..200).map(|it| format!("x-{it}: {it}")).collect();
    let path = |length| HANDSHAKE.replace("/local", &format!("/local?{}", "q".repeat(length)));
    let cases = [
        (
            "a token of 8 KiB",
            with(&format!("Authorization: Bearer {}", "t".repeat(8192))),
            "101",
        ),
        ("200 headers", with(&many.join("\r\n")), "431"),
        ("a URL of 4,096 octets", path(4096 - "/local?".len()), "101"),
        ("a URL of 4,097 octets", path(4097 - "/local?".len()), "414"),
    ];
    for (name, request, expected) in cases {
        let head = answer(&server, &request, Delivery::Pieces).await;
        assert_eq!(status(&head), expected, "{name}: {head}");
    }
}

/// 10.4: what nobody sends is not kept in memory.
#[tokio::test]
async fn a_header_without_an_end_is_cut_off() {
    let server = Server::start().await;
    let mut peer = Peer::dial(server.address).await;
    let (start, _) = HANDSHAKE.split_once("\r\n\r\n").unwrap();
    peer.say(start.as_bytes(), Delivery::Whole).await;
    peer.say(b"\r\nx: ", Delivery::Whole).await;
    let taken = peer.say_until_refused(b"endless ", 16 << 20).await;
    assert!(taken < 16 << 20, "{taken} octets of one header were taken");
    assert_eq!(server.gateway.open_connections(), 0);
}

/// 4.1 tells a client to wait for the answer. Bytes that came with the handshake are frames all the same.
#[tokio::test]
async fn frames_in_the_handshake_s_own_segment_are_heard() {
    let server = Server::start().await;
    let frames = [text("early"), frame(FIN | PING, "bird"), text("again")].concat();
    let said = [HANDSHAKE.as_bytes(), &frames].concat();
    // Cut within the frames too: some octets come with the handshake, and some after its answer.
    for cut in [said.len(), HANDSHAKE.len() + 1, HANDSHAKE.len() + 9] {
        let mut peer = Peer::dial(server.address).await;
        peer.say(&said[..cut], Delivery::Whole).await;
        let head = peer.head().await;
        assert_eq!(status(&head), "101", "{head}");
        peer.say(&said[cut..], Delivery::Whole).await;
        assert_eq!(peer.hear().await, Heard::Text("early".into()), "{cut}");
        assert_eq!(peer.hear().await, Heard::Pong(b"bird".to_vec()), "{cut}");
        assert_eq!(peer.hear().await, Heard::Text("again".into()), "{cut}");
    }
}

/// A client may leave in the middle of its handshake: nothing is kept of it.
#[tokio::test]
async fn half_a_handshake_is_forgotten() {
    let server = Server::start().await;
    for cut in [0, 1, 20, HANDSHAKE.len() - 2] {
        let mut peer = Peer::dial(server.address).await;
        peer.say(&HANDSHAKE.as_bytes()[..cut], Delivery::Whole)
            .await;
        peer.finish().await;
        let heard = peer.rest().await;
        assert!(!heard.starts_with(b"HTTP/1.1 101"), "cut at {cut}");
        assert_eq!(server.gateway.open_connections(), 0, "cut at {cut}");
    }
}
