//! A gateway of a page's length: an honest log in memory, and one thing that it does wrong.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// Every so-many-th send is the one that something is done wrong with.
const EVERY: u64 = 5;
/// Entries in a page: few, so that there are several.
const PAGE: usize = 3;

/// What the gateway does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing comes by itself.
    RelaysNothing,
    /// Everything comes twice.
    RelaysTwice,
    /// Connections end after a send was stored and before it was answered.
    HangsUp,
    /// A send is answered and not stored.
    ForgetsAcknowledged,
    /// A send is stored, and nobody but the sender is ever shown it by `sync`, or told.
    HidesFromOthers,
    /// A send is stored at two places.
    StoresTwice,
    /// The first of two sends gets the place of the second.
    SwapsPlaces,
    /// Pages and syncs descend.
    TurnsPages,
    /// An entry is stored that nobody sent.
    Invents,
}

/// Says a frame to a connection, or ends it.
type Peer = mpsc::UnboundedSender<Option<Value>>;

#[derive(Default)]
struct Log {
    members: [String; 2],
    entries: BTreeMap<u64, Value>,
    last: u64,
    /// A place that was passed over.
    free: Option<u64>,
}

#[derive(Default)]
struct State {
    logs: BTreeMap<String, Log>,
    peers: BTreeMap<String, Vec<Peer>>,
    sends: u64,
    stored: u64,
}

/// A gateway on a free port.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    sends: watch::Receiver<u64>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Served {
    state: Arc<Mutex<State>>,
    fault: Option<Fault>,
    sends: watch::Sender<u64>,
}

impl Gateway {
    pub(crate) async fn open(fault: Option<Fault>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sends, seen) = watch::channel(0);
        let served = Served {
            state: Arc::default(),
            fault,
            sends,
        };
        let state = Arc::clone(&served.state);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(served.clone().serve(stream));
            }
        });
        Self {
            address,
            state,
            sends: seen,
            _serving: serving,
        }
    }

    /// Different entries that were stored.
    pub(crate) fn stored(&self) -> u64 {
        self.state.lock().unwrap().stored
    }

    /// Waits until so many sends have come.
    pub(crate) async fn heard(&mut self, sends: u64) {
        self.sends.wait_for(|it| *it >= sends).await.unwrap();
    }
}

