//! Frames: lengths, masks, reserved bits and opcodes.

use crate::case::{
    BINARY, CLOSE, CONTINUATION, Case, FIN, PING, TEXT, Width, case, frame, frame_of, header, play,
    text,
};

/// The platform's bound of a frame.
const FRAME_BYTES_MAX: usize = 32 * 1024;
/// The platform's bound of a message.
const MESSAGE_BYTES_MAX: usize = 128 * 1024;

/// 5.7: the RFC's own example of a masked text.
#[tokio::test]
async fn the_rfc_s_masked_hello_is_heard() {
    let hello = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    play([case("Hello", &[hello]).echoes("Hello")]).await;
}

/// 5.2; Autobahn 1.1. The boundaries of all three encodings, as far as the platform takes frames.
#[tokio::test]
async fn texts_of_every_length_come_back() {
    let lengths = [1, 2, 124, 125, 126, 127, 128, 255, 256, 4096, 32_767];
    let long = lengths.into_iter().chain([FRAME_BYTES_MAX]).map(|length| {
        let payload = "x".repeat(length);
        case(format!("{length} octets"), &[text(&payload)]).echoes(payload)
    });
    let empty = case("no octets", &[text("")]).echoes("(empty)");
    play(long.chain([empty])).await;
}

/// The platform's quota: a frame above 32 KiB closes with 1009, however its length is written.
#[tokio::test]
async fn frames_above_the_platform_s_bound_close_with_1009() {
    let lengths = [FRAME_BYTES_MAX + 1, 65_535, 65_536, MESSAGE_BYTES_MAX + 1];
    let whole = lengths
        .map(|length| case(format!("{length} octets"), &[text("x".repeat(length))]).fails(1009));
    // 5.2: the most significant bit must be 0. What has it set is too long before it is wrong.
    let announced = [1 << 15 | 1, 1 << 32, 1 << 62, 1 << 63, u64::MAX].map(|length| {
        let head = header(FIN | TEXT, length, Width::SixtyFour);
        let said = [&head[..], &[0; 4]].concat();
        case(format!("a header that announces {length}"), &[said]).fails(1009)
    });
    play(whole.into_iter().chain(announced)).await;
}

/// The platform's quota: fragments make up to 128 KiB, and close with 1009 as soon as they make more.
#[tokio::test]
async fn messages_above_the_platform_s_bound_close_with_1009() {
    let piece = "x".repeat(FRAME_BYTES_MAX);
    let full = |head| frame(head, &piece);
    let exact = [
        full(TEXT),
        full(CONTINUATION),
        full(CONTINUATION),
        full(FIN | CONTINUATION),
    ];
    let mut long = exact.to_vec();
    long[3] = full(CONTINUATION);
    let above = [&long[..], &[frame(FIN | CONTINUATION, "x")]].concat();
    // It is over at the octet too many, whether or not the message ends there.
    let endless = [&long[..], &[frame(CONTINUATION, "x")]].concat();
    play([
        case("131072 octets", &exact).echoes("x".repeat(MESSAGE_BYTES_MAX)),
        case("131073 octets", &above).fails(1009),
        case("131073 octets and no end", &endless).fails(1009),
    ])
    .await;
}

/// 5.2 forbids senders to spend more bytes on a length than it needs; receivers are told nothing.
#[tokio::test]
async fn lengths_that_are_longer_than_needed_are_read() {
    let mask = [1, 2, 3, 4];
    play([
        case(
            "5 in 16 bits",
            &[frame_of(FIN | TEXT, "short", Width::Sixteen, mask)],
        )
        .echoes("short"),
        case(
            "5 in 64 bits",
            &[frame_of(FIN | TEXT, "short", Width::SixtyFour, mask)],
        )
        .echoes("short"),
        case(
            "0 in 64 bits",
            &[frame_of(FIN | PING, "", Width::SixtyFour, mask)],
        )
        .pongs([]),
    ])
    .await;
}

