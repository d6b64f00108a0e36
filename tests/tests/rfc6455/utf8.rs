//! Text is UTF-8: what is, what is not, and where it is cut.

use crate::case::{CONTINUATION, FIN, PING, TEXT, case, frame, play, text};

/// The first and the last character of every length, those around the surrogates, and noncharacters, which are valid.
const VALID: [&str; 18] = [
    "\u{0}",
    "\u{7f}",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{fff}",
    "\u{1000}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10000}",
    "\u{3ffff}",
    "\u{1fffe}",
    "\u{10fffe}",
    "\u{10ffff}",
    "Grüße, κόσμε, 世界, 👋🏽",
];

/// Octets that are no UTF-8, and why.
const INVALID: [(&str, &[u8]); 24] = [
    ("a continuation alone", b"\x80"),
    ("the last continuation alone", b"\xbf"),
    ("a start alone, of two", b"\xc3 "),
    ("a start alone, of three", b"\xe2 "),
    ("a start alone, of four", b"\xf0 "),
    ("cut after two of three", b"\xe2\x82 "),
    ("cut after two of four", b"\xf0\x9f "),
    ("cut after three of four", b"\xf0\x9f\x91 "),
    ("overlong, two for U+002F", b"\xc0\xaf"),
    ("overlong, two for U+007F", b"\xc1\xbf"),
    ("overlong, three for U+002F", b"\xe0\x80\xaf"),
    ("overlong, three for U+07FF", b"\xe0\x9f\xbf"),
    ("overlong, four for U+002F", b"\xf0\x80\x80\xaf"),
    ("overlong, four for U+FFFF", b"\xf0\x8f\xbf\xbf"),
    ("overlong, two for U+0000", b"\xc0\x80"),
    ("the first surrogate", b"\xed\xa0\x80"),
    ("the last surrogate", b"\xed\xbf\xbf"),
    ("a pair of surrogates", b"\xed\xa0\xbd\xed\xb1\x8b"),
    ("U+110000, above Unicode", b"\xf4\x90\x80\x80"),
    ("a start above Unicode", b"\xf5\x80\x80\x80"),
    ("five octets", b"\xf8\x88\x80\x80\x80"),
    ("six octets", b"\xfc\x84\x80\x80\x80\x80"),
    ("0xfe", b"\xfe"),
    ("0xff", b"\xff"),
];

/// 8.1; Autobahn 6.2, 6.5, 6.7, 6.9, 6.11, 6.22, 6.23.
#[tokio::test]
async fn every_character_comes_back() {
    let cases = VALID.map(|it| {
        let name = it.escape_unicode().to_string();
        case(name, &[text(it)]).echoes(it)
    });
    play(cases).await;
}

/// 5.4, 5.6; Autobahn 6.2: only the whole message is UTF-8, so a fragment may end within a character.
#[tokio::test]
async fn characters_that_fragments_cut_are_whole_again() {
    let cases = VALID.iter().flat_map(|it| {
        let octets = it.as_bytes();
        (0..=octets.len()).map(move |cut| {
            let (head, tail) = octets.split_at(cut);
            let said = [
                frame(TEXT, head),
                frame(FIN | PING, ""),
                frame(CONTINUATION, ""),
                frame(FIN | CONTINUATION, tail),
            ];
            let name = format!("{} cut at {cut}", it.escape_unicode());
            case(name, &said).pongs([]).echoes(*it)
        })
    });
    play(cases).await;
}

/// 8.1, 7.4.1; Autobahn 6.3, 6.6, 6.8, 6.10, 6.12 to 6.21.
#[tokio::test]
async fn what_is_no_utf8_closes_with_1007() {
    let alone = INVALID.map(|(name, octets)| case(name, &[text(octets)]).fails(1007));
    let within = INVALID.map(|(name, octets)| {
        let said = [b"before ", octets, b" after"].concat();
        case(format!("{name}, in a text"), &[text("good"), text(said)])
            .echoes("good")
            .fails(1007)
    });
    play(alone.into_iter().chain(within)).await;
}

/// 8.1; Autobahn 6.4: a fragment that no other can make good is refused before the message ends.
#[tokio::test]
async fn what_cannot_become_utf8_closes_before_the_message_ends() {
    let first = INVALID.map(|(name, octets)| {
        case(format!("{name}, in the first"), &[frame(TEXT, octets)]).fails(1007)
    });
    let later = INVALID.map(|(name, octets)| {
        let said = [frame(TEXT, "κόσμε"), frame(CONTINUATION, octets)];
        case(format!("{name}, in the second"), &said).fails(1007)
    });
    // Each octet may follow its own fragment, and the bad one does not.
    let cut = [
        frame(TEXT, b"\xf0"),
        frame(CONTINUATION, b"\x9f"),
        frame(CONTINUATION, b"x"),
    ];
    let cut = case("a character that is broken off in the third", &cut).fails(1007);
    play(first.into_iter().chain(later).chain([cut])).await;
}

/// 8.1; Autobahn 6.6: a message that ends within a character is none.
#[tokio::test]
async fn a_message_that_ends_within_a_character_closes_with_1007() {
    let characters = ["é", "世", "👋"];
    let cases = characters.iter().flat_map(|it| {
        (1..it.len()).flat_map(move |cut| {
            let head = &it.as_bytes()[..cut];
            let name = format!("{} cut at {cut}", it.escape_unicode());
            [
                case(format!("{name}, whole"), &[text(head)]).fails(1007),
                case(
                    format!("{name}, then an empty end"),
                    &[frame(TEXT, head), frame(FIN | CONTINUATION, "")],
                )
                .fails(1007),
            ]
        })
    });
    play(cases).await;
}