impl Served {
    async fn serve(self, stream: TcpStream) {
        let mut user = String::new();
        // The token is the user's name: who is who is not what is tested here.
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let callback = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let bearer = request.headers()["authorization"].to_str().unwrap();
            bearer.trim_start_matches("Bearer ").clone_into(&mut user);
            Ok(response)
        };
        let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, callback).await else {
            return;
        };
        let (mut sink, mut frames) = socket.split();
        let (peer, mut outgoing) = mpsc::unbounded_channel();
        self.state
            .lock()
            .unwrap()
            .peers
            .entry(user.clone())
            .or_default()
            .push(peer.clone());
        loop {
            tokio::select! {
                frame = frames.next() => match frame {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        self.answer(&user, &frame, &peer);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                said = outgoing.recv() => match said {
                    Some(Some(frame)) => {
                        if sink.send(Message::text(frame.to_string())).await.is_err() {
                            return;
                        }
                    }
                    Some(None) | None => return,
                },
            }
        }
    }

    fn answer(&self, user: &str, frame: &Value, peer: &Peer) {
        let mut state = self.state.lock().unwrap();
        let mut answer = match frame["action"].as_str().unwrap() {
            "hello" => {
                json!({"event": "welcome", "user": user, "now": 0, "expires_at": 90_000_000_u64, "reconnect_by": 6_000_000})
            }
            "open" => state.open(user, frame),
            "send" => match self.send(&mut state, user, frame, peer) {
                Some(answer) => answer,
                None => return,
            },
            "sync" => self.sync(&state, user, frame),
            "history" => self.history(&state, user, frame),
            "receipt" => return,
            action => panic!("nobody should say {action}"),
        };
        answer["ref"] = frame["ref"].clone();
        tell(peer, Some(answer));
    }

    fn send(&self, state: &mut State, user: &str, frame: &Value, peer: &Peer) -> Option<Value> {
        let conversation = frame["conversation"].as_str().unwrap();
        let log = state.logs.get_mut(conversation).unwrap();
        let known = log.entries.values().find(|it| it["id"] == frame["id"]);
        if let Some(known) = known {
            let seq = &known["seq"];
            return Some(
                json!({"event": "sent", "conversation": conversation, "id": frame["id"], "seq": seq, "ts": 1, "duplicate": true}),
            );
        }
        state.sends += 1;
        state.stored += 1;
        self.sends.send_replace(state.sends);
        let fault = self.fault.filter(|_| state.sends.is_multiple_of(EVERY));
        let seq = log.place(self.fault);
        let entry = json!({"event": "entry", "conversation": conversation, "seq": seq, "id": frame["id"], "from": user, "ts": 1, "body": frame["body"]});
        let other = log.members.iter().find(|it| *it != user).unwrap().clone();
        let mut said = vec![entry.clone()];
        match fault {
            Some(Fault::ForgetsAcknowledged) => said.clear(),
            Some(Fault::HidesFromOthers) => {
                log.entries.insert(seq, hidden(entry));
                said.clear();
            }
            Some(Fault::StoresTwice) => {
                log.last += 1;
                let mut again = entry.clone();
                again["seq"] = json!(log.last);
                log.entries.insert(seq, entry);
                log.entries.insert(log.last, again.clone());
                said.push(again);
            }
            Some(Fault::Invents) => {
                log.last += 1;
                let mut invented = entry.clone();
                invented["seq"] = json!(log.last);
                invented["id"] = json!("01K00000000000000000000000");
                log.entries.insert(seq, entry);
                log.entries.insert(log.last, invented.clone());
                said.push(invented);
            }
            _ => {
                log.entries.insert(seq, entry);
            }
        }
        let times = match self.fault {
            Some(Fault::RelaysNothing) => 0,
            Some(Fault::RelaysTwice) => 2,
            _ => 1,
        };
        for entry in said.iter().flat_map(|it| std::iter::repeat_n(it, times)) {
            for peer in state.peers.get(&other).into_iter().flatten() {
                tell(peer, Some(entry.clone()));
            }
        }
        if fault == Some(Fault::HangsUp) {
            tell(peer, None);
            return None;
        }
        Some(
            json!({"event": "sent", "conversation": conversation, "id": frame["id"], "seq": seq, "ts": 1, "duplicate": false}),
        )
    }

    fn sync(&self, state: &State, user: &str, frame: &Value) -> Value {
        let cursors = frame["cursors"].as_object().unwrap();
        let mut entries: Vec<Value> = Vec::new();
        let mut more = false;
        for (conversation, cursor) in cursors {
            let above = state.logs[conversation]
                .entries
                .range(cursor.as_u64().unwrap() + 1..);
            let shown = above
                .map(|(_, it)| it)
                .filter(|it| it["hidden"] != true || it["from"] == user);
            let mut page: Vec<Value> = shown.take(PAGE + 1).cloned().collect();
            more |= page.len() > PAGE;
            page.truncate(PAGE);
            entries.extend(page);
        }
        self.turn(&mut entries);
        json!({"event": "synced", "entries": entries, "more": more})
    }

    fn history(&self, state: &State, user: &str, frame: &Value) -> Value {
        let conversation = frame["conversation"].as_str().unwrap();
        let above = state.logs[conversation]
            .entries
            .range(frame["after"].as_u64().unwrap() + 1..);
        let shown = above
            .map(|(_, it)| it)
            .filter(|it| it["hidden"] != true || it["from"] == user);
        let mut entries: Vec<Value> = shown.take(PAGE + 1).cloned().collect();
        let more = entries.len() > PAGE;
        entries.truncate(PAGE);
        self.turn(&mut entries);
        json!({"event": "page", "conversation": conversation, "entries": entries, "more": more})
    }

    fn turn(&self, entries: &mut [Value]) {
        if self.fault == Some(Fault::TurnsPages) {
            entries.reverse();
        }
    }
}

impl State {
    fn open(&mut self, user: &str, frame: &Value) -> Value {
        let with = frame["with"].as_str().unwrap();
        let key = frame["key"].as_str().unwrap();
        // Pairs are named alike: `c1` and `p1`.
        let number = user[1..].parse::<u64>().unwrap() * 1_000 + key[5..].parse::<u64>().unwrap();
        let conversation = format!("01J{number:023}");
        let members = [user.to_owned(), with.to_owned()];
        let log = self
            .logs
            .entry(conversation.clone())
            .or_insert_with(|| Log {
                members,
                ..Log::default()
            });
        json!({"event": "opened", "conversation": conversation, "last_seq": log.last, "created": true})
    }
}

impl Log {
    fn place(&mut self, fault: Option<Fault>) -> u64 {
        if let Some(free) = self.free.take() {
            return free;
        }
        self.last += 1;
        if fault == Some(Fault::SwapsPlaces) {
            self.free = Some(self.last);
            self.last += 1;
        }
        self.last
    }
}

/// Whoever has left hears nothing.
fn tell(peer: &Peer, said: Option<Value>) {
    drop(peer.send(said));
}

fn hidden(mut entry: Value) -> Value {
    entry["hidden"] = json!(true);
    entry
}