/// 5.3: any mask will do, and each frame has its own.
#[tokio::test]
async fn every_mask_is_taken_off() {
    let masks = [
        [0; 4],
        [0xff; 4],
        [0, 0, 0, 1],
        [0x80, 0, 0, 0],
        [b'm', b'a', b's', b'k'],
    ];
    // Every phase of the mask, and payloads at which vectorised unmasking would begin and end.
    let lengths = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65];
    let each = masks.iter().flat_map(|mask| {
        lengths.iter().map(move |length| {
            let payload: String = ('!'..='~').cycle().take(*length).collect();
            let said = frame_of(FIN | TEXT, &payload, Width::Seven, *mask);
            case(format!("{mask:?} over {length}"), &[said]).echoes(payload)
        })
    });
    let both = masks.map(|mask| frame_of(FIN | TEXT, "same", Width::Seven, mask));
    let all = both
        .iter()
        .fold(case("one after the other", &both), |it, _| {
            it.echoes("same")
        });
    play(each.chain([all])).await;
}

/// 5.1: a frame without a mask ends the connection; 1002 is what the RFC proposes.
#[tokio::test]
async fn frames_without_a_mask_close_with_1002() {
    let heads = [FIN | TEXT, TEXT, FIN | BINARY, FIN | PING, FIN | CLOSE];
    let each = heads.map(|head| {
        let said = vec![head, 2, 3, 232];
        case(format!("{head:#04x}"), &[said]).fails(1002)
    });
    let empty = case("empty", &[[FIN | TEXT, 0]]).fails(1002);
    let second = case("after a masked one", &[text("good"), vec![FIN | TEXT, 0]]);
    let second = second.echoes("good").fails(1002);
    play(each.into_iter().chain([empty, second])).await;
}

/// 5.2; Autobahn 3. No extension was negotiated, so no reserved bit has a meaning.
#[tokio::test]
async fn reserved_bits_close_with_1002() {
    let cases = (1..8).flat_map(|bits: u8| {
        [TEXT, PING, CLOSE].map(|opcode| {
            let marked = frame(FIN | bits << 4 | opcode, [3, 232]);
            let name = format!("bits {bits:03b} on opcode {opcode:#x}, between texts");
            case(name, &[text("before"), marked, text("after")])
                .echoes("before")
                .fails(1002)
        })
    });
    let later = [
        frame(TEXT, "frag"),
        frame(FIN | 0x40 | CONTINUATION, "ment"),
    ];
    play(cases.chain([case("on a continuation", &later).fails(1002)])).await;
}

/// 5.2; Autobahn 4. Opcodes 3 to 7 and 11 to 15 are reserved.
#[tokio::test]
async fn reserved_opcodes_close_with_1002() {
    let cases = (0x3..=0x7).chain(0xb..=0xf).flat_map(|opcode| {
        ["", "payload"].map(|payload| {
            let name = format!("opcode {opcode:#x} with {payload:?}, between texts");
            let said = [text("before"), frame(FIN | opcode, payload), text("after")];
            case(name, &said).echoes("before").fails(1002)
        })
    });
    play(cases).await;
}

/// 5.6 allows binary; Autobahn 1.2. The platform does not, and closes with 1003.
#[tokio::test]
async fn binary_messages_close_with_the_platform_s_1003() {
    let whole = [0, 1, 125, 126, FRAME_BYTES_MAX].map(|length| {
        let said = [text("before"), frame(FIN | BINARY, vec![0xfe; length])];
        case(format!("{length} octets"), &said)
            .echoes("before")
            .fails(1003)
    });
    let pieces = [
        frame(BINARY, "in"),
        frame(CONTINUATION, ""),
        frame(FIN | CONTINUATION, "pieces"),
    ];
    play(
        whole
            .into_iter()
            .chain([case("in pieces", &pieces).fails(1003)]),
    )
    .await;
}

/// Autobahn 9: a frame's end may fall anywhere, and the next frame begins there.
#[tokio::test]
async fn frames_back_to_back_are_told_apart() {
    let lengths = [
        3, 125, 126, 997, 1024, 4093, 4094, 4095, 4096, 4097, 32_768, 1,
    ];
    let texts = lengths.map(|length| "y".repeat(length));
    let frames = texts.each_ref().map(text);
    let all = texts
        .iter()
        .fold(case("many lengths", &frames), Case::echoes);
    play([all]).await;
}
