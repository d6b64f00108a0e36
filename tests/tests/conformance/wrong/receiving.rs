//! Clients that confirm, ask and show wrongly.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::tamper::{Taken, Tamper, hearing, on_action, showing};

pub(crate) fn confirms_nothing() -> Tamper {
    on_action("receipt", |_| Vec::new())
}

fn receipt(entry: &Value) -> Value {
    json!({"action": "receipt", "receipts": [
        {"conversation": entry["conversation"], "recv": entry["seq"]},
    ]})
}

pub(crate) fn confirms_above_the_gap() -> Tamper {
    hearing(|frame| {
        let receipt = receipt(&frame);
        let is_above = frame["event"] == "entry" && frame["seq"] == 3;
        let taken = Taken::hears(frame);
        if is_above {
            taken.and_says(&receipt)
        } else {
            taken
        }
    })
}

pub(crate) fn confirms_less_again() -> Tamper {
    on_action("receipt", |frame| {
        let mut less = frame.clone();
        less["receipts"][0]["recv"] = json!(1);
        less["receipts"][0]["read"] = json!(1);
        vec![frame, less]
    })
}

pub(crate) fn reads_more_than_it_has() -> Tamper {
    on_action("receipt", |mut frame| {
        let receipt = &mut frame["receipts"][0];
        let recv = receipt["recv"].as_u64().unwrap();
        (receipt["recv"], receipt["read"]) = (json!(recv.div_ceil(2)), json!(recv));
        vec![frame]
    })
}

pub(crate) fn confirms_each() -> Tamper {
    hearing(|frame| {
        let receipt = receipt(&frame);
        let is_entry = frame["event"] == "entry";
        let taken = Taken::hears(frame);
        if is_entry {
            taken.and_says(&receipt)
        } else {
            taken
        }
    })
}

pub(crate) fn types_without_end() -> Tamper {
    hearing(|frame| {
        let typing = json!({"action": "typing", "conversation": frame["conversation"], "on": true});
        let is_entry = frame["event"] == "entry";
        let taken = Taken::hears(frame);
        if is_entry {
            taken.and_says(&typing).and_says(&typing)
        } else {
            taken
        }
    })
}

pub(crate) fn asks_for_a_page_once() -> Tamper {
    let asked = Cell::new(false);
    Tamper {
        outgoing: Box::new(move |frame| {
            let is_page = frame["action"] == "sync" || frame["action"] == "history";
            if is_page && asked.replace(true) {
                return Vec::new();
            }
            vec![frame.to_string()]
        }),
        ..Tamper::default()
    }
}

pub(crate) fn takes_one_page() -> Tamper {
    hearing(|mut frame| {
        if frame["event"] == "synced" {
            frame["more"] = json!(false);
        }
        Taken::hears(frame)
    })
}

pub(crate) fn syncs_from_above() -> Tamper {
    moves_cursors(|cursor| cursor + 5)
}

pub(crate) fn syncs_from_the_beginning() -> Tamper {
    moves_cursors(|_| 0)
}

fn moves_cursors(to: fn(u64) -> u64) -> Tamper {
    on_action("sync", move |mut frame| {
        for (_, cursor) in frame["cursors"].as_object_mut().unwrap() {
            let before = cursor.as_u64().unwrap();
            *cursor = json!(if before == 0 { 0 } else { to(before) });
        }
        vec![frame]
    })
}

pub(crate) fn shows_twice() -> Tamper {
    showing(|shown| shown.insert(0, shown[0].clone()))
}

pub(crate) fn shows_the_newest_first() -> Tamper {
    showing(|shown| shown.reverse())
}

pub(crate) fn shows_not_all() -> Tamper {
    showing(|shown| drop(shown.remove(1)))
}

pub(crate) fn shows_what_is_not_there() -> Tamper {
    showing(|shown| shown.push((99, "rain".to_owned())))
}

pub(crate) fn hides_what_another_device_sent() -> Tamper {
    showing(|shown| shown.retain(|it| !it.1.starts_with("from my tablet")))
}

pub(crate) fn shows_what_was_edited() -> Tamper {
    showing(|shown| "a draft".clone_into(&mut shown[0].1))
}

pub(crate) fn shows_what_was_deleted() -> Tamper {
    showing(|shown| "a secret".clone_into(&mut shown[1].1))
}
