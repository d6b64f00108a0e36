//! API Gateway: connections, the events of their life, and which function a frame wakes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchboard_local::apigw::{Integration, Replies, Routes};
use switchboard_local::template;

use super::clock::SimClock;
use super::executor::{Executor, Micros};
use super::fault::{Fault, Plan};
use super::world::{Event, Invocation};
use crate::client::LinkId;

/// The platform's own limits.
const IDLE: Micros = 10 * 60 * 1_000_000;
const LIFE: Micros = 2 * 60 * 60 * 1_000_000;
/// How late `$disconnect` comes at most, when it is late.
const DISCONNECT_LATE_MAX: Micros = 600_000_000;
/// How late a frame's function starts at most.
const FRAME_LATE_MAX: Micros = 2_000_000;

/// Whose connection it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The device, in the world's list.
    pub owner: usize,
    /// The device's number of the connection.
    pub link: LinkId,
    /// The user.
    pub user: String,
    /// The side.
    pub role: &'static str,
    /// The device's name.
    pub device: Option<String>,
    /// When the token expires, in milliseconds since 1970.
    pub token_expires_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opening,
    Open,
    Closed,
}

#[derive(Debug)]
struct Connection {
    peer: Peer,
    state: State,
    /// Whether anything gets through, in either direction.
    hears: bool,
    connected_at: u64,
    opened: Micros,
    last_at: Micros,
    /// When the last frame on its way arrives, there and back: frames of a socket do not overtake each other.
    up_at: Micros,
    down_at: Micros,
}

/// The platform.
#[derive(Debug)]
pub struct Platform {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    routes: Routes,
    connections: Mutex<BTreeMap<String, Connection>>,
}

/// A connection, for whoever judges.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// Whose.
    pub peer: Peer,
    /// Whether it is open on both sides.
    pub live: bool,
}

