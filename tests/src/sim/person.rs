//! A user's device in the world: a reference client, a token, and the connections that the platform knows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fault::{Fault, Plan};
use super::oracle::Oracle;
use crate::client::{Client, LinkId, Loads};

/// How long tokens live; short ones at least, and by how much more at most.
const TOKEN_MS: u64 = 24 * 60 * 60 * 1_000;
const TOKEN_SHORT_MS: u64 = 5_000;
const TOKEN_SHORT_SPREAD_MS: u64 = 55_000;

/// A device.
#[derive(Debug)]
pub struct Device {
    /// The user.
    pub user: String,
    /// The side.
    pub role: &'static str,
    /// The device's name.
    pub name: Option<String>,
    /// The client.
    pub client: Client,
    /// Whether somebody wants it to be connected.
    pub on: bool,
    /// When the token expires.
    pub token_expires_at: u64,
    /// When the client is to be told the time, as it was last scheduled.
    pub tick_at: Option<u64>,
    /// The app's counter, for ids.
    pub made: u64,
    /// For each `sync` on its way, by its `ref`: what was acknowledged in the conversations that it asks about.
    pub sync_floors: BTreeMap<String, BTreeMap<String, u64>>,
    /// Links of an app that died mean nothing to the one that runs now.
    pub dead_links: LinkId,
}

impl Device {
    /// A device that is off.
    pub fn new(
        user: &str,
        role: &'static str,
        name: Option<&str>,
        loads: Loads,
        seed: u64,
    ) -> Self {
        Self {
            user: user.to_owned(),
            role,
            name: name.map(str::to_owned),
            client: Client::new(name, loads, seed),
            on: false,
            token_expires_at: 0,
            tick_at: None,
            made: 0,
            sync_floors: BTreeMap::new(),
            dead_links: 0,
        }
    }

    /// What the push service knows the device by.
    pub fn push_token(&self) -> Option<String> {
        self.name
            .as_ref()
            .map(|name| format!("{}/{name}", self.user))
    }

    /// A `sync` goes out: what was acknowledged by now it has to bring.
    pub fn asks_for_sync(&mut self, frame: &Value, oracle: &Oracle) {
        let asked = frame["cursors"].as_object().into_iter().flatten();
        let floor = asked.map(|(conversation, _)| {
            let acknowledged = oracle.acknowledged(&self.user, conversation);
            (conversation.clone(), acknowledged)
        });
        let floor = floor.collect();
        self.sync_floors.insert(frame["ref"].to_string(), floor);
    }

    /// A `synced` was heard, and its entries are held: says what is missing where it says that nothing is.
    pub fn heard_synced(&mut self, frame: &Value) -> Option<String> {
        let floor = self.sync_floors.remove(&frame["ref"].to_string())?;
        if frame["more"] == true {
            return None;
        }
        let shelf = self.client.shelf();
        let lacking = floor
            .iter()
            .find(|(conversation, acknowledged)| shelf.cursor(conversation) < **acknowledged);
        lacking.map(|(conversation, acknowledged)| {
            format!(
                "{} synced {conversation} up to {} and was told that this is all; {acknowledged} entries were acknowledged before",
                self.user,
                shelf.cursor(conversation)
            )
        })
    }

    /// A token for a handshake: the last one, or another where that is asked for or it has expired.
    pub fn token(&mut self, fresh: bool, plan: &Plan, now: u64) -> u64 {
        if fresh || self.token_expires_at <= now {
            let short = plan.strikes(Fault::TokenShort);
            let short = short.then(|| plan.amount(Fault::TokenShort, TOKEN_SHORT_SPREAD_MS));
            let life = short.map_or(TOKEN_MS, |more| TOKEN_SHORT_MS + more);
            self.token_expires_at = now + life;
        }
        self.token_expires_at
    }
}

/// A device may overlook in its `welcome` that the token ends before the connection does.
pub fn overlooks(welcome: &mut Value, plan: &Plan) {
    let ends = welcome["event"] == "welcome" && welcome["reconnect_by"] == welcome["expires_at"];
    if ends && plan.strikes(Fault::RenewalMissed) {
        let expires = welcome["expires_at"].as_u64().unwrap_or_default();
        welcome["reconnect_by"] = (expires + TOKEN_MS).into();
    }
}
