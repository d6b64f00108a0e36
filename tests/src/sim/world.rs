//! All of it together: who is told of what, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use switchboard::protocol::Action;
use switchboard::{Gateway, PushText};
use switchboard_local::sns::Sns;

use super::clients;
use super::clock::{BEGIN_MS, SimClock};
use super::executor::Executor;
use super::fault::{Fault, Plan};
use super::function;
use super::oracle::Oracle;
use super::oracle::told::Steps;
use super::person::{Device, overlooks};
use super::platform::{Peer, Platform, Told};
use super::services::{PushService, RelayService};
use super::stream::Stream;
use super::tables::{TableService, Tables};
use super::trace::Trace;
use crate::client::{LinkId, Output};

/// Polls after which a function that is to die has died: more than any of them takes.
const DEATHS: u64 = 24;
/// Microseconds after which the platform notices that an app has died.
pub const DEATH_NOTICED: u64 = 50_000;
/// By how much a function's clock may be off.
const SKEW_MS: u64 = 2_000;

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
                    self.with(owner, super::super::client::Client::tick);
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

    fn told(
        &mut self,
        owner: usize,
        link: LinkId,
        act: impl FnOnce(&mut crate::client::Client, u64),
    ) {
        if link > self.devices[owner].dead_links {
            self.with(owner, act);
        }
    }

    fn down(&mut self, connection: &str, frame: &str) {
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
    fn drain(&mut self, owner: usize) {
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

    fn start(&mut self, invocation: Invocation, route: &str, event: String) {
        let skew = if self.plan.strikes(Fault::ClockSkew) {
            let skew = self.plan.amount(Fault::ClockSkew, 2 * SKEW_MS);
            i64::try_from(skew).unwrap_or(0) - i64::try_from(SKEW_MS).unwrap_or(0)
        } else {
            0
        };
        let gateway = Gateway {
            clock: SimClock::skewed(&self.executor, skew),
            ..self.gateway.clone()
        };
        let mortal = match invocation {
            Invocation::Batch(_) => Fault::DeliverDies,
            _ => Fault::FunctionDies,
        };
        let dies = self.plan.strikes(mortal).then(|| {
            let polls = 1 + self.plan.amount(mortal, DEATHS);
            let over = Event::Over {
                invocation: invocation.clone(),
                route: route.to_owned(),
                response: None,
            };
            (u32::try_from(polls).unwrap_or(1), over)
        });
        let frame: Value = if route == "send" {
            serde_json::from_str(&event).unwrap_or_default()
        } else {
            Value::Null
        };
        let judge = self
            .has_expired(&invocation, route)
            .then(|| Arc::clone(&self.oracle));
        let future = function::run(gateway, invocation, route.to_owned(), event, judge);
        let task = self.executor.spawn(future, dies);
        let body = frame["body"].as_str().unwrap_or_default();
        self.oracle.began(task, route, body);
    }

    /// Whether a frame that is answered came in with a token that every function knows to have expired.
    fn has_expired(&self, invocation: &Invocation, route: &str) -> bool {
        let Invocation::Frame(id) = invocation else {
            return false;
        };
        let peer = self.platform.peer(id);
        let late = self.now_ms() - SKEW_MS;
        Action::is_answered(route) && peer.is_some_and(|(peer, _)| peer.token_expires_at < late)
    }

    fn over(&mut self, invocation: &Invocation, route: &str, response: Option<&str>) {
        if let Some(task) = self.executor.ended() {
            self.oracle.ended(task);
        }
        let end = if response.is_some() { "ends" } else { "dies" };
        self.note(
            format_args!("function"),
            format_args!("{route} {invocation:?} {end}"),
        );
        match invocation {
            Invocation::Connect(id) => {
                let response: Option<Value> =
                    response.and_then(|response| serde_json::from_str(response).ok());
                let status = response.and_then(|it| it["statusCode"].as_u64());
                let status = status.and_then(|status| u16::try_from(status).ok());
                self.platform.connected(id, status.unwrap_or(502));
            }
            Invocation::Frame(id) => self.platform.answered(id, route, response),
            Invocation::Batch(lane) => self.stream.finished(*lane, response),
            Invocation::Disconnect(_) | Invocation::Repeated => {}
        }
    }
}