impl Platform {
    /// A platform without connections.
    pub fn new(executor: &Executor<Event>, plan: &Arc<Plan>) -> Self {
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            routes: template::routes("sim").expect("failed to read the template"),
            connections: Mutex::default(),
        }
    }

    /// A handshake with a good token: runs `connect`.
    pub fn handshake(&self, peer: Peer) {
        let mut connections = self.connections.lock().unwrap();
        let id = format!("c{:013}=", connections.len());
        let now = self.executor.now();
        let connection = Connection {
            peer,
            state: State::Opening,
            hears: true,
            connected_at: SimClock::ms(&self.executor),
            opened: now,
            last_at: now,
            up_at: now,
            down_at: now,
        };
        let event = lifecycle(&id, &connection, "$connect");
        connections.insert(id.clone(), connection);
        drop(connections);
        let invocation = Invocation::Connect(id.clone());
        if self.plan.strikes(Fault::FrameTwice) {
            let again = Invocation::Repeated;
            let late = self.plan.amount(Fault::FrameTwice, FRAME_LATE_MAX);
            self.invoke(late, again, "$connect", event.clone());
        }
        self.invoke(1_000, invocation, "$connect", event);
        if self.plan.strikes(Fault::DisconnectEarly) {
            self.executor.after(2_000, Event::Breaks(id));
        }
    }

    fn invoke(&self, after: Micros, invocation: Invocation, route: &str, event: String) {
        let route = route.to_owned();
        let start = Event::Start {
            invocation,
            route,
            event,
        };
        self.executor.after(after, start);
    }

    /// `connect` has answered: 101, or what it said.
    pub fn connected(&self, id: &str, status: u16) {
        let mut connections = self.connections.lock().unwrap();
        let Some(connection) = connections.get_mut(id) else {
            return;
        };
        if connection.state == State::Closed {
            return;
        }
        let (owner, link) = (connection.peer.owner, connection.peer.link);
        let travel = self.travel();
        if status == 200 {
            // Until the 101 is out, posts find nobody.
            connection.down_at = self.executor.now() + travel;
            self.executor.after(travel, Event::Opened { owner, link });
            self.executor.after(IDLE, Event::Idles(id.to_owned()));
            self.executor.after(LIFE, Event::Ends(id.to_owned()));
        } else {
            connection.state = State::Closed;
            let refused = Event::Refused {
                owner,
                link,
                status,
            };
            self.executor.after(travel, refused);
        }
    }

    /// The 101 is out: whether the connection is open from now on.
    pub fn opens(&self, owner: usize, link: LinkId) -> bool {
        let mut connections = self.connections.lock().unwrap();
        let Some((_, connection)) = find(&mut connections, owner, link) else {
            return false;
        };
        connection.state = State::Open;
        true
    }

    /// A device sends a frame.
    pub fn up(&self, owner: usize, link: LinkId, frame: &str) {
        let mut connections = self.connections.lock().unwrap();
        let Some((id, connection)) = find(&mut connections, owner, link) else {
            return;
        };
        if !connection.hears {
            return;
        }
        if self.plan.strikes(Fault::HalfOpen) {
            connection.hears = false;
            return;
        }
        if self.plan.strikes(Fault::SocketBreaks) {
            self.executor.after(0, Event::Breaks(id));
            return;
        }
        if self.plan.strikes(Fault::PlatformCuts) {
            self.executor.after(0, Event::Cuts(id));
            return;
        }
        let now = self.executor.now();
        connection.up_at = connection.up_at.max(now + self.travel()) + 1;
        let arrives = Event::Up {
            connection: id,
            frame: frame.to_owned(),
        };
        self.executor.after(connection.up_at - now, arrives);
    }

    /// A frame has arrived: which function, if any, and how often.
    pub fn arrived(&self, id: &str, frame: &str) {
        let mut connections = self.connections.lock().unwrap();
        let Some(connection) = connections.get_mut(id) else {
            return;
        };
        if connection.state != State::Open {
            return;
        }
        connection.last_at = self.executor.now();
        let parsed: Value = serde_json::from_str(frame).unwrap_or_default();
        let action = parsed["action"].as_str().unwrap_or("$default");
        let route = if self.routes.keys.contains_key(action) {
            action
        } else {
            "$default"
        };
        if let Integration::Mock { reply } = &self.routes.keys[route].integration {
            let reply = reply.clone();
            drop(connections);
            if let Some(reply) = reply {
                self.down(id, &reply);
            }
            return;
        }
        let mut context = context(id, connection, route);
        context["messageId"] = json!("m");
        let event = json!({"requestContext": context, "body": frame, "isBase64Encoded": false});
        let event = event.to_string();
        drop(connections);
        let mut late = 1_000;
        if self.plan.strikes(Fault::FrameLate) {
            late += self.plan.amount(Fault::FrameLate, FRAME_LATE_MAX);
        }
        if self.plan.strikes(Fault::FrameTwice) {
            let again = self.plan.amount(Fault::FrameTwice, FRAME_LATE_MAX);
            self.invoke(again, Invocation::Repeated, route, event.clone());
        }
        self.invoke(late, Invocation::Frame(id.to_owned()), route, event);
    }

    /// A frame's function is over.
    pub fn answered(&self, id: &str, route: &str, response: Option<&str>) {
        let Some(response) = response else {
            let request = self.executor.now();
            let frame = json!({"message": "Internal server error", "connectionId": id, "requestId": request.to_string()});
            self.down(id, &frame.to_string());
            return;
        };
        let two_way = self.routes.keys.get(route);
        if two_way.is_none_or(|route| route.replies == Replies::OneWay) {
            return;
        }
        let response: Value = serde_json::from_str(response).unwrap_or_default();
        if let Some(body) = response["body"].as_str() {
            self.down(id, body);
        }
    }

    /// A post: its status.
    pub fn post(&self, id: &str, frame: &str) -> u16 {
        if self.plan.strikes(Fault::PostGone) {
            self.executor.after(0, Event::Breaks(id.to_owned()));
            return 410;
        }
        if self.down(id, frame) { 200 } else { 410 }
    }

    /// Closes a connection for whoever asks: the status.
    pub fn delete(&self, id: &str) -> u16 {
        if self.close(id, Told::Both) { 204 } else { 410 }
    }

    /// A connection ends.
    pub fn close(&self, id: &str, told: Told) -> bool {
        let mut connections = self.connections.lock().unwrap();
        let Some(connection) = connections.get_mut(id) else {
            return false;
        };
        if connection.state == State::Closed {
            return false;
        }
        let was_open = std::mem::replace(&mut connection.state, State::Closed);
        let event = lifecycle(id, connection, "$disconnect");
        let (owner, link) = (connection.peer.owner, connection.peer.link);
        if told == Told::Both && connection.hears {
            let now = self.executor.now();
            let at = connection.down_at.max(now + self.travel()) + 1;
            self.executor.after(at - now, Event::Closed { owner, link });
        }
        let late = match was_open {
            State::Open => 5_000,
            // The client went during its handshake: the two functions race.
            State::Opening | State::Closed => 500,
        };
        drop(connections);
        if self.plan.strikes(Fault::DisconnectNever) {
            return true;
        }
        let mut at = late;
        if self.plan.strikes(Fault::DisconnectLate) {
            at += self.plan.amount(Fault::DisconnectLate, DISCONNECT_LATE_MAX);
        }
        if self.plan.strikes(Fault::DisconnectTwice) {
            let again = self
                .plan
                .amount(Fault::DisconnectTwice, DISCONNECT_LATE_MAX);
            self.invoke(
                again,
                Invocation::Disconnect(id.to_owned()),
                "$disconnect",
                event.clone(),
            );
        }
        self.invoke(
            at,
            Invocation::Disconnect(id.to_owned()),
            "$disconnect",
            event,
        );
        true
    }

    /// A device closes its end.
    pub fn hang_up(&self, owner: usize, link: LinkId) {
        let mut connections = self.connections.lock().unwrap();
        let Some((id, connection)) = find(&mut connections, owner, link) else {
            return;
        };
        if connection.hears {
            // What was sent before it arrives before it.
            let now = self.executor.now();
            let at = connection.up_at.max(now + self.travel()) + 1;
            self.executor.after(at - now, Event::HangsUp(id));
        }
    }

    /// Whether a connection was idle for too long; otherwise, when to look again.
    pub fn idles(&self, id: &str) {
        let connections = self.connections.lock().unwrap();
        let Some(connection) = connections.get(id) else {
            return;
        };
        if connection.state != State::Open {
            return;
        }
        let due = connection.last_at + IDLE;
        let now = self.executor.now();
        drop(connections);
        if now >= due {
            self.close(id, Told::Both);
        } else {
            self.executor.after(due - now, Event::Idles(id.to_owned()));
        }
    }

    /// Every connection that is open.
    pub fn open(&self) -> Vec<Seen> {
        let connections = self.connections.lock().unwrap();
        let open = connections.iter().filter(|(_, it)| it.state == State::Open);
        let seen = open.map(|(id, it)| Seen {
            id: id.clone(),
            peer: it.peer.clone(),
            live: it.hears,
        });
        seen.collect()
    }

    /// Whose a connection is, and since when.
    pub fn peer(&self, id: &str) -> Option<(Peer, Micros)> {
        let connections = self.connections.lock().unwrap();
        connections.get(id).map(|it| (it.peer.clone(), it.opened))
    }

    /// Sends a frame down; false where the connection is not open.
    fn down(&self, id: &str, frame: &str) -> bool {
        let mut connections = self.connections.lock().unwrap();
        let Some(connection) = connections.get_mut(id) else {
            return false;
        };
        if connection.state != State::Open {
            return false;
        }
        let now = self.executor.now();
        connection.last_at = now;
        if connection.hears {
            connection.down_at = connection.down_at.max(now + self.travel()) + 1;
            let arrives = Event::Down {
                connection: id.to_owned(),
                frame: frame.to_owned(),
            };
            self.executor.after(connection.down_at - now, arrives);
        }
        true
    }

    fn travel(&self) -> Micros {
        5_000 + self.executor.dice() % 40_000
    }
}

/// Who is told that a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The device as well.
    Both,
    /// The device knows.
    PlatformOnly,
}

fn find(
    connections: &mut BTreeMap<String, Connection>,
    owner: usize,
    link: LinkId,
) -> Option<(String, &mut Connection)> {
    let found = connections
        .iter_mut()
        .find(|(_, it)| it.peer.owner == owner && it.peer.link == link);
    found
        .filter(|(_, it)| it.state != State::Closed)
        .map(|(id, it)| (id.clone(), it))
}

fn lifecycle(id: &str, connection: &Connection, route: &str) -> String {
    let context = context(id, connection, route);
    json!({"headers": {}, "requestContext": context, "isBase64Encoded": false}).to_string()
}

fn context(id: &str, connection: &Connection, route: &str) -> Value {
    let peer = &connection.peer;
    let mut authorizer = json!({
        "principalId": peer.user,
        "role": peer.role,
        "expires_at": peer.token_expires_at.to_string(),
    });
    if let Some(device) = &peer.device {
        authorizer["device"] = json!(device);
    }
    json!({
        "routeKey": route,
        "connectionId": id,
        "connectedAt": connection.connected_at,
        "authorizer": authorizer,
    })
}
