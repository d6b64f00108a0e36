//! Every bound, on both of its sides.

use serde_json::{Map, Value, json};
use switchboard_protocol::{Action, ErrorCode, limits};

use super::{accepted, bad, golden, refused, with};

fn too_large(frame: &Value, word: &str) {
    refused(&frame.to_string(), ErrorCode::TooLarge, word);
}

/// A text field takes these texts and refuses those.
fn text_field(name: &str, place: &str, good: &[&str], wrong: &[&str]) {
    let field = place.rsplit('/').next().unwrap();
    for text in good {
        accepted(&with(golden(name), place, *text));
    }
    for text in wrong {
        bad(&with(golden(name), place, *text), field);
    }
}

/// An integer field takes these numbers and refuses those.
fn integer_field(name: &str, place: &str, good: &[u64], wrong: &[u64]) {
    let field = place.rsplit('/').next().unwrap();
    for number in good {
        accepted(&with(golden(name), place, *number));
    }
    for number in wrong {
        bad(&with(golden(name), place, *number), field);
    }
}

fn a(length: usize) -> String {
    "a".repeat(length)
}

#[test]
fn texts_that_are_echoed_or_stored_are_bounded_in_bytes() {
    let e = |count: usize| "é".repeat(count);
    text_field("hello", "/ref", &["", &a(64), &e(32)], &[&a(65), &e(33)]);
    text_field(
        "open.full",
        "/key",
        &["", &a(64), &e(32)],
        &[&a(65), &e(33)],
    );
    text_field(
        "open.full",
        "/subject",
        &["", &a(256), &e(128)],
        &[&a(257), &e(129)],
    );
    let emojis = ["a", "👍", "❤️‍🔥", &a(16)];
    text_field(
        "send.reaction",
        "/body/emoji",
        &emojis,
        &["", &a(17), &e(9)],
    );
    let file = "send.attachment";
    text_field(file, "/body/attachment", &["a", &a(64)], &["", &a(65)]);
    text_field(file, "/body/name", &["a", &a(255)], &["", &a(256), &e(128)]);
    text_field(file, "/body/type", &["a", &a(255)], &["", &a(256)]);
}

#[test]
fn names_are_of_their_alphabet() {
    let users = ["", &a(129), "a#b", "a b", "é", "a\n", "\u{7f}"];
    text_field("open.full", "/with", &["a", "!~@:|", &a(128)], &users);
    text_field("settings.block", "/user", &["a", &a(128)], &users);
    text_field("presence", "/users/0", &["a", &a(128)], &[]);
    for wrong in users {
        bad(&with(golden("presence"), "/users/0", wrong), "users");
    }
    let devices = ["", &a(65), "a b", "a/b", "a#b", "é"];
    text_field(
        "device.remove",
        "/device",
        &["a", "A.z_0-9", &a(64)],
        &devices,
    );
    text_field("device.register", "/device", &["a", &a(64)], &devices);
    let kinds = ["", &a(65), "A", "a b", "a/b", "é"];
    text_field("send.custom", "/body/type", &["a", "a.0_-", &a(64)], &kinds);
}

#[test]
fn ids_are_canonical_ulids() {
    let good = ["00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"];
    let wrong = [
        "",
        "0000000000000000000000000",
        "000000000000000000000000000",
        "80000000000000000000000000",
        "7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "0000000000000000000000000I",
        "0000000000000000000000000L",
        "0000000000000000000000000O",
        "0000000000000000000000000U",
        "0000000000000000000000000-",
        "000000000000000000000000é",
    ];
    for name in ["send.text", "typing.on", "history.after", "settings.mute"] {
        text_field(name, "/conversation", &good, &wrong);
    }
    text_field("send.text", "/id", &good, &wrong);
    text_field("receipt", "/receipts/0/conversation", &good, &wrong);
    for wrong in wrong {
        bad(
            &with(golden("sync"), "/cursors", json!({ wrong: 0 })),
            "cursors",
        );
    }
}

#[test]
fn pushing_takes_known_platforms_and_tokens_and_language_tags() {
    let (name, longest) = ("device.register", a(2_048));
    let platforms = ["apns", "apns_sandbox", "fcm"];
    text_field(name, "/platform", &platforms, &["", "APNS", "gcm", "apns "]);
    let tokens = ["", &a(2_049), "a b", "é", "a\n"];
    text_field(name, "/token", &["a", "a:B-_9#/", &longest], &tokens);
    text_field(name, "/locale", &["d", "zh-Hant-TW", &a(35)], &["", &a(36)]);
}

