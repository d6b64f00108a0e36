//! Clients that send wrongly.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::json;
use switchboard_tests::ulid;

use crate::tamper::{Taken, Tamper, Wish, hearing, on_send};

pub(crate) fn sends_without_after() -> Tamper {
    on_send(|mut frame, _| {
        frame.as_object_mut().unwrap().remove("after");
        Some(frame)
    })
}

pub(crate) fn sends_once() -> Tamper {
    on_send(|frame, attempt| (attempt == 1).then_some(frame))
}

pub(crate) fn overlooks_retry_after() -> Tamper {
    hearing(|mut frame| {
        if frame["code"] == "rate_limited" {
            frame["retry_after_ms"] = json!(1_000);
        }
        Taken::hears(frame)
    })
}

pub(crate) fn retries_what_was_refused() -> Tamper {
    hearing(|mut frame| {
        if frame["code"] == "blocked" {
            frame["retry"] = json!(true);
        }
        Taken::hears(frame)
    })
}

pub(crate) fn retries_with_another_id() -> Tamper {
    on_send(|mut frame, attempt| {
        if attempt > 1 {
            frame["id"] = json!(ulid());
        }
        Some(frame)
    })
}

pub(crate) fn retries_with_its_cursor() -> Tamper {
    let newest = Rc::new(Cell::new(0));
    let heard = Rc::clone(&newest);
    let mut sending = on_send(move |mut frame, attempt| {
        if attempt > 1 {
            frame["after"] = json!(newest.get());
        }
        Some(frame)
    });
    sending.incoming = Box::new(move |frame| {
        if frame["event"] == "entry" {
            heard.set(frame["seq"].as_u64().unwrap().max(heard.get()));
        }
        Taken::hears(frame)
    });
    sending
}

pub(crate) fn retries_with_another_body() -> Tamper {
    on_send(|mut frame, attempt| {
        if attempt > 1 {
            frame["body"] = json!({"kind": "text", "text": "one, again"});
        }
        Some(frame)
    })
}

pub(crate) fn sends_after_what_it_lacks() -> Tamper {
    on_send(|mut frame, _| {
        frame["after"] = json!(frame["after"].as_u64().unwrap() + 1);
        Some(frame)
    })
}

/// A send of an app that has no outbox.
fn bare_send(conversation: &str, text: &str) -> String {
    let body = json!({"kind": "text", "text": text});
    let frame = json!({
        "action": "send", "conversation": conversation, "id": ulid(), "after": 0, "body": body,
    });
    frame.to_string()
}

pub(crate) fn sends_all_at_once() -> Tamper {
    Tamper {
        wish: Box::new(|conversation, text| match text {
            "report" => Wish::Client,
            _ => Wish::Frames(vec![bare_send(conversation, text)]),
        }),
        ..Tamper::default()
    }
}

pub(crate) fn sends_the_last_first() -> Tamper {
    let frames = RefCell::new(Vec::new());
    Tamper {
        wish: Box::new(move |conversation, text| {
            if text == "report" {
                return Wish::Client;
            }
            frames.borrow_mut().insert(0, bare_send(conversation, text));
            if text == "three" {
                Wish::Frames(frames.take())
            } else {
                Wish::Frames(Vec::new())
            }
        }),
        ..Tamper::default()
    }
}

pub(crate) fn does_not_report() -> Tamper {
    Tamper {
        wish: Box::new(|_, text| match text {
            "report" => Wish::Frames(Vec::new()),
            _ => Wish::Client,
        }),
        ..Tamper::default()
    }
}

pub(crate) fn reports_something_else() -> Tamper {
    on_send(|mut frame, _| {
        if frame["body"]["kind"] == "custom" {
            frame["body"]["data"] = json!({"shown": "all of it"});
        }
        Some(frame)
    })
}
