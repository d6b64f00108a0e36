//! What reaches the devices, and what they send.

use std::sync::Arc;

use serde_json::Value;

use super::super::clock::BEGIN_MS;
use super::super::fault::Fault;
use super::super::person::overlooks;
use super::super::platform::Peer;
use super::{Event, World};
use crate::client::{LinkId, Output};

impl World {
    pub(super) fn told(
        &mut self,
        owner: usize,
        link: LinkId,
        act: impl FnOnce(&mut crate::client::Client, u64),
    ) {
        if link > self.devices[owner].dead_links {
            self.with(owner, act);
        }
    }

    pub(super) fn down(&mut self, connection: &str, frame: &str) {
        let Some((peer, _)) = self.platform.peer(connection) else {
            return;
        };
        self.note(format_args!("down {connection}"), format_args!("{frame}"));
        let mut frame: Value = serde_json::from_str(frame).unwrap_or_default();
        self.oracle.heard(&peer.user, &frame);
        if frame["event"] == "inbox" {
            self.inboxes.insert(peer.owner, frame.clone());
        }
        let link = peer.link;
        let device = &self.devices[peer.owner];
        if link <= device.dead_links || !device.client.has(link) {
            return;
        }
        overlooks(&mut frame, &self.plan);
        self.with(peer.owner, |client, now| client.heard(link, &frame, now));
        if frame["event"] == "synced" {
            let lacking = self.devices[peer.owner].heard_synced(&frame);
            if let Some(lacking) = lacking {
                self.oracle.breaks(lacking);
            }
        }
    }

    /// Does what a client wants.
    pub(super) fn drain(&mut self, owner: usize) {
        for output in self.devices[owner].client.outputs() {
            match output {
                Output::Connect { link, fresh } => self.handshake(owner, link, fresh),
                Output::Transmit { link, frame } => self.transmit(owner, link, &frame),
                Output::Close { link } => self.platform.hang_up(owner, link),
                Output::Accepted {
                    conversation,
                    id,
                    seq,
                    ts,
                } => {
                    let user = &self.devices[owner].user;
                    self.oracle.accepted(user, &conversation, &id, seq, ts);
                }
                Output::Refused {
                    conversation,
                    id,
                    code,
                } => self.refused(owner, &conversation, &id, &code),
                Output::Shown { .. } => {}
            }
        }
        let now = self.now_ms();
        let device = &mut self.devices[owner];
        if let Some(at) = device.client.next_tick(now)
            && device.tick_at.is_none_or(|scheduled| at < scheduled)
        {
            device.tick_at = Some(at);
            let due = (at - BEGIN_MS) * 1_000;
            let micros = due.saturating_sub(self.executor.now());
            self.executor.after(micros, Event::Tick { owner, at });
        }
    }

    fn refused(&mut self, owner: usize, conversation: &str, id: &str, code: &str) {
        self.note(format_args!("device {owner}"), format_args!("{id}: {code}"));
        // A change of what was deleted meanwhile; somebody who was blocked. Nothing else has a reason here.
        let has_reason = match code {
            "bad_request" => self.changes.contains(id),
            code => code == "blocked",
        };
        if !has_reason {
            let what = format!("{id} in {conversation} was refused as {code}");
            self.oracle.breaks(what);
        }
    }

    fn handshake(&mut self, owner: usize, link: LinkId, fresh: bool) {
        self.actions += 1;
        let now = self.now_ms();
        let plan = Arc::clone(&self.plan);
        let device = &mut self.devices[owner];
        let expires = device.token(fresh, &plan, now);
        let peer = Peer {
            owner,
            link,
            user: device.user.clone(),
            role: device.role,
            device: device.name.clone(),
            token_expires_at: expires,
        };
        let user = peer.user.clone();
        self.note(
            format_args!("device {owner}"),
            format_args!("{user} connects as {link}"),
        );
        self.platform.handshake(peer);
    }

    fn transmit(&mut self, owner: usize, link: LinkId, frame: &Value) {
        self.actions += 1;
        if frame["action"] == "sync" {
            let oracle = Arc::clone(&self.oracle);
            self.devices[owner].asks_for_sync(frame, &oracle);
        } else if frame["action"] == "hello" {
            self.devices[owner].sync_floors.clear();
        }
        if frame["body"]["of"].is_number() {
            self.changes
                .insert(frame["id"].as_str().unwrap_or_default().to_owned());
        }
        let text = frame.to_string();
        self.platform.up(owner, link, &text);
        if frame["action"] == "send" && self.plan.strikes(Fault::TwoPlaces) {
            let user = self.devices[owner].user.clone();
            let open = self.platform.open();
            let second = open
                .iter()
                .find(|it| it.peer.user == user && it.peer.link != link)
                .map(|it| (it.peer.owner, it.peer.link));
            let (place, link) = second.unwrap_or((owner, link));
            let mut frame = frame.clone();
            if place != owner {
                // Another device counts its own questions: an answer under this number would be taken for one of them.
                frame["ref"] = "elsewhere".into();
            }
            self.platform.up(place, link, &frame.to_string());
        }
    }
}
