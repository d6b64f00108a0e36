//! A client that keeps sending until its gateway dies, and knows what it was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use switchboard_tests::{Actor, ulid};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::gateway::{Gateway, PATIENCE};

/// Enough that nobody comes near 20 sends in 10 seconds in one of them.
const CONVERSATIONS: usize = 16;
/// Sends that wait for their answer, each in a conversation of its own.
const IN_FLIGHT: usize = 4;

/// Acknowledgements, counted up to the one at which the gateway dies.
#[derive(Debug)]
pub(crate) struct Acks {
    left: AtomicU64,
    reached: Notify,
}

impl Acks {
    pub(crate) fn until(count: u64) -> Self {
        Self {
            left: AtomicU64::new(count),
            reached: Notify::new(),
        }
    }

    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    fn count(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.reached.notify_one();
        }
    }
}

/// A send that was tried.
#[derive(Clone, Debug)]
struct Said {
    id: String,
    after: u64,
    text: String,
}

/// A conversation in which nobody else writes.
#[derive(Debug)]
struct Talk {
    conversation: String,
    /// What was acknowledged: every one of 1, 2, 3, …
    acknowledged: BTreeMap<u64, Said>,
    /// What was sent and not answered.
    pending: Option<Said>,
}

/// The client.
#[derive(Debug)]
pub(crate) struct Writer {
    user: String,
    token: String,
    talks: Vec<Talk>,
    said: usize,
}

impl Talk {
    fn frame(&self, said: &Said) -> Value {
        json!({"action": "send", "conversation": self.conversation, "id": said.id, "after": said.after,
            "body": {"kind": "text", "text": said.text}})
    }

    fn last(&self) -> u64 {
        self.acknowledged
            .last_key_value()
            .map_or(0, |(seq, _)| *seq)
    }

    fn acknowledge(&mut self, sent: &Value, at: &str) {
        let said = self.pending.take().expect("something was sent");
        assert_eq!(sent["id"], said.id.as_str(), "{at}: {sent}");
        assert_eq!(sent["seq"], self.last() + 1, "{at}: {sent}");
        self.acknowledged.insert(self.last() + 1, said);
    }

    /// Asserts that a log holds what was acknowledged and nothing that was not sent; says whether it holds what is pending.
    fn judge(&self, user: &str, log: &[Value], at: &str) -> bool {
        let at = format!("{at}: {user} in {}", self.conversation);
        let ids: BTreeSet<&str> = log.iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(ids.len(), log.len(), "{at}: an id stands twice in {log:?}");
        for (entry, seq) in log.iter().zip(1_u64..) {
            assert_eq!(entry["seq"], seq, "{at}: a gap in {log:?}");
            let said = self.acknowledged.get(&seq).or(self.pending.as_ref());
            let said = said.unwrap_or_else(|| panic!("{at}: nobody sent {entry}"));
            assert_eq!(entry["id"], said.id.as_str(), "{at}: {entry}");
            assert_eq!(entry["body"]["text"], said.text.as_str(), "{at}: {entry}");
            assert_eq!(entry["from"], user, "{at}: {entry}");
        }
        let acknowledged = self.acknowledged.len();
        assert!(
            log.len() >= acknowledged,
            "{at}: {acknowledged} were acknowledged, {} are there",
            log.len()
        );
        log.len() > acknowledged
    }
}

impl Writer {
    /// A customer with conversations with a provider of their own.
    pub(crate) async fn prepare(gateway: &Gateway, number: usize) -> Self {
        let (user, other) = (format!("customer-{number}"), format!("provider-{number}"));
        gateway.connect(&other, "provider").await.leave().await;
        let token = gateway.token(&user, "customer").await;
        let mut actor = gateway.connect_with(&token, "writer").await;
        let mut talks = Vec::new();
        for key in 0..CONVERSATIONS {
            let open = json!({"action": "open", "with": other, "key": key.to_string()});
            let opened = actor.ask(open).await;
            talks.push(Talk {
                conversation: opened["conversation"]
                    .as_str()
                    .expect("it is opened")
                    .to_owned(),
                acknowledged: BTreeMap::new(),
                pending: None,
            });
        }
        Self {
            user,
            token,
            talks,
            said: 0,
        }
    }

