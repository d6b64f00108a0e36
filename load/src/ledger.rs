//! The audit of one conversation: what was sent, what was acknowledged, and what each device holds of the log.
//!
//! It is told what was said and heard, and believes nothing: whatever two sources say of the same place or of the same
//! message has to agree. It knows no socket and no clock.

use std::collections::BTreeSet;

use crate::audit::Audit;
use crate::tag::Tag;

/// What an arrival was to the device that it reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The device did not have it.
    New,
    /// The device had it: delivered again because its receipt was late or lost.
    Again,
}

/// How an entry came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By itself.
    Live,
    /// In an answer to `sync` or `history`.
    Asked,
}

/// What one device holds.
#[derive(Clone, Debug, Default)]
struct Held {
    /// Everything up to here, from the base on.
    cursor: u64,
    /// What lies above a gap.
    ahead: BTreeSet<u64>,
}

/// What one device has sent.
#[derive(Clone, Debug, Default)]
struct Sender {
    device: u32,
    /// The place of each message, by its count; 0 where it is not known.
    places: Vec<u64>,
    acknowledged: Vec<bool>,
}

/// One conversation's log, as everybody's words add up to it.
#[derive(Clone, Debug)]
pub struct Ledger {
    index: usize,
    base: u64,
    /// The message at each place above the base; none where it is not known.
    log: Vec<Option<Tag>>,
    senders: Vec<Sender>,
    held: Vec<Held>,
    /// Places and messages about which two sources disagree.
    doubled: BTreeSet<(u64, Tag)>,
    strangers: BTreeSet<u64>,
    /// How far the log was read back in the end, and which of its places had what they should.
    read_back: u64,
    confirmed: Vec<bool>,
    /// Entries of answers that were not in ascending order, without gaps.
    disordered_pages: u64,
    received: u64,
    again: u64,
    early: u64,
}

impl Ledger {
    /// The audit of a pair's conversation, whose log ended at `base` when it began, for these devices.
    pub fn new(index: usize, base: u64, devices: &[u32]) -> Self {
        let sender = |device: &u32| Sender {
            device: *device,
            ..Sender::default()
        };
        Self {
            index,
            base,
            log: Vec::new(),
            senders: devices.iter().map(sender).collect(),
            held: vec![
                Held {
                    cursor: base,
                    ahead: BTreeSet::new()
                };
                devices.len()
            ],
            doubled: BTreeSet::new(),
            strangers: BTreeSet::new(),
            read_back: base,
            confirmed: Vec::new(),
            disordered_pages: 0,
            received: 0,
            again: 0,
            early: 0,
        }
    }

    /// A device sends a new message; returns its tag.
    pub fn sends(&mut self, slot: usize) -> Tag {
        let sender = &mut self.senders[slot];
        sender.places.push(0);
        sender.acknowledged.push(false);
        Tag::new(sender.device, self.index, sender.places.len() as u32)
    }

    /// A message was acknowledged.
    pub fn acknowledged(&mut self, slot: usize, tag: Tag, seq: u64) {
        let place = tag.count() as usize - 1;
        if let Some(acknowledged) = self.senders[slot].acknowledged.get_mut(place) {
            *acknowledged = true;
        }
        self.stands(seq, tag);
        self.hold(slot, seq);
    }

    /// An entry reached a device.
    pub fn arrived(&mut self, slot: usize, seq: u64, tag: Option<Tag>, way: Way) -> Arrival {
        match tag {
            Some(tag) => self.stands(seq, tag),
            None if seq > self.base => {
                self.strangers.insert(seq);
            }
            None => {}
        }
        let next = self.held[slot].cursor + 1;
        if !self.hold(slot, seq) {
            self.again += u64::from(way == Way::Live);
            return Arrival::Again;
        }
        self.early += u64::from(way == Way::Live && seq > next);
        let own = tag.is_some_and(|tag| tag.device() == self.senders[slot].device);
        self.received += u64::from(!own);
        Arrival::New
    }

    /// An entry of the log, as it is read back at the end.
    pub fn reads_back(&mut self, seq: u64, tag: Option<Tag>) {
        if seq <= self.read_back {
            self.disordered_pages += 1;
            return;
        }
        // A gap is what `lost` finds: nothing is noted for its places.
        self.read_back = seq;
        match tag {
            Some(tag) => {
                self.stands(seq, tag);
                if let Some(place) = self
                    .offset(seq)
                    .filter(|it| self.log.get(*it) == Some(&Some(tag)))
                {
                    self.confirmed
                        .resize(self.confirmed.len().max(place + 1), false);
                    self.confirmed[place] = true;
                }
            }
            None => {
                self.strangers.insert(seq);
            }
        }
    }

