//! What makes a wrong client of the reference client: a hand between it and the gateway.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use switchboard_local::conformance::Handshake;

/// What becomes of a frame that comes.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// What the client hears instead.
    pub(crate) hears: Vec<Value>,
    /// What goes out in its name.
    pub(crate) says: Vec<String>,
    /// Whether the connection is closed.
    pub(crate) closes: bool,
}

/// What becomes of an entry that asks to send something.
#[derive(Debug)]
pub(crate) enum Wish {
    /// The client sends it.
    Client,
    /// These frames go out in its name.
    Frames(Vec<String>),
}

/// What becomes of the pause before a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The client's own.
    Client,
    /// So many milliseconds.
    Ms(u64),
    /// There is no connection any more.
    Forever,
}

/// What an app shows: places and texts, or kinds.
pub(crate) type Shown = Vec<(u64, String)>;

/// What becomes of the wish to send a text to a conversation.
type Wishes = dyn FnMut(&str, &str) -> Wish;

/// The hand. By default it leaves everything as it is.
pub(crate) struct Tamper {
    pub(crate) handshake: Box<dyn FnMut(&mut Handshake)>,
    pub(crate) outgoing: Box<dyn FnMut(Value) -> Vec<String>>,
    pub(crate) incoming: Box<dyn FnMut(Value) -> Taken>,
    /// What is shown, before it is reported.
    pub(crate) shown: Box<dyn FnMut(&mut Shown)>,
    /// A wish to send a text to a conversation.
    pub(crate) wish: Box<Wishes>,
    /// The pause before the so-many-th attempt in a row, from 0.
    pub(crate) pause: Box<dyn Fn(u32) -> Pause>,
}

impl Default for Tamper {
    fn default() -> Self {
        Self {
            handshake: Box::new(|_| {}),
            outgoing: Box::new(|frame| vec![frame.to_string()]),
            incoming: Box::new(Taken::hears),
            shown: Box::new(|_| {}),
            wish: Box::new(|_, _| Wish::Client),
            pause: Box::new(|_| Pause::Client),
        }
    }
}

impl Taken {
    /// The client hears it.
    pub(crate) fn hears(frame: Value) -> Self {
        Self {
            hears: vec![frame],
            ..Self::default()
        }
    }

    /// And this goes out.
    pub(crate) fn and_says(mut self, frame: &Value) -> Self {
        self.says.push(frame.to_string());
        self
    }

    /// And the connection is closed.
    pub(crate) fn and_closes(mut self) -> Self {
        self.closes = true;
        self
    }
}

pub(crate) fn pauses(pause: fn(u32) -> Pause) -> Tamper {
    Tamper {
        pause: Box::new(pause),
        ..Tamper::default()
    }
}

pub(crate) fn hearing(hear: impl FnMut(Value) -> Taken + 'static) -> Tamper {
    Tamper {
        incoming: Box::new(hear),
        ..Tamper::default()
    }
}

pub(crate) fn showing(show: impl FnMut(&mut Shown) + 'static) -> Tamper {
    Tamper {
        shown: Box::new(show),
        ..Tamper::default()
    }
}

pub(crate) fn on_action(
    action: &'static str,
    act: impl Fn(Value) -> Vec<Value> + 'static,
) -> Tamper {
    Tamper {
        outgoing: Box::new(move |frame| {
            let frames = if frame["action"] == action {
                act(frame)
            } else {
                vec![frame]
            };
            frames.iter().map(Value::to_string).collect()
        }),
        ..Tamper::default()
    }
}

/// What becomes of a send, at its so-many-th attempt from 1.
pub(crate) fn on_send(act: impl Fn(Value, u64) -> Option<Value> + 'static) -> Tamper {
    let attempts = RefCell::new(BTreeMap::<String, u64>::new());
    on_action("send", move |frame| {
        let id = frame["id"].as_str().unwrap().to_owned();
        let attempt = {
            let mut attempts = attempts.borrow_mut();
            let attempt = attempts.entry(id).or_default();
            *attempt += 1;
            *attempt
        };
        act(frame, attempt).into_iter().collect()
    })
}
