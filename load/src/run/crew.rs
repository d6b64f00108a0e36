//! All devices of a run, and the beat to which they go through its phases.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{Progress, Stop};
use crate::audit::Audit;
use crate::clock::{Micros, SECOND};
use crate::device::{Device, Who};
use crate::limits::MESSAGES_MAX;
use crate::meter;
use crate::pair::Pair;
use crate::people;
use crate::world::{Fatal, Phase, World};

/// How often progress is shown, and the series looked after.
const BEAT: Duration = Duration::from_millis(200);
/// How long goodbyes may take.
const GOODBYE: Micros = 5 * SECOND;

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everybody is through, or its time was over.
    Through,
    /// Not everybody was through in time.
    Late,
    /// Somebody asked to stop.
    Stopped,
}

/// All devices.
#[derive(Debug)]
pub(super) struct Crew {
    world: Rc<World>,
    pub(super) pairs: Vec<Rc<RefCell<Pair>>>,
    pub(super) people: Vec<people::Pair>,
    tasks: JoinSet<Result<(), Fatal>>,
    devices: u32,
    pid: Option<u32>,
    beat: Interval,
}

impl Crew {
    /// Makes the devices; they begin with the first phase.
    pub(super) fn hire(world: &Rc<World>, people: Vec<people::Pair>, pid: Option<u32>) -> Self {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut crew = Self {
            world: Rc::clone(world),
            pairs: Vec::with_capacity(people.len()),
            people: Vec::new(),
            tasks: JoinSet::new(),
            devices: 0,
            pid,
            beat,
        };
        crew.world.waiting.set(world.plan.all_devices());
        for pair in &people {
            crew.hire_pair(pair);
        }
        crew.people = people;
        crew
    }

    fn hire_pair(&mut self, (customer, provider): &people::Pair) {
        let first = self.devices;
        let (customer, provider) = (Rc::new(customer.clone()), Rc::new(provider.clone()));
        let (customers, providers): (Rc<str>, Rc<str>) =
            (customer.user.as_str().into(), provider.user.as_str().into());
        let count = 1 + self.world.plan.devices;
        let pair = Rc::new(RefCell::new(Pair::new((first..first + count).collect())));
        for slot in 0..count {
            let is_customer = slot == 0;
            let who = Who {
                number: first + slot,
                slot: slot as usize,
                person: Rc::clone(if is_customer { &customer } else { &provider }),
                other: Rc::clone(if is_customer { &providers } else { &customers }),
                name: format!("load-{slot}"),
            };
            let device = Device::new(Rc::clone(&self.world), Rc::clone(&pair), who);
            self.tasks
                .spawn_local(device.live(self.world.phase.subscribe()));
        }
        self.devices += count;
        self.pairs.push(pair);
    }

    /// Begins a phase.
    pub(super) fn begin(&self, phase: Phase) {
        self.world.waiting.set(self.devices);
        self.world.phase.send_replace(phase);
    }

    /// Begins a phase and waits until everybody is through with it.
    pub(super) async fn step(
        &mut self,
        phase: Phase,
        bound: Micros,
        progress: &Progress,
        stop: &mut Stop,
    ) -> Result<Ended, Fatal> {
        self.begin(phase);
        // Once was enough to get here; only impatience ends the audit.
        let times = if matches!(phase, Phase::Hush | Phase::Settle | Phase::Verify) {
            2
        } else {
            1
        };
        let until = self.world.clock.at(self.world.clock.now() + bound);
        let world = Rc::clone(&self.world);
        while world.waiting.get() > 0 {
            tokio::select! {
                () = world.through.notified() => {}
                () = tokio::time::sleep_until(until) => return Ok(Ended::Late),
                () = stop.asked(times) => return Ok(Ended::Stopped),
                ended = self.tasks.join_next() => failed(ended)?,
                _ = self.beat.tick() => self.look_after(progress),
            }
        }
        Ok(Ended::Through)
    }

    /// Lets a phase go on until a time.
    pub(super) async fn wait(
        &mut self,
        until: Micros,
        progress: &Progress,
        stop: &mut Stop,
    ) -> Result<Ended, Fatal> {
        let moment = self.world.clock.at(until);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(moment) => return Ok(Ended::Through),
                () = stop.asked(1) => return Ok(Ended::Stopped),
                ended = self.tasks.join_next() => failed(ended)?,
                _ = self.beat.tick() => {
                    self.look_after(progress);
                    if self.world.recorder.borrow().counts.sent as f64 >= MESSAGES_MAX {
                        return Ok(Ended::Stopped);
                    }
                }
            }
        }
    }

    /// Everybody leaves.
    pub(super) async fn dismiss(&mut self) {
        self.begin(Phase::Leave);
        let until = self.world.clock.at(self.world.clock.now() + GOODBYE);
        let goodbyes = async { while self.tasks.join_next().await.is_some() {} };
        let all_said = tokio::time::timeout_at(until, goodbyes).await;
        if all_said.is_err() {
            self.tasks.abort_all();
        }
    }

    /// The audit of all conversations.
    pub(super) fn audit(&self, is_verified: bool) -> Audit {
        let mut audit = Audit::default();
        for pair in &self.pairs {
            let pair = pair.borrow();
            for conversation in &pair.conversations {
                audit += conversation.ledger.audit(is_verified);
            }
            audit.strangers += pair.strays;
        }
        audit
    }

    fn look_after(&self, progress: &Progress) {
        let now = self.world.clock.now();
        let server = self.pid.and_then(meter::sample);
        self.world
            .recorder
            .borrow_mut()
            .tick(now, self.world.connections.get(), server);
        progress.show(&self.world);
    }
}

/// A device that ended before the run did.
fn failed(ended: Option<Result<Result<(), Fatal>, JoinError>>) -> Result<(), Fatal> {
    match ended {
        Some(Ok(Err(fatal))) => Err(fatal),
        Some(Err(error)) => Err(Fatal(format!("a device broke: {error}"))),
        Some(Ok(Ok(()))) | None => Err(Fatal("a device left before the end".to_owned())),
    }
}