#[test]
fn places_begin_where_they_have_to() {
    let any = [0, 1, u64::MAX];
    integer_field("send.text", "/after", &any, &[]);
    integer_field("history.after", "/after", &any, &[]);
    integer_field("history.before", "/before", &any, &[]);
    integer_field("settings.mute", "/muted_until", &any, &[]);
    integer_field("send.attachment", "/body/size", &any, &[]);
    let from_one = [1, u64::MAX];
    integer_field("send.reply", "/reply_to", &from_one, &[0]);
    for name in ["send.edit", "send.delete", "send.reaction"] {
        integer_field(name, "/body/of", &from_one, &[0]);
    }
    let text = golden("send.text").to_string();
    let above = text.replace("\"after\":41", "\"after\":18446744073709551616");
    refused(&above, ErrorCode::BadRequest, "after");
}

#[test]
fn limits_of_lists_that_are_asked_for() {
    integer_field("history.after", "/limit", &[1, 100], &[0, 101, u64::MAX]);
    integer_field("inbox.full", "/limit", &[1, 50], &[0, 51, u64::MAX]);
    let id = "01JD8Z3KQ5W9T0000000000001";
    let good = [format!("0.{id}"), format!("{}.{id}", u64::MAX)];
    let wrong = [
        id,
        "1",
        "1.",
        "x.y",
        "-1.01JD8Z3KQ5W9T0000000000001",
        "1.01JD8Z3KQ5W9T0000000000001.2",
    ];
    text_field(
        "inbox.full",
        "/next",
        &good.each_ref().map(String::as_str),
        &wrong,
    );
}

#[test]
fn lists_have_from_one_to_so_many_elements() {
    let receipts = |count: usize| vec![golden("receipt")["receipts"][0].clone(); count];
    let users = |count: usize| vec![json!("bob"); count];
    let rows = [
        ("receipt", "/receipts", [0, 1, 50, 51].map(receipts)),
        ("presence", "/users", [0, 1, 20, 21].map(users)),
    ];
    for (name, place, [none, one, most, more]) in rows {
        let field = &place[1..];
        bad(&with(golden(name), place, none), field);
        accepted(&with(golden(name), place, one));
        accepted(&with(golden(name), place, most));
        bad(&with(golden(name), place, more), field);
    }
}

#[test]
fn cursors_are_at_most_five_hundred() {
    let cursors = |count: usize| -> Map<String, Value> {
        (0..count)
            .map(|number| (format!("{number:026}"), json!(number)))
            .collect()
    };
    accepted(&with(golden("sync"), "/cursors", cursors(0)));
    let most = with(golden("sync"), "/cursors", cursors(500));
    let Action::Sync(sync) = accepted(&most).action else {
        panic!("a sync is a sync");
    };
    assert_eq!(sync.cursors.len(), 500);
    bad(&with(golden("sync"), "/cursors", cursors(501)), "cursors");
}

#[test]
fn a_text_is_bounded_in_characters() {
    for name in ["send.text", "send.edit", "send.attachment"] {
        let text = |text: &str| with(golden(name), "/body/text", text);
        bad(&text(""), "body.text");
        for character in ["a", "é", " "] {
            accepted(&text(character));
            accepted(&text(&character.repeat(8_000)));
            too_large(&text(&character.repeat(8_001)), "body.text");
        }
    }
}

#[test]
fn a_body_is_bounded_in_bytes_of_json() {
    let text = |text: &str| with(golden("send.text"), "/body/text", text);
    let envelope = r#"{"kind":"text","text":""}"#.len();
    let room = limits::BODY_BYTES_MAX - envelope;
    // Four bytes for each: the bytes run out before the characters.
    let emojis = "👍".repeat(room / 4) + &a(room % 4);
    accepted(&text(&emojis));
    too_large(&text(&(emojis + "a")), "body");
    // A control character is one byte of text and six of JSON.
    let controls = "\u{1}".repeat(room / 6) + &a(room % 6);
    accepted(&text(&controls));
    too_large(&text(&(controls + "a")), "body");

    let data = |length: usize| {
        with(
            golden("send.custom"),
            "/body/data",
            json!({ "s": a(length) }),
        )
    };
    let envelope = r#"{"kind":"custom","type":"price.offer-v1","data":{"s":""}}"#.len();
    let room = limits::BODY_BYTES_MAX - envelope;
    accepted(&data(room));
    too_large(&data(room + 1), "body");
}

#[test]
fn kinds_of_bodies_are_those_of_the_contract() {
    for kind in ["", "Text", "event", "deleted", "sticker"] {
        bad(&with(golden("send.text"), "/body/kind", kind), "body.kind");
    }
}
