//! A seed from its beginning to its verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use super::deed::Deeds;
use super::fault::{Fault, Plan, Strike, mix};
use super::world::{Event, World};

/// Frames and handshakes of a run before everything is to come to rest.
pub const ACTIONS: u64 = 200;
/// How long everything may take to come to rest: a half-open socket is found out by the keep-alive, after nine minutes.
const REST_MAX: u64 = 40 * 60 * 1_000_000;
/// How often to look whether it has.
const LOOK: u64 = 1_000_000;

/// Which run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// Frames and handshakes before everything is to come to rest.
    pub actions: u64,
    /// The strikes that may happen; all that the seed has, where it is absent.
    pub only: Option<BTreeSet<Strike>>,
    /// Whether to keep a timeline.
    pub keeps_trace: bool,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The promise that was broken, if one was.
    pub violation: Option<String>,
    /// The hash of everything that happened.
    pub hash: u64,
    /// Frames and handshakes.
    pub actions: u64,
    /// Entries in all logs.
    pub entries: u64,
    /// What struck.
    pub struck: Vec<Strike>,
    /// The timeline.
    pub lines: Vec<String>,
    /// Milliseconds of the simulation's time.
    pub lasted_ms: u64,
    /// What the dearest invocation of each kind consumed, in write and read units.
    pub dearest: BTreeMap<String, (f64, f64)>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// People do things.
    Busy,
    /// Nothing goes wrong any more; who is away stays away.
    Calm,
    /// Everybody is back.
    Back,
    /// Everybody has asked for the inbox.
    Asked,
    Done,
}

impl Run {
    /// The run of a seed.
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            actions: ACTIONS,
            only: None,
            keeps_trace: false,
        }
    }

    /// Runs it.
    pub fn go(&self) -> Outcome {
        let plan = Plan::new(self.seed, self.only.clone());
        let mut world = World::new(self.seed, plan, self.keeps_trace);
        // A panic of the gateway is what no input may cause.
        let played = catch_unwind(AssertUnwindSafe(|| self.play(&mut world)));
        let violation = match played {
            Ok(()) => world.oracle.violation(),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Some(format!("a panic: {}", text.unwrap_or("of no text")))
            }
        };
        if let Some(violation) = &violation {
            world.note(format_args!("judge"), format_args!("{violation}"));
        }
        Outcome {
            seed: self.seed,
            violation,
            hash: world.trace.hash(),
            actions: world.actions,
            entries: world.oracle.entries() as u64,
            struck: world.plan.struck(),
            lines: world.trace.lines(),
            lasted_ms: world.executor.now() / 1_000,
            dearest: world.oracle.dearest(),
        }
    }

    fn play(&self, world: &mut World) {
        let mut deeds = Deeds::new(self.seed);
        deeds.cast(world);
        world.executor.after(1_000_000, Event::Deed);
        let (mut stage, mut deadline) = (Stage::Busy, 0);
        while stage != Stage::Done {
            let Some(event) = world.executor.next() else {
                world.oracle.breaks("nothing is due any more".to_owned());
                return;
            };
            match event {
                Event::Deed if world.actions < self.actions => {
                    deeds.next(world, world.actions >= self.actions / 2);
                    world.executor.after(deeds.pause(), Event::Deed);
                }
                Event::Deed => {
                    world.note(format_args!("world"), format_args!("calm"));
                    world.plan.calm();
                    (stage, deadline) = (Stage::Calm, world.executor.now() + REST_MAX);
                    world.executor.after(LOOK, Event::Look);
                }
                Event::Look => {
                    if stage == Stage::Asked {
                        ask_for_inboxes(world);
                    }
                    if rests(world) && (stage != Stage::Asked || heard_all(world)) {
                        stage = next(stage, world);
                        deadline = world.executor.now() + REST_MAX;
                    } else if world.executor.now() > deadline {
                        world.oracle.breaks(unrest(stage, world));
                    }
                    world.executor.after(LOOK, Event::Look);
                }
                event => world.happen(event),
            }
            if world.oracle.violation().is_some() {
                return;
            }
        }
    }
}

