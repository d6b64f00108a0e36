//! What is to be sent. It survives the device's crash; each send keeps the `after` of its first attempt for ever.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::shelf::Shelf;

/// A send that was not acknowledged yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Where to.
    pub conversation: String,
    /// Its id.
    pub id: String,
    /// What it says.
    pub body: Value,
    /// The device's cursor when it first tried; `None` before.
    pub after: Option<u64>,
    in_flight: bool,
    not_before: u64,
}

impl Outgoing {
    /// The frame, the same at each attempt.
    pub(crate) fn frame(&self) -> Value {
        json!({
            "action": "send", "conversation": self.conversation, "id": self.id,
            "after": self.after.unwrap_or(0), "body": self.body,
        })
    }
}

/// The sends of a device, by conversation, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    queues: BTreeMap<String, VecDeque<Outgoing>>,
}

impl Outbox {
    /// Whether everything was acknowledged or refused.
    pub fn is_empty(&self) -> bool {
        self.queues.values().all(VecDeque::is_empty)
    }

    /// What is still to be sent, in order.
    pub fn waiting(&self) -> impl Iterator<Item = &Outgoing> {
        self.queues.values().flatten()
    }

    pub(crate) fn push(&mut self, conversation: &str, id: &str, body: Value) {
        let outgoing = Outgoing {
            conversation: conversation.to_owned(),
            id: id.to_owned(),
            body,
            after: None,
            in_flight: false,
            not_before: 0,
        };
        let queue = self.queues.entry(conversation.to_owned()).or_default();
        queue.push_back(outgoing);
    }

    /// The sends that go out now: of each conversation the first, where it is not on its way.
    pub(crate) fn due(&mut self, shelf: &Shelf, now: u64) -> Vec<Outgoing> {
        let mut due = Vec::new();
        for queue in self.queues.values_mut() {
            if let Some(first) = queue.front_mut()
                && !first.in_flight
                && first.not_before <= now
            {
                first.in_flight = true;
                let cursor = shelf.cursor(&first.conversation);
                first.after.get_or_insert(cursor);
                due.push(first.clone());
            }
        }
        due
    }

    pub(crate) fn next(&self) -> Option<u64> {
        let firsts = self.queues.values().filter_map(VecDeque::front);
        let idle = firsts.filter(|it| !it.in_flight);
        idle.map(|it| it.not_before).min()
    }

    /// A send was answered for good.
    pub(crate) fn done(&mut self, conversation: &str, id: &str) -> Option<Outgoing> {
        let queue = self.queues.get_mut(conversation)?;
        let place = queue.iter().position(|it| it.id == id)?;
        queue.remove(place)
    }

    /// A send may be tried again, from then on.
    pub(crate) fn retry_at(&mut self, conversation: &str, id: &str, at: u64) {
        if let Some(send) = self.find(conversation, id) {
            (send.in_flight, send.not_before) = (false, at);
        }
    }

    pub(crate) fn not_in_flight(&mut self, conversation: &str, id: &str) {
        if let Some(send) = self.find(conversation, id) {
            send.in_flight = false;
        }
    }

    pub(crate) fn nothing_in_flight(&mut self) {
        for send in self.queues.values_mut().flatten() {
            send.in_flight = false;
        }
    }

    fn find(&mut self, conversation: &str, id: &str) -> Option<&mut Outgoing> {
        let queue = self.queues.get_mut(conversation)?;
        queue.iter_mut().find(|it| it.id == id)
    }
}
