//! A client that keeps sending until its gateway dies, and knows what it was promised.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use switchboard_tests::Actor;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::gateway::{Gateway, PATIENCE};
use crate::talk::Talk;

/// Enough that nobody comes near 20 sends in 10 seconds in one of them.
const CONVERSATIONS: usize = 16;
/// Sends that wait for their answer, each in a conversation of its own.
const IN_FLIGHT: usize = 4;

/// A socket that its owner drives, to the end of the gateway.
pub(crate) type Socket = WebSocketStream<TcpStream>;

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

/// The client.
#[derive(Debug)]
pub(crate) struct Writer {
    user: String,
    /// The one it writes to.
    pub(crate) other: String,
    token: String,
    pub(crate) talks: Vec<Talk>,
    said: usize,
}

impl Writer {
    /// A customer with conversations with a provider of their own, who has been there before.
    pub(crate) async fn prepare(gateway: &Gateway, number: usize, other: &str) -> Self {
        let user = format!("customer-{number}");
        let token = gateway.token(&user, "customer").await;
        let mut actor = gateway.connect_with(&token, "writer").await;
        let mut talks = Vec::new();
        for key in 0..CONVERSATIONS {
            let open = json!({"action": "open", "with": other, "key": key.to_string()});
            let opened = actor.ask(open).await;
            talks.push(Talk::new(
                opened["conversation"].as_str().expect("it is opened"),
            ));
        }
        Self {
            user,
            other: other.to_owned(),
            token,
            talks,
            said: 0,
        }
    }

    /// How many of its sends were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.talks.iter().map(Talk::acknowledged).sum()
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> Socket {
        connect(address, &self.token, "writer").await
    }

    /// Sends until the socket ends, and says with which code it was closed. An answer that has arrived by then counts.
    pub(crate) async fn write(&mut self, mut socket: Socket, acks: &Acks, at: &str) -> Option<u16> {
        let mut code = None;
        loop {
            while code.is_none() && self.pending() < IN_FLIGHT {
                let frame = self.next_frame().to_string();
                if socket.send(Message::text(frame)).await.is_err() {
                    break;
                }
            }
            let message = timeout(PATIENCE, socket.next()).await;
            match message.unwrap_or_else(|_| panic!("{at}: no answer")) {
                Some(Ok(Message::Text(text))) => {
                    self.hear(&serde_json::from_str(&text).unwrap(), acks, at);
                }
                Some(Ok(Message::Close(Some(close)))) => code = Some(close.code.into()),
                Some(Ok(_control)) => {}
                Some(Err(_)) | None => return code,
            }
        }
    }

    fn hear(&mut self, frame: &Value, acks: &Acks, at: &str) {
        let mut talks = self.talks.iter_mut();
        let talk = talks.find(|it| frame["conversation"] == it.conversation.as_str());
        let talk = talk.unwrap_or_else(|| panic!("{at}: {frame}"));
        match frame["event"].as_str() {
            Some("sent") => {
                talk.acknowledge(frame, at);
                acks.count();
            }
            Some("receipt") => talk.told(frame, at),
            _ => panic!("{at}: {frame}"),
        }
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
                return talk.say(format!("number {said}"));
            }
        }
    }

    /// Asserts that everything that was acknowledged is there, then sends again what was not: it stands once.
    pub(crate) async fn check(&mut self, gateway: &Gateway, at: &str) {
        let mut actor = gateway.connect_with(&self.token, "writer").await;
        self.check_marks(&mut actor, at).await;
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
            let history = json!({"action": "history", "conversation": talk.conversation,
                "after": talk.last().saturating_sub(2)});
            let page = actor.ask(history).await;
            assert_eq!(page["more"], false, "{at}");
            let before = usize::try_from(talk.last().saturating_sub(2)).unwrap();
            let log = [&log[..before], page["entries"].as_array().unwrap()].concat();
            assert!(!talk.judge(&self.user, &log, at), "{at}: {log:?}");
        }
        actor.leave().await;
    }

    async fn check_marks(&mut self, actor: &mut Actor, at: &str) {
        let inbox = actor.ask(json!({"action": "inbox", "limit": 50})).await;
        let listed = inbox["conversations"].as_array().expect("it is an inbox");
        assert_eq!(listed.len(), self.talks.len(), "{at}: {inbox}");
        for talk in &mut self.talks {
            let mut listed = listed.iter();
            let known = listed.find(|it| it["conversation"] == talk.conversation.as_str());
            talk.judge_marks(&self.other, known.expect("it is listed"), at);
        }
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

/// A connection of a device.
pub(crate) async fn connect(address: SocketAddr, token: &str, device: &str) -> Socket {
    let mut request = format!("ws://{address}/local?device={device}")
        .into_client_request()
        .unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    client_async(request, stream).await.unwrap().0
}
