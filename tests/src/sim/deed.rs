//! What users do: they write, read, come, go, mute and block each other, and one of them tries what is not hers.

use serde_json::json;
use ulid::Ulid;

use super::fault::{Fault, mix};
use super::person::Device;
use super::world::{DEATH_NOTICED, Event, World};
use crate::client::Loads;

/// Somebody who is a member of nothing.
const STRANGER: &str = "mallory";

/// Who does what, by a seed.
#[derive(Debug)]
pub struct Deeds {
    random: fastrand::Rng,
    /// Whether texts may be long, so that pages have to be turned.
    long: bool,
    /// Who goes away half way, with every device, until everybody is called back.
    absent: Option<String>,
}

impl Deeds {
    /// The deeds of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(mix(seed, 0xdeed, 0));
        let long = random.u8(..4) == 0;
        Self {
            random,
            long,
            absent: None,
        }
    }

    /// Puts people with their devices into a world.
    pub fn cast(&mut self, world: &mut World) {
        world.oracle.expects_long_texts(self.long);
        let customers = ["alice", "anna"].into_iter().take(self.random.usize(1..=2));
        let providers = ["bob", "bert"].into_iter().take(self.random.usize(1..=2));
        let customers = customers.map(|user| (user, "customer"));
        let providers = providers.map(|user| (user, "provider"));
        for (user, role) in customers.chain(providers) {
            let named: &[Option<&str>] = match self.random.u8(..8) {
                0..=3 => &[Some("phone")],
                4..=6 => &[Some("phone"), Some("tablet")],
                _ => &[Some("phone"), None],
            };
            for name in named {
                self.device(world, user, role, *name);
            }
        }
        if self.random.bool() {
            let place = self.random.usize(..world.devices.len());
            self.absent = Some(world.devices[place].user.clone());
        }
        self.device(world, STRANGER, "customer", Some("phone"));
    }

    fn device(&mut self, world: &mut World, user: &str, role: &'static str, name: Option<&str>) {
        let loads = match self.random.u8(..4) {
            0 => Loads::Newest,
            _ => Loads::Whole,
        };
        let mut device = Device::new(user, role, name, loads, self.random.u64(..));
        if let Some(token) = device.push_token()
            && self.random.u8(..5) > 0
        {
            device.client.register(&token);
        }
        device.on = true;
        world.devices.push(device);
        let owner = world.devices.len() - 1;
        world.with(owner, super::super::client::Client::start);
    }

    /// How long until the next deed.
    pub fn pause(&mut self) -> u64 {
        match self.random.u8(..200) {
            // Long enough for keep-alives, and for the ends of tokens and connections.
            0 => self.random.u64(60..8_000) * 1_000_000,
            1..=20 => self.random.u64(2_000_000..10_000_000),
            21..=80 => self.random.u64(..20_000),
            _ => self.random.u64(..400_000),
        }
    }

    /// Somebody does something; `half`: the run is half over.
    pub fn next(&mut self, world: &mut World, half: bool) {
        if world.plan.strikes(Fault::Stampede) {
            for connection in world.platform.open() {
                world.executor.after(0, Event::Breaks(connection.id));
            }
        }
        let owner = self.random.usize(..world.devices.len());
        if half && self.absent.as_ref() == Some(&world.devices[owner].user) {
            if world.devices[owner].on {
                go(world, owner);
            }
            return;
        }
        if !world.devices[owner].on {
            if self.random.u8(..3) == 0 {
                world.devices[owner].on = true;
                world.with(owner, super::super::client::Client::start);
            }
            return;
        }
        if world.devices[owner].user == STRANGER {
            self.intrude(world, owner);
            return;
        }
        match self.random.u8(..100) {
            0..=51 => self.write(world, owner),
            52..=59 => self.change(world, owner),
            60..=73 => self.read(world, owner),
            74..=78 => self.open(world, owner),
            79..=89 => self.ask(world, owner),
            90..=93 => self.quiet(world, owner),
            _ => self.leave(world, owner),
        }
    }

    fn conversation(&mut self, world: &World, owner: usize) -> Option<String> {
        let shelf = world.devices[owner].client.shelf();
        let known: Vec<&str> = shelf.conversations().collect();
        let place = self.random.usize(..known.len().max(1));
        known.get(place).map(|it| (*it).to_owned())
    }

    fn write(&mut self, world: &mut World, owner: usize) {
        let Some(conversation) = self.conversation(world, owner) else {
            self.open(world, owner);
            return;
        };
        // Now and then several at once, and sometimes more than the rate allows.
        let times = match self.random.u8(..64) {
            0 => 25,
            1..=20 => self.random.u8(2..=3),
            _ => 1,
        };
        for _ in 0..times {
            let made = id(world, owner);
            let mut text = format!("{} says {made}", world.devices[owner].user);
            if self.long && self.random.bool() {
                text = text.repeat(self.random.usize(20..200));
            }
            let body = json!({"kind": "text", "text": text});
            world.with(owner, |client, now| {
                client.send(&conversation, &made, body, now);
            });
        }
    }

    /// Edits, deletes, or reacts to something that is shown.
    fn change(&mut self, world: &mut World, owner: usize) {
        let Some(conversation) = self.conversation(world, owner) else {
            return;
        };
        let device = &world.devices[owner];
        let shown: Vec<(u64, bool)> = device
            .client
            .shelf()
            .shown(&conversation)
            .map(|(seq, held)| {
                let text = held.body["kind"] == "text";
                (seq, text && held.from == device.user)
            })
            .collect();
        if shown.is_empty() {
            return;
        }
        let (of, own) = shown[self.random.usize(..shown.len())];
        let made = id(world, owner);
        let body = match self.random.u8(..4) {
            0 | 1 if own => json!({"kind": "edit", "of": of, "text": format!("edited by {made}")}),
            2 if own => json!({"kind": "delete", "of": of}),
            _ => json!({"kind": "reaction", "of": of, "emoji": "+1", "on": true}),
        };
        world.with(owner, |client, now| {
            client.send(&conversation, &made, body, now);
        });
    }

    fn read(&mut self, world: &mut World, owner: usize) {
        if let Some(conversation) = self.conversation(world, owner) {
            world.with(owner, |client, now| client.read(&conversation, now));
        }
    }

    fn open(&mut self, world: &mut World, owner: usize) {
        let role = world.devices[owner].role;
        let others: Vec<&Device> = world.devices.iter().filter(|it| it.role != role).collect();
        let with = others[self.random.usize(..others.len())].user.clone();
        let key = if self.random.u8(..4) == 0 {
            "second"
        } else {
            ""
        };
        if with != STRANGER {
            world.with(owner, |client, now| client.open(&with, key, now));
        }
    }

    /// Frames beside the client's own.
    fn ask(&mut self, world: &mut World, owner: usize) {
        let Some(conversation) = self.conversation(world, owner) else {
            return;
        };
        let cursor = world.devices[owner].client.shelf().cursor(&conversation);
        let frame = match self.random.u8(..5) {
            0 | 1 => json!({"action": "typing", "conversation": conversation, "on": true}),
            2 => json!({"action": "inbox"}),
            3 => json!({"action": "presence", "users": ["alice", "bob", STRANGER]}),
            _ => {
                json!({"action": "history", "conversation": conversation, "before": cursor + 1, "limit": 7})
            }
        };
        world.with(owner, |client, now| client.say(frame, now));
    }

    fn quiet(&mut self, world: &mut World, owner: usize) {
        let Some(conversation) = self.conversation(world, owner) else {
            return;
        };
        let now = world.now_ms();
        let role = world.devices[owner].role;
        let other = world.devices.iter().find(|it| it.role != role);
        let other = other.map(|it| it.user.clone()).unwrap_or_default();
        let frame = match self.random.u8(..8) {
            0..=2 => {
                json!({"action": "settings", "conversation": conversation, "muted_until": now + 60_000})
            }
            3 => json!({"action": "settings", "conversation": conversation, "muted_until": 0}),
            4 => json!({"action": "settings", "user": other, "blocked": true}),
            _ => json!({"action": "settings", "user": other, "blocked": false}),
        };
        world.with(owner, |client, now| client.say(frame, now));
    }

    /// The device goes: politely, or its app dies.
    fn leave(&mut self, world: &mut World, owner: usize) {
        let forgets = world.plan.strikes(Fault::DeviceForgets);
        if forgets || world.plan.strikes(Fault::DeviceDies) {
            world.note(
                format_args!("device {owner}"),
                format_args!("dies, forgets: {forgets}"),
            );
            die(world, owner, forgets);
            world.devices[owner].on = self.random.bool();
            if world.devices[owner].on {
                world.with(owner, super::super::client::Client::start);
            }
        } else {
            go(world, owner);
        }
    }

    /// What is not hers: each frame has to be refused, and nothing may be heard.
    fn intrude(&mut self, world: &mut World, owner: usize) {
        let conversations = world.oracle.conversations("alice");
        if conversations.is_empty() {
            return;
        }
        let place = self.random.usize(..conversations.len());
        let (conversation, _) = conversations[place].clone();
        let made = id(world, owner);
        let frame = match self.random.u8(..6) {
            0 => json!({"action": "history", "conversation": conversation, "after": 0}),
            1 => json!({"action": "sync", "cursors": {conversation: 0}}),
            2 => {
                json!({"action": "receipt", "receipts": [{"conversation": conversation, "recv": 1}]})
            }
            3 => json!({"action": "typing", "conversation": conversation, "on": true}),
            4 => json!({"action": "settings", "conversation": conversation, "muted_until": 1}),
            _ => json!({
                "action": "send", "conversation": conversation, "id": made, "after": 0,
                "body": {"kind": "text", "text": "intruded"},
            }),
        };
        world.with(owner, |client, now| client.say(frame, now));
    }
}

/// A device goes politely.
fn go(world: &mut World, owner: usize) {
    world.note(format_args!("device {owner}"), format_args!("goes"));
    world.devices[owner].on = false;
    world.with(owner, crate::client::Client::stop);
}

/// An app dies; its sockets break, which the platform learns by itself.
fn die(world: &mut World, owner: usize, forgets: bool) {
    let open = world.platform.open();
    for connection in open.iter().filter(|it| it.peer.owner == owner) {
        world
            .executor
            .after(DEATH_NOTICED, Event::Breaks(connection.id.clone()));
    }
    let token = world.devices[owner].push_token();
    let device = &mut world.devices[owner];
    device.dead_links = device.client.last_link();
    device.client.crash(forgets);
    device.sync_floors.clear();
    if let Some(token) = token.filter(|_| forgets) {
        device.client.register(&token);
    }
}

fn id(world: &mut World, owner: usize) -> String {
    let now = world.now_ms();
    let device = &mut world.devices[owner];
    device.made += 1;
    let random = u128::from(owner as u64) << 64 | u128::from(device.made);
    Ulid::from_parts(now, random).to_string()
}
