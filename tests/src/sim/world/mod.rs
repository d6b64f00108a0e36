//! All of it together: who is told of what, and what follows from it.

mod devices;
mod functions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use switchboard::{Gateway, PushText};
use switchboard_local::sns::Sns;

use super::clients;
use super::clock::{BEGIN_MS, SimClock};
use super::executor::Executor;
use super::fault::Plan;
use super::oracle::Oracle;
use super::oracle::told::Steps;
use super::person::Device;
use super::platform::{Platform, Told};
use super::services::{PushService, RelayService};
use super::stream::Stream;
use super::tables::{TableService, Tables};
use super::trace::Trace;
use crate::client::LinkId;

/// Microseconds after which the platform notices that an app has died.
pub const DEATH_NOTICED: u64 = 50_000;

/// An invocation, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// `$connect` of a connection.
    Connect(String),
    /// `$disconnect` of a connection.
    Disconnect(String),
    /// A frame of a connection.
    Frame(String),
    /// The same event once more: nobody waits for its answer.
    Repeated,
    /// A batch of a lane.
    Batch(u64),
}

/// What the world is told of.
#[expect(missing_docs, reason = "the fields say themselves what they are")]
#[derive(Clone, Debug)]
pub enum Event {
    /// Somebody does something.
    Deed,
    /// Time to look whether all is done.
    Look,
    /// A client asked to be told the time.
    Tick { owner: usize, at: u64 },
    /// A function starts.
    Start {
        invocation: Invocation,
        route: String,
        event: String,
    },
    /// A function is over; `None` where it died.
    Over {
        invocation: Invocation,
        route: String,
        response: Option<String>,
    },
    /// A batch is due.
    Batch(u64),
    /// A frame arrives at the platform.
    Up { connection: String, frame: String },
    /// A frame arrives at its device.
    Down { connection: String, frame: String },
    /// A device sees its handshake accepted.
    Opened { owner: usize, link: LinkId },
    /// A device sees its handshake refused.
    Refused {
        owner: usize,
        link: LinkId,
        status: u16,
    },
    /// A device sees its connection end.
    Closed { owner: usize, link: LinkId },
    /// A device's close arrives at the platform.
    HangsUp(String),
    /// A connection breaks.
    Breaks(String),
    /// The platform closes a connection.
    Cuts(String),
    /// A connection may have been idle for too long.
    Idles(String),
    /// A connection has reached its longest life.
    Ends(String),
}

/// The world.
#[derive(Debug)]
pub struct World {
    /// Time and order.
    pub executor: Executor<Event>,
    /// What goes wrong.
    pub plan: Arc<Plan>,
    /// What happened.
    pub trace: Arc<Trace>,
    /// Who judges.
    pub oracle: Arc<Oracle>,
    /// The devices.
    pub devices: Vec<Device>,
    /// API Gateway.
    pub platform: Arc<Platform>,
    /// The event source of `deliver`.
    pub stream: Arc<Stream>,
    /// Frames and handshakes that devices have sent.
    pub actions: u64,
    /// The last inbox that each device heard outside of its client's knowledge.
    pub inboxes: BTreeMap<usize, Value>,
    /// The ids of the entries that change others.
    changes: BTreeSet<String>,
    gateway: Gateway,
}

