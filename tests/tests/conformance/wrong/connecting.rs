//! Clients that connect wrongly, or do not connect.

use std::cell::Cell;

use serde_json::json;

use crate::tamper::{Pause, Taken, Tamper, hearing, on_action, pauses};

pub(crate) fn token_in_the_url() -> Tamper {
    Tamper {
        handshake: Box::new(|it| it.query.push(("access_token".to_owned(), "abc".to_owned()))),
        ..Tamper::default()
    }
}

pub(crate) fn no_token() -> Tamper {
    Tamper {
        handshake: Box::new(|it| it.token = None),
        ..Tamper::default()
    }
}

pub(crate) fn another_subprotocol() -> Tamper {
    Tamper {
        handshake: Box::new(|it| it.protocols = vec!["chat".to_owned()]),
        ..Tamper::default()
    }
}

pub(crate) fn a_device_with_a_space() -> Tamper {
    Tamper {
        handshake: Box::new(|it| it.device = Some("my phone".to_owned())),
        ..Tamper::default()
    }
}

pub(crate) fn silence() -> Tamper {
    Tamper {
        outgoing: Box::new(|_| Vec::new()),
        ..Tamper::default()
    }
}

pub(crate) fn says_hello_without_end() -> Tamper {
    on_action("hello", |frame| vec![frame; 1_001])
}

pub(crate) fn never_comes_back() -> Tamper {
    pauses(|_| Pause::Forever)
}

pub(crate) fn comes_back_at_once() -> Tamper {
    pauses(|_| Pause::Ms(0))
}

pub(crate) fn comes_back_every_200_ms() -> Tamper {
    pauses(|_| Pause::Ms(200))
}

pub(crate) fn comes_back_every_second() -> Tamper {
    pauses(|_| Pause::Ms(1_000))
}

pub(crate) fn comes_back_after_doubled_pauses() -> Tamper {
    pauses(|attempt| Pause::Ms(500 << attempt))
}

pub(crate) fn overlooks_reconnect_by() -> Tamper {
    hearing(|mut frame| {
        if frame["event"] == "welcome" {
            frame["reconnect_by"] = json!(frame["now"].as_u64().unwrap() + 6_000_000);
        }
        Taken::hears(frame)
    })
}

pub(crate) fn closes_the_old_first() -> Tamper {
    let first = Cell::new(true);
    hearing(move |frame| {
        if first.replace(false) {
            Taken::default().and_closes()
        } else {
            Taken::hears(frame)
        }
    })
}

pub(crate) fn keeps_its_token() -> Tamper {
    Tamper {
        handshake: Box::new(|it| it.token = Some("for ever".to_owned())),
        ..Tamper::default()
    }
}

pub(crate) fn closes_at_an_unknown_event() -> Tamper {
    hearing(|frame| match frame["event"].as_str() {
        Some("weather") => Taken::default().and_closes(),
        _ => Taken::hears(frame),
    })
}

pub(crate) fn drops_what_has_unknown_fields() -> Tamper {
    hearing(|frame| {
        let is_strange = frame.get("mood").is_some() && frame["event"] == "entry";
        if is_strange || frame["event"] == "synced" {
            return Taken::default();
        }
        Taken::hears(frame)
    })
}