    /// How many of its sends were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.talks.iter().map(|it| it.acknowledged.len()).sum()
    }

    /// Sends until the socket ends. An answer that has arrived by then counts.
    pub(crate) async fn write(&mut self, address: SocketAddr, acks: &Acks, at: &str) {
        let mut socket = self.socket(address).await;
        loop {
            while self.pending() < IN_FLIGHT {
                let frame = self.next_frame().to_string();
                if socket.send(Message::text(frame)).await.is_err() {
                    break;
                }
            }
            let message = timeout(PATIENCE, socket.next()).await;
            match message.unwrap_or_else(|_| panic!("{at}: no answer")) {
                Some(Ok(Message::Text(text))) => {
                    let sent: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(sent["event"], "sent", "{at}: {sent}");
                    let talk = self
                        .talks
                        .iter_mut()
                        .find(|it| sent["conversation"] == it.conversation.as_str());
                    talk.expect("it is one of ours").acknowledge(&sent, at);
                    acks.count();
                }
                Some(Ok(_control)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }

    async fn socket(&self, address: SocketAddr) -> WebSocketStream<TcpStream> {
        let mut request = format!("ws://{address}/local?device=writer")
            .into_client_request()
            .unwrap();
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        client_async(request, stream).await.unwrap().0
    }

    fn pending(&self) -> usize {
        self.talks.iter().filter(|it| it.pending.is_some()).count()
    }

    /// A new send, in the next conversation in turn that waits for nothing.
    fn next_frame(&mut self) -> Value {
        loop {
            self.said += 1;
            let (said, place) = (self.said, self.said % self.talks.len());
            let talk = &mut self.talks[place];
            if talk.pending.is_none() {
                let said = Said {
                    id: ulid(),
                    after: talk.last(),
                    text: format!("number {said}"),
                };
                let frame = talk.frame(&said);
                talk.pending = Some(said);
                return frame;
            }
        }
    }

    /// Asserts that everything that was acknowledged is there, then sends again what was not: it stands once.
    pub(crate) async fn check(&mut self, gateway: &Gateway, at: &str) {
        let mut actor = gateway.connect_with(&self.token, "writer").await;
        let logs = self.sync(&mut actor).await;
        for talk in &mut self.talks {
            let log = &logs[&talk.conversation];
            let is_there = talk.judge(&self.user, log, at);
            let Some(said) = talk.pending.clone() else {
                assert!(!is_there, "{at}: {log:?}");
                continue;
            };
            let frame = talk.frame(&said);
            let sent = actor.ask(frame.clone()).await;
            assert_eq!(
                sent["duplicate"], is_there,
                "{at}: {sent}, and there was {log:?}"
            );
            talk.acknowledge(&sent, at);
            let again = actor.ask(frame).await;
            assert_eq!(
                (&again["seq"], &again["ts"]),
                (&sent["seq"], &sent["ts"]),
                "{at}"
            );
            let history = json!({"action": "history", "conversation": talk.conversation, "after": 0, "limit": 100});
            let page = actor.ask(history).await;
            assert_eq!(page["more"], false, "{at}");
            let log = page["entries"].as_array().unwrap();
            assert!(!talk.judge(&self.user, log, at), "{at}: {log:?}");
        }
        actor.leave().await;
    }

    /// Everything in all conversations, by `sync` from nothing.
    async fn sync(&self, actor: &mut Actor) -> BTreeMap<String, Vec<Value>> {
        let mut logs: BTreeMap<String, Vec<Value>> = self
            .talks
            .iter()
            .map(|it| (it.conversation.clone(), Vec::new()))
            .collect();
        loop {
            let cursors: BTreeMap<&String, usize> =
                logs.iter().map(|(id, log)| (id, log.len())).collect();
            let page = actor
                .ask(json!({"action": "sync", "cursors": cursors}))
                .await;
            assert_eq!(page["event"], "synced", "{page}");
            for entry in page["entries"].as_array().unwrap() {
                let log = logs.get_mut(entry["conversation"].as_str().unwrap());
                log.expect("it is one of ours").push(entry.clone());
            }
            if page["more"] == false {
                return logs;
            }
        }
    }
}
