//! Connections: backoff with full jitter, keep-alive, and a new connection before the old one ends.

use std::collections::BTreeMap;

use super::{ANSWER_MS, LinkId};

/// The first backoff's bound, and the bound of all.
const BACKOFF_MIN_MS: u64 = 500;
const BACKOFF_MAX_MS: u64 = 60_000;
/// Silence after which a `ping` goes out: the platform closes after ten minutes.
const SILENT_MS: u64 = 9 * 60 * 1_000;
/// How long before `reconnect_by` the next connection is opened, at most: less where little time is left.
const AHEAD_MS: u64 = 60_000;

/// One connection.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    open: bool,
    welcomed: bool,
    spoke_at: u64,
    /// When to open another connection, on the device's clock.
    reconnect_at: u64,
    /// Whether that one needs a new token, because this one's ends.
    renews: bool,
    heard_at: u64,
    /// Whether the last thing that was said was a `ping`.
    pinged: bool,
}

/// The connections of a device: mostly one, two while a new one takes over.
#[derive(Debug)]
pub struct Links {
    pub(crate) wanted: bool,
    /// Whether the next handshake needs a new token.
    pub(crate) fresh: bool,
    all: BTreeMap<LinkId, Link>,
    next: LinkId,
    connect_at: u64,
    attempts: u32,
    random: fastrand::Rng,
}

impl Links {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            wanted: false,
            fresh: false,
            all: BTreeMap::new(),
            next: 1,
            connect_at: 0,
            attempts: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// The connection that serves: the newest that was welcomed.
    pub(crate) fn active(&self) -> Option<LinkId> {
        self.all
            .iter()
            .rev()
            .find(|(_, link)| link.welcomed)
            .map(|(id, _)| *id)
    }

    pub(crate) fn last(&self) -> LinkId {
        self.next - 1
    }

    pub(crate) fn has(&self, id: LinkId) -> bool {
        self.all.contains_key(&id)
    }

    pub(crate) fn ids(&self) -> Vec<LinkId> {
        self.all.keys().copied().collect()
    }

    /// The connection to be opened now, if there is one, and whether with a new token.
    pub(crate) fn connect(&mut self, now: u64) -> Option<(LinkId, bool)> {
        if !self.wanted || now < self.connect_at || !self.lacks_one(now) {
            return None;
        }
        let id = self.next;
        self.next += 1;
        let link = Link {
            open: false,
            welcomed: false,
            spoke_at: now,
            reconnect_at: u64::MAX,
            renews: false,
            heard_at: now,
            pinged: false,
        };
        let renews = self.all.values().any(|it| it.renews);
        self.all.insert(id, link);
        let fresh = std::mem::take(&mut self.fresh) || renews;
        Some((id, fresh))
    }

    /// Whether there is none, or the one that serves ends soon and no other is on its way.
    fn lacks_one(&self, now: u64) -> bool {
        match self.all.last_key_value() {
            None => true,
            Some((_, newest)) => newest.welcomed && now >= newest.reconnect_at,
        }
    }

    pub(crate) fn open(&mut self, id: LinkId) -> bool {
        let link = self.all.get_mut(&id);
        link.is_some_and(|link| !std::mem::replace(&mut link.open, true))
    }

    /// A connection serves from now on, for so long; returns those that it replaces.
    pub(crate) fn welcome(&mut self, id: LinkId, now: u64, life: u64, renews: bool) -> Vec<LinkId> {
        self.attempts = 0;
        if let Some(link) = self.all.get_mut(&id) {
            link.welcomed = true;
            link.reconnect_at = now + life - AHEAD_MS.min(life / 10);
            link.renews = renews;
        }
        self.all.range(..id).map(|(old, _)| *old).collect()
    }

    pub(crate) fn spoke(&mut self, id: LinkId, now: u64, ping: bool) {
        if let Some(link) = self.all.get_mut(&id) {
            (link.spoke_at, link.pinged) = (now, ping);
        }
    }

    pub(crate) fn heard(&mut self, id: LinkId, now: u64) {
        if let Some(link) = self.all.get_mut(&id) {
            link.heard_at = now;
        }
    }

    /// The connections over which something was said, and nothing was heard for so long since.
    pub(crate) fn deaf(&self, now: u64, patience: u64) -> Vec<LinkId> {
        let deaf = |link: &Link| {
            link.pinged && link.heard_at < link.spoke_at && now >= link.spoke_at + patience
        };
        let links = self.all.iter().filter(|(_, link)| deaf(link));
        links.map(|(id, _)| *id).collect()
    }

    pub(crate) fn is_silent(&self, id: LinkId, now: u64) -> bool {
        let link = self.all.get(&id);
        link.is_some_and(|link| now >= link.spoke_at + SILENT_MS)
    }

    pub(crate) fn remove(&mut self, id: LinkId) {
        self.all.remove(&id);
    }

    /// A connection is lost: the next attempt waits, anywhere between nothing and a bound that doubles.
    pub(crate) fn lose(&mut self, id: LinkId, now: u64) {
        if self.all.remove(&id).is_some() {
            let bound = (BACKOFF_MIN_MS << self.attempts.min(10)).min(BACKOFF_MAX_MS);
            self.attempts += 1;
            self.connect_at = now + self.random.u64(0..=bound);
        }
    }

    /// When something is to be done about connections.
    pub(crate) fn next(&self, now: u64) -> Option<u64> {
        if !self.wanted {
            return None;
        }
        let connect = match self.all.last_key_value() {
            None => Some(self.connect_at),
            Some((_, newest)) if newest.welcomed => Some(newest.reconnect_at.max(self.connect_at)),
            Some(_) => None,
        };
        let ping = self.active().and_then(|id| self.all.get(&id));
        let ping = ping.map(|link| {
            let waits = link.pinged && link.heard_at < link.spoke_at;
            link.spoke_at + if waits { ANSWER_MS } else { SILENT_MS }
        });
        connect.into_iter().chain(ping).min().map(|at| at.max(now))
    }
}
