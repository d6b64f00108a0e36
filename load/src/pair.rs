//! A pair: its conversations, and the messages that are on their way in them.
//!
//! All devices of a pair live on one thread and share this; nothing else is shared between them, and nothing between pairs.

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::ledger::Ledger;
use crate::tag::Tag;

/// A pair's conversations and messages.
#[derive(Debug)]
pub struct Pair {
    /// The devices, by the run's numbers; a device's place here is its slot.
    pub devices: Vec<u32>,
    /// Its conversations.
    pub conversations: Vec<Conversation>,
    /// Messages that have not reached everybody.
    pub on_their_way: BTreeMap<Tag, OnItsWay>,
    /// Entries of this run's that belong to no conversation of the pair.
    pub strays: u64,
}

/// A conversation.
#[derive(Debug)]
pub struct Conversation {
    /// Its name on the wire.
    pub id: String,
    /// Its audit.
    pub ledger: Ledger,
    /// Where pushes are timed: each entry's place, and when the gateway accepted it, by its own clock.
    pub accepted: Vec<(u64, u64)>,
}

/// A message that has not reached everybody.
#[derive(Clone, Copy, Debug)]
pub struct OnItsWay {
    /// When it was meant to be sent.
    pub intended: Micros,
    /// Devices that do not have it.
    pub missing: usize,
}

impl Pair {
    /// A pair of these devices.
    pub fn new(devices: Vec<u32>) -> Self {
        Self {
            devices,
            conversations: Vec::new(),
            on_their_way: BTreeMap::new(),
            strays: 0,
        }
    }

    /// A conversation was opened, whose log ends at `base`.
    pub fn opened(&mut self, id: &str, base: u64) {
        let ledger = Ledger::new(self.conversations.len(), base, &self.devices);
        self.conversations.push(Conversation {
            id: id.to_owned(),
            ledger,
            accepted: Vec::new(),
        });
    }

    /// Which conversation has that name.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.conversations.iter().position(|it| it.id == id)
    }

    /// A message leaves its device.
    pub fn leaves(&mut self, tag: Tag, intended: Micros) {
        let missing = self.devices.len() - 1;
        self.on_their_way
            .insert(tag, OnItsWay { intended, missing });
    }

    /// A message reached one more device: when it was intended, and whether that was the last one.
    pub fn reaches(&mut self, tag: Tag) -> Option<(Micros, bool)> {
        let message = self.on_their_way.get_mut(&tag)?;
        message.missing = message.missing.saturating_sub(1);
        let (intended, is_last) = (message.intended, message.missing == 0);
        if is_last {
            self.on_their_way.remove(&tag);
        }
        Some((intended, is_last))
    }
}
