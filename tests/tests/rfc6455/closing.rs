//! The closing handshake.

use crate::case::{
    CLOSE, CONTINUATION, FIN, PING, TEXT, case, close, close_payload, frame, play, play_whole, text,
};
use crate::peer::{Delivery, Heard, Peer};
use crate::server::Server;

/// 5.5.1, 7.4; Autobahn 7.1, 7.3, 7.7. With 1012 and 1013, which IANA has registered since.
#[tokio::test]
async fn a_close_frame_is_echoed() {
    let codes = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999,
    ];
    let each = codes.map(|code| {
        let payload = close_payload(code, "the reason");
        case(code.to_string(), &[close(code, "the reason")]).closes(payload)
    });
    let longest = "r".repeat(123);
    let others = [
        case("no payload", &[frame(FIN | CLOSE, "")]).closes([]),
        case("no reason", &[close(1000, "")]).closes([3, 232]),
        case("the longest reason", &[close(1000, &longest)]).closes(close_payload(1000, &longest)),
        case("a reason in UTF-8", &[close(4000, "adiós 👋")])
            .closes(close_payload(4000, "adiós 👋")),
        case("after a text", &[text("last"), close(1000, "")])
            .echoes("last")
            .closes([3, 232]),
        case("after a ping", &[frame(FIN | PING, "p"), close(1000, "")])
            .pongs("p")
            .closes([3, 232]),
    ];
    play(each.into_iter().chain(others)).await;
}

/// 7.4; Autobahn 7.9 and 7.13: codes that no endpoint may send are answered with 1002.
#[tokio::test]
async fn codes_that_may_not_be_sent_close_with_1002() {
    let codes = [
        0, 1, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ];
    let each = codes.into_iter().flat_map(|code| {
        ["", "reason"]
            .map(|reason| case(format!("{code} {reason}"), &[close(code, reason)]).fails(1002))
    });
    play(each).await;
}

/// 5.5.1, 7.1.5; Autobahn 7.3: a payload has a code or is none.
#[tokio::test]
async fn half_a_code_closes_with_1002() {
    play(
        [0, 3, 0xff]
            .map(|octet| case(format!("{octet}"), &[frame(FIN | CLOSE, [octet])]).fails(1002)),
    )
    .await;
}

/// 5.5; Autobahn 7.3.6.
#[tokio::test]
async fn a_close_frame_that_is_long_or_in_fragments_closes_with_1002() {
    let in_two = [
        frame(CLOSE, [3, 232]),
        frame(FIN | CONTINUATION, "a reason"),
    ];
    play([
        case("126 octets", &[close(1000, "r".repeat(124))]).fails(1002),
        case("two fragments", &in_two).fails(1002),
    ])
    .await;
}

/// 5.5.1, 8.1; Autobahn 7.5.
#[tokio::test]
async fn a_reason_that_is_no_utf8_closes_with_1007() {
    let reasons: [&[u8]; 3] = [b"\xce\xba\xed\xa0\x80", b"cut \xe2\x82", b"\xff"];
    play(reasons.map(|reason| {
        let name = reason.escape_ascii().to_string();
        case(name, &[close(1000, reason)]).fails(1007)
    }))
    .await;
}

/// 5.5.1; Autobahn 7.1.3 to 7.1.6. In one write, because the socket is closed as soon as the echo is out.
#[tokio::test]
async fn what_follows_a_close_frame_is_ignored() {
    let after = [
        ("a text", text("late")),
        ("a ping", frame(FIN | PING, "late")),
        ("another close frame", close(1001, "late")),
        ("what is no frame", vec![0xff; 64]),
        ("an unmasked frame", vec![FIN | TEXT, 0]),
    ];
    play_whole(after.map(|(name, late)| {
        case(name, &[text("in time"), close(1000, "bye"), late])
            .echoes("in time")
            .closes(close_payload(1000, "bye"))
    }))
    .await;
}

/// 5.5.1, 7.1.2: the server may begin; it says nothing more, and takes the client's frames until its close frame.
#[tokio::test]
async fn a_server_that_closes_says_nothing_more() {
    let server = Server::start().await;
    let mut peer = Peer::connect(server.address).await;
    let gateway = server.gateway.clone();
    let ((), ()) = tokio::join!(gateway.shutdown(), async {
        let close_frame = peer.hear().await;
        assert_eq!(close_frame, Heard::Close(close_payload(1001, "Going away")));
        let late = [
            text("late"),
            frame(FIN | PING, "late"),
            close(1001, "Going away"),
        ];
        peer.say(&late.concat(), Delivery::Octets).await;
        assert!(peer.rest().await.is_empty(), "something was said after it");
    });
}

/// 7.1.7: a client that was told that it broke the protocol may go on; nobody listens.
#[tokio::test]
async fn after_a_failure_nothing_is_heard_and_nothing_is_said() {
    let late = [
        frame(FIN | 0x3, "offence"),
        text("late"),
        frame(FIN | PING, "late"),
        vec![0xff; 4096],
        close(1000, ""),
    ];
    play([
        case("a client that goes on", &late).fails(1002),
        case(
            "after a fragment",
            &[frame(TEXT, "a"), frame(TEXT, "b"), text("late")],
        )
        .fails(1002),
    ])
    .await;
}

/// 7.1.5, 7.4.1: a client that ends without a close frame is not answered with one.
#[tokio::test]
async fn a_client_that_just_ends_hears_nothing() {
    for said in [vec![], frame(TEXT, "half"), text("half")[..5].to_vec()] {
        let server = Server::start().await;
        let mut peer = Peer::connect(server.address).await;
        peer.say(&said, Delivery::Whole).await;
        peer.finish().await;
        assert_eq!(peer.hear().await, Heard::End, "{said:?}");
    }
}
