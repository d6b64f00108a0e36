//! What others may know of an open connection, and what they may do to it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::value::RawValue;

use crate::apigw::id::Id;
use crate::apigw::limits::Limits;
use crate::apigw::outbox::Outbox;

/// Who is at the other end: the part of a connection that its events carry.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) id: Id,
    pub(crate) connected_at: u64,
    pub(crate) source_ip: IpAddr,
    pub(crate) user_agent: Option<Box<str>>,
    /// `requestContext.authorizer`, where an authorizer allowed the connection.
    pub(crate) authorizer: Option<Box<RawValue>>,
}

/// A connection, shared by its task and by those who post to it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) outbox: Outbox,
    last_active_at: AtomicU64,
}

impl Connection {
    /// A connection that has just been accepted.
    pub(crate) fn new(peer: Peer, limits: &Limits) -> Self {
        let last_active_at = AtomicU64::new(peer.connected_at);
        let outbox = Outbox::new(limits.outbound_frames_max, limits.outbound_bytes_max);
        Self {
            peer,
            outbox,
            last_active_at,
        }
    }

    /// When a data frame last went either way.
    pub(crate) fn last_active_at(&self) -> u64 {
        self.last_active_at.load(Relaxed)
    }

    /// Notes that a data frame goes one way or the other.
    pub(crate) fn touch(&self, now_ms: u64) {
        self.last_active_at.store(now_ms, Relaxed);
    }
}
