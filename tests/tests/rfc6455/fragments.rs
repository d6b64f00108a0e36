//! Messages in several frames.

use crate::case::{
    BINARY, CONTINUATION, FIN, PING, PONG, TEXT, case, close, close_payload, frame, play, text,
};

/// 5.4; Autobahn 5.3 to 5.5, 9.3.
#[tokio::test]
async fn a_text_in_fragments_is_one_message() {
    let message = "a text that is long enough to be cut anywhere";
    let each = [1, 2, 3, 7, 20, 44].map(|at_once| {
        let pieces: Vec<_> = message.as_bytes().chunks(at_once).collect();
        let last = pieces.len() - 1;
        let frames: Vec<_> = (0..=last)
            .map(|it| {
                let opcode = if it == 0 { TEXT } else { CONTINUATION };
                let fin = if it == last { FIN } else { 0 };
                frame(fin | opcode, pieces[it])
            })
            .collect();
        case(format!("{at_once} octets at a time"), &frames).echoes(message)
    });
    play(each).await;
}

/// 5.4; Autobahn 6.1: an empty fragment adds nothing, wherever it stands.
#[tokio::test]
async fn empty_fragments_add_nothing() {
    let empty = || frame(CONTINUATION, "");
    let end = |payload| frame(FIN | CONTINUATION, payload);
    play([
        case("all", &[frame(TEXT, ""), empty(), end("")]).echoes("(empty)"),
        case("the first", &[frame(TEXT, ""), end("text")]).echoes("text"),
        case("the last", &[frame(TEXT, "text"), end("")]).echoes("text"),
        case(
            "those around",
            &[
                frame(TEXT, ""),
                empty(),
                frame(CONTINUATION, "text"),
                empty(),
                end(""),
            ],
        )
        .echoes("text"),
    ])
    .await;
}

/// 5.4, 5.5; Autobahn 5.6 to 5.8, 5.19, 5.20: control frames come through at once.
#[tokio::test]
async fn pings_between_fragments_are_answered_before_the_message() {
    let said = [
        frame(TEXT, "one "),
        frame(FIN | PING, "first"),
        frame(CONTINUATION, "two "),
        frame(FIN | PONG, "ignored"),
        frame(FIN | PING, "second"),
        frame(FIN | CONTINUATION, "three"),
        text("another"),
    ];
    let heard = case("pings within a text", &said);
    let heard = heard.pongs("first").pongs("second");
    play([heard.echoes("one two three").echoes("another")]).await;
}

/// 5.4: a close frame is a control frame too. The message that it interrupts is never whole.
#[tokio::test]
async fn a_close_between_fragments_ends_the_message() {
    let said = [frame(TEXT, "never "), close(1001, "leaving")];
    play([case("no end", &said).closes(close_payload(1001, "leaving"))]).await;
}

/// 5.4; Autobahn 5.9 to 5.14, 5.16, 5.17.
#[tokio::test]
async fn a_continuation_of_nothing_closes_with_1002() {
    let whole = || text("whole");
    let last = || frame(FIN | CONTINUATION, "of nothing");
    let open = || frame(CONTINUATION, "of nothing");
    play([
        case("at the start, final", &[last(), whole()]).fails(1002),
        case("at the start, not final", &[open(), whole()]).fails(1002),
        case("empty", &[frame(FIN | CONTINUATION, "")]).fails(1002),
        case("after a text", &[whole(), last()])
            .echoes("whole")
            .fails(1002),
        case(
            "after a fragmented text",
            &[
                frame(TEXT, "who"),
                frame(FIN | CONTINUATION, "le"),
                open(),
                last(),
            ],
        )
        .echoes("whole")
        .fails(1002),
    ])
    .await;
}

/// 5.4; Autobahn 5.15, 5.18: messages are not interleaved.
#[tokio::test]
async fn a_message_within_a_message_closes_with_1002() {
    let begun = || frame(TEXT, "begun");
    play([
        case("a whole text", &[begun(), text("another")]).fails(1002),
        case("a text's beginning", &[begun(), begun()]).fails(1002),
        case("a whole binary", &[begun(), frame(FIN | BINARY, "b")]).fails(1002),
        case(
            "after a continuation",
            &[begun(), frame(CONTINUATION, "on"), text("another")],
        )
        .fails(1002),
        case(
            "after a ping",
            &[begun(), frame(FIN | PING, "ping"), text("another")],
        )
        .pongs("ping")
        .fails(1002),
    ])
    .await;
}