fn rests(world: &World) -> bool {
    let idle = world
        .devices
        .iter()
        .all(|device| !device.on || device.client.is_idle());
    idle && world.stream.is_done() && world.executor.tasks() == 0
}

fn heard_all(world: &World) -> bool {
    world.inboxes.len() == world.devices.len()
}

/// Whoever has not heard the inbox asks for it: a connection may just be another.
fn ask_for_inboxes(world: &mut World) {
    for owner in 0..world.devices.len() {
        if !world.inboxes.contains_key(&owner) {
            let inbox = json!({"action": "inbox", "limit": 50});
            world.with(owner, |client, now| client.say(inbox, now));
        }
    }
}

fn unrest(stage: Stage, world: &World) -> String {
    let busy: Vec<String> = world
        .devices
        .iter()
        .enumerate()
        .filter(|(_, device)| device.on && !device.client.is_idle())
        .map(|(owner, device)| format!("device {owner}: {}", device.client.concerns()))
        .collect();
    format!(
        "no rest ({stage:?}): tasks {}, stream done {}, {busy:?}",
        world.executor.tasks(),
        world.stream.is_done()
    )
}

/// Everything rests: judges it, and goes on to the next stage.
fn next(stage: Stage, world: &mut World) -> Stage {
    match stage {
        Stage::Busy | Stage::Done => Stage::Done,
        Stage::Calm => {
            world.oracle.check_delivered();
            world.oracle.check_told();
            world.oracle.check_accepted();
            check_rows(world);
            // Those who were there go and come back as well: what a second device of a member who has confirmed
            // missed, nobody looks after until then.
            world.note(format_args!("world"), format_args!("everybody comes back"));
            for owner in 0..world.devices.len() {
                world.with(owner, super::super::client::Client::stop);
                world.devices[owner].on = true;
                world.with(owner, super::super::client::Client::start);
            }
            Stage::Back
        }
        Stage::Back => {
            for device in &world.devices {
                world.oracle.check_held(&device.user, &device.client);
            }
            check_rows(world);
            world.inboxes.clear();
            Stage::Asked
        }
        Stage::Asked => {
            for (owner, inbox) in &world.inboxes {
                world.oracle.check_inbox(&world.devices[*owner].user, inbox);
            }
            world.oracle.check_accepted();
            Stage::Done
        }
    }
}

/// Each live connection has its row, and no other has one without a reason.
fn check_rows(world: &World) {
    let rows = world.oracle.rows();
    let open = world.platform.open();
    for connection in open.iter().filter(|it| it.live) {
        if !rows.contains_key(&connection.id) {
            let what = format!("{} of {:?} has no row", connection.id, connection.peer);
            world.oracle.breaks(what);
        }
    }
    // What keeps a `$disconnect` from doing its work, or lets `connect` or `hello` write after it.
    let reasons = [
        Fault::DisconnectNever,
        Fault::DisconnectLate,
        Fault::DisconnectEarly,
        Fault::FunctionDies,
        Fault::FrameLate,
        Fault::FrameTwice,
        Fault::TableRefuses,
        Fault::TableThrottles,
        Fault::TableAnswerLost,
        Fault::TableLate,
        Fault::HalfOpen,
    ];
    if reasons.iter().any(|it| world.plan.has(*it)) {
        return;
    }
    for (connection, row) in rows {
        if !open.iter().any(|it| it.id == connection) {
            let what = format!("the row of {connection} outlived it: {row:?}");
            world.oracle.breaks(what);
        }
    }
}

/// The seed of the run number `number` of a campaign.
pub fn seed_of(campaign: u64, number: u64) -> u64 {
    // Short enough to be typed.
    mix(campaign, 0x5eed, number) % 1_000_000_000
}