    /// Entries of one answer were not ascending.
    pub fn page_is_disordered(&mut self) {
        self.disordered_pages += 1;
    }

    /// Up to where a device holds everything.
    pub fn cursor(&self, slot: usize) -> u64 {
        self.held[slot].cursor
    }

    /// Whether something lies above what a device holds without a gap.
    pub fn has_gap(&self, slot: usize) -> bool {
        !self.held[slot].ahead.is_empty()
    }

    /// Up to where the log was read back.
    pub fn read_back(&self) -> u64 {
        self.read_back
    }

    /// The sum of it all. `verified`: everybody has synced, and the log was read back.
    pub fn audit(&self, verified: bool) -> Audit {
        let top = self.base + self.log.len() as u64;
        let sent = self.senders.iter().map(|it| it.places.len() as u64).sum();
        let acknowledged: u64 = self.senders.iter().map(|it| ones(&it.acknowledged)).sum();
        let holes = |held: &Held| {
            top.saturating_sub(held.cursor)
                .saturating_sub(held.ahead.len() as u64)
        };
        let not_held: u64 = self.held.iter().map(holes).sum();
        Audit {
            sent,
            acknowledged,
            in_doubt: sent - acknowledged,
            received: self.received,
            missing: if verified { not_held } else { 0 },
            lost: if verified { self.lost() } else { 0 },
            doubled: self.doubled.len() as u64,
            disordered: self.disordered() + self.disordered_pages,
            strangers: self.strangers.len() as u64,
            unpushed: 0,
            again: self.again,
            early: self.early,
        }
    }

    /// Acknowledged messages that the log did not have when it was read back.
    fn lost(&self) -> u64 {
        let lost = |sender: &Sender| {
            let places = sender.places.iter().zip(&sender.acknowledged);
            places
                .filter(|(place, acknowledged)| **acknowledged && !self.was_read_back(**place))
                .count() as u64
        };
        self.senders.iter().map(lost).sum()
    }

    fn was_read_back(&self, seq: u64) -> bool {
        self.offset(seq)
            .is_some_and(|it| self.confirmed.get(it).is_some_and(|it| *it))
    }

    fn offset(&self, seq: u64) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.base + 1)?).ok()
    }

    /// Messages that stand below an earlier one of the same device, which sent one after the other.
    fn disordered(&self) -> u64 {
        let disordered = |sender: &Sender| {
            let mut highest = 0;
            let mut below = 0;
            for place in sender.places.iter().filter(|place| **place > 0) {
                below += u64::from(*place < highest);
                highest = highest.max(*place);
            }
            below
        };
        self.senders.iter().map(disordered).sum()
    }

    /// Somebody says that a message stands at a place.
    fn stands(&mut self, seq: u64, tag: Tag) {
        let sender = self.senders.iter_mut().find(|it| it.device == tag.device());
        let known = sender.and_then(|it| it.places.get_mut(tag.count() as usize - 1));
        let Some(known) = known.filter(|_| tag.conversation() == self.index && seq > self.base)
        else {
            self.strangers.insert(seq);
            return;
        };
        if *known == 0 {
            *known = seq;
        } else if *known != seq {
            self.doubled.insert((seq, tag));
        }
        let Some(place) = self.place(seq) else {
            self.strangers.insert(seq);
            return;
        };
        match *place {
            None => *place = Some(tag),
            Some(there) if there == tag => {}
            Some(_) => {
                self.doubled.insert((seq, tag));
            }
        }
    }

    /// The log's place, which a wild number does not make it allocate for.
    fn place(&mut self, seq: u64) -> Option<&mut Option<Tag>> {
        let place = self.offset(seq)?;
        let sent: usize = self.senders.iter().map(|it| it.places.len()).sum();
        // Doubled entries take places too: room for each message twice, and then some.
        if place >= 2 * sent + 1_000 {
            return None;
        }
        if place >= self.log.len() {
            self.log.resize(place + 1, None);
        }
        self.log.get_mut(place)
    }

    /// A device holds a place from now on; false where it did before.
    fn hold(&mut self, slot: usize, seq: u64) -> bool {
        let held = &mut self.held[slot];
        if seq <= held.cursor {
            return false;
        }
        if seq > held.cursor + 1 {
            return held.ahead.insert(seq);
        }
        held.cursor = seq;
        while held.ahead.remove(&(held.cursor + 1)) {
            held.cursor += 1;
        }
        true
    }
}

fn ones(flags: &[bool]) -> u64 {
    flags.iter().filter(|it| **it).count() as u64
}

#[cfg(test)]
mod tests;
