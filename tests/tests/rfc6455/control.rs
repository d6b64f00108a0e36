//! Pings and pongs.

use crate::case::{CONTINUATION, FIN, PING, PONG, TEXT, case, frame, play, text};
use crate::peer::{Delivery, Heard, Peer};
use crate::server::Server;

/// 5.5.2, 5.5.3; Autobahn 2.1 to 2.4.
#[tokio::test]
async fn pings_of_up_to_125_octets_come_back_as_pongs() {
    let every_octet: Vec<u8> = (0..=255).collect();
    let payloads = [
        b"".to_vec(),
        b"Hello, world!".to_vec(),
        vec![0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff],
        vec![0xfe; 125],
        every_octet[..125].to_vec(),
        every_octet[131..].to_vec(),
    ];
    let each = payloads.map(|payload| {
        let name = format!("a ping of {} octets", payload.len());
        case(name, &[frame(FIN | PING, &payload)]).pongs(payload)
    });
    play(each).await;
}

/// 5.5; Autobahn 2.5.
#[tokio::test]
async fn control_frames_above_125_octets_close_with_1002() {
    let each = [PING, PONG].into_iter().flat_map(|opcode| {
        [126, 127, 32_768].map(|length| {
            let said = [frame(FIN | opcode, vec![0xfe; length]), text("after")];
            case(format!("opcode {opcode:#x} of {length} octets"), &said).fails(1002)
        })
    });
    play(each).await;
}

/// 5.5; Autobahn 5.1 and 5.2.
#[tokio::test]
async fn control_frames_in_fragments_close_with_1002() {
    let each = [PING, PONG].map(|opcode| {
        let said = [frame(opcode, "frag"), frame(FIN | CONTINUATION, "ment")];
        case(format!("opcode {opcode:#x}"), &said).fails(1002)
    });
    let within = [
        frame(TEXT, "a text"),
        frame(PING, "frag"),
        frame(FIN | CONTINUATION, "ment"),
    ];
    play(
        each.into_iter()
            .chain([case("within a text", &within).fails(1002)]),
    )
    .await;
}

/// 5.5.3; Autobahn 2.7 to 2.9: a pong that nobody asked for asks for nothing.
#[tokio::test]
async fn pongs_are_not_answered() {
    play([
        case("empty", &[frame(FIN | PONG, "")]),
        case("with a payload", &[frame(FIN | PONG, "unsolicited")]),
        case("of 125 octets", &[frame(FIN | PONG, vec![0xff; 125])]),
        case(
            "before a ping",
            &[frame(FIN | PONG, "unsolicited"), frame(FIN | PING, "asked")],
        )
        .pongs("asked"),
        case("before a text", &[frame(FIN | PONG, ""), text("text")]).echoes("text"),
    ])
    .await;
}

/// Autobahn 2.10 and 2.11. Section 5.5.3 would allow to answer the last alone.
#[tokio::test]
async fn every_ping_of_ten_is_answered_in_order() {
    let payloads: Vec<String> = (0..10).map(|it| format!("ping {it}")).collect();
    let frames: Vec<_> = payloads.iter().map(|it| frame(FIN | PING, it)).collect();
    let ten = payloads
        .iter()
        .fold(case("ten pings", &frames), |it, payload| {
            it.pongs(payload.as_bytes())
        });
    play([ten]).await;
}

/// 5.5.3: a server may leave out the pongs that it has no room for, and answer the latest ping.
#[tokio::test]
async fn pings_of_a_client_that_does_not_read_are_answered_in_order_and_up_to_the_last() {
    const PINGS: usize = 60_000;
    let server = Server::start().await;
    let mut peer = Peer::connect_narrow(server.address).await;
    let numbered = |number: usize| format!("{number:0125}").into_bytes();
    for start in (0..PINGS).step_by(500) {
        let pings = (start..start + 500).map(|it| frame(FIN | PING, numbered(it)));
        peer.say(&pings.collect::<Vec<_>>().concat(), Delivery::Whole)
            .await;
    }
    let mut newest = None;
    while newest != Some(numbered(PINGS - 1)) {
        let Heard::Pong(payload) = peer.hear().await else {
            panic!("something else than a pong came after {newest:?}");
        };
        assert!(newest < Some(payload.clone()), "not in order");
        newest = Some(payload);
    }
}