impl World {
    /// A world without anybody in it.
    pub fn new(seed: u64, plan: Plan, keeps_trace: bool) -> Self {
        // The SDK's backoff draws from its thread's generator.
        fastrand::seed(seed);
        let executor = Executor::new(seed);
        let (plan, trace) = (Arc::new(plan), Arc::new(Trace::new(keeps_trace)));
        let stream = Arc::new(Stream::new(&executor, &plan));
        let platform = Arc::new(Platform::new(&executor, &plan));
        let oracle = Arc::new(Oracle::new(&executor, &plan, &trace, &stream, &platform));
        let tables = Arc::new(Tables::new(&executor, &plan, &oracle));
        let judge = Arc::clone(&oracle);
        let sns = Sns::on_publish(move |call| {
            let (user, device) = call.token.split_once('/').unwrap_or_default();
            judge.pushed(user, device, &call.message);
        });
        let clock = SimClock::skewed(&executor, 0);
        let gateway = Gateway {
            store: Arc::new(clients::store(&executor, TableService(tables), &clock)),
            relay: Arc::new(clients::relay(
                &executor,
                RelayService::new(&executor, &plan, &platform),
                &clock,
            )),
            push: Arc::new(clients::push(
                &executor,
                PushService::new(&executor, &plan, &sns),
                &clock,
            )),
            clock,
            trail: Arc::new(Steps(Arc::clone(&oracle))),
            endpoint: "http://relay.invalid".into(),
            push_text: PushText::Generic,
        };
        Self {
            executor,
            plan,
            trace,
            oracle,
            devices: Vec::new(),
            platform,
            stream,
            actions: 0,
            inboxes: BTreeMap::new(),
            changes: BTreeSet::new(),
            gateway,
        }
    }

    /// The time in milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        BEGIN_MS + self.executor.now() / 1_000
    }

    /// Somebody does something to a device's client; what the client then wants is done.
    pub fn with(&mut self, owner: usize, act: impl FnOnce(&mut crate::client::Client, u64)) {
        let now = self.now_ms();
        act(&mut self.devices[owner].client, now);
        self.drain(owner);
    }

    /// Adds a line to the trace.
    pub fn note(&self, who: std::fmt::Arguments<'_>, what: std::fmt::Arguments<'_>) {
        self.trace.line(self.executor.now(), who, what);
    }

    /// What is told to the world happens.
    pub fn happen(&mut self, event: Event) {
        match event {
            Event::Tick { owner, at } => {
                if self.devices[owner].tick_at == Some(at) {
                    self.devices[owner].tick_at = None;
                    self.with(owner, crate::client::Client::tick);
                }
            }
            Event::Start {
                invocation,
                route,
                event,
            } => self.start(invocation, &route, event),
            Event::Over {
                invocation,
                route,
                response,
            } => self.over(&invocation, &route, response.as_deref()),
            Event::Batch(lane) => {
                if let Some(event) = self.stream.batch(lane) {
                    self.start(Invocation::Batch(lane), "deliver", event);
                }
            }
            Event::Up { connection, frame } => {
                self.note(format_args!("up {connection}"), format_args!("{frame}"));
                self.platform.arrived(&connection, &frame);
            }
            Event::Down { connection, frame } => self.down(&connection, &frame),
            Event::Opened { owner, link } if self.platform.opens(owner, link) => {
                if link <= self.devices[owner].dead_links {
                    self.break_dead(owner, link);
                }
                self.told(owner, link, |client, now| client.opened(link, now));
            }
            Event::Refused {
                owner,
                link,
                status,
            } => {
                self.note(
                    format_args!("device {owner}"),
                    format_args!("refused {status}"),
                );
                self.told(owner, link, |client, now| client.refused(link, status, now));
            }
            Event::Closed { owner, link } => {
                self.note(
                    format_args!("device {owner}"),
                    format_args!("closed {link}"),
                );
                self.told(owner, link, |client, now| client.closed(link, now));
            }
            Event::HangsUp(id) => {
                self.note(format_args!("platform"), format_args!("{id} hangs up"));
                self.platform.close(&id, Told::PlatformOnly);
            }
            Event::Breaks(id) | Event::Cuts(id) | Event::Ends(id) => {
                if self.platform.close(&id, Told::Both) {
                    self.note(format_args!("platform"), format_args!("{id} ends"));
                }
            }
            Event::Idles(id) => self.platform.idles(&id),
            Event::Deed | Event::Look | Event::Opened { .. } => {}
        }
    }

    /// An app died while its handshake was on its way: the platform learns that nobody is there.
    fn break_dead(&self, owner: usize, link: LinkId) {
        let open = self.platform.open();
        let dead = open
            .into_iter()
            .find(|it| it.peer.owner == owner && it.peer.link == link);
        if let Some(dead) = dead {
            self.executor.after(DEATH_NOTICED, Event::Breaks(dead.id));
        }
    }
}
