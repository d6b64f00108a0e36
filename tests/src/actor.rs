//! A user's device with a real socket.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use ulid::Ulid;

/// A bound on real time: nothing waits for it, and a play that hangs ends.
const PATIENCE: Duration = Duration::from_secs(20);

static COUNT: AtomicU64 = AtomicU64::new(1);

/// An entry id that no other has.
pub fn ulid() -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ulid::from_parts(1_767_225_600_000, u128::from(count)).to_string()
}

/// A handshake that was not answered with 101.
#[derive(Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// A user's device with a real socket.
#[derive(Debug)]
pub struct Actor {
    /// Boxed: with the room for TLS that its type has, it would make every play a large future.
    socket: Box<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    /// What was heard while something else was waited for.
    heard: VecDeque<Value>,
    asked: u64,
    protocol: Option<String>,
}

impl Actor {
    /// A handshake with whoever listens there: the query, without `?`, and headers.
    pub async fn connect(
        address: SocketAddr,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Refused> {
        Self::dial(&format!("ws://{address}/local"), query, headers).await
    }

    /// A handshake with a stage by its URL.
    pub async fn dial(url: &str, query: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = format!("{url}{mark}{query}").into_client_request().unwrap();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let handshake = timeout(PATIENCE, connect_async_with_config(request, None, true));
        match handshake.await.expect("the handshake was not answered") {
            Ok((socket, response)) => {
                let protocol = response.headers().get("sec-websocket-protocol");
                let protocol = protocol.map(|it| it.to_str().unwrap().to_owned());
                Ok(Self {
                    socket: Box::new(socket),
                    heard: VecDeque::new(),
                    asked: 0,
                    protocol,
                })
            }
            Err(Error::Http(response)) => Err(Refused {
                status: response.status().as_u16(),
                body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default())
                    .into_owned(),
            }),
            Err(error) => panic!("the handshake failed: {error}"),
        }
    }

    /// The subprotocol that the handshake's answer chose.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends a text frame, whatever it is.
    pub async fn say_text(&mut self, text: &str) {
        self.say_raw(Message::text(text)).await;
    }

    /// Sends any message.
    pub async fn say_raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("failed to send");
    }

    /// The next frame, in the order in which they came.
    pub async fn hear(&mut self) -> Value {
        match self.heard.pop_front() {
            Some(frame) => frame,
            None => self.next().await,
        }
    }

    /// The next frame of that event. Others are kept for later.
    pub async fn hear_event(&mut self, event: &str) -> Value {
        self.hear_where(|frame| frame["event"] == event).await
    }

    /// The next frame that is wanted. Others are kept for later.
    pub async fn hear_where(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.heard.iter().position(&wanted) {
            return self.heard.remove(place).unwrap();
        }
        loop {
            let frame = self.next().await;
            if wanted(&frame) {
                return frame;
            }
            self.heard.push_back(frame);
        }
    }

    /// Sends a frame with a `ref` of its own and returns the answer to it, without the `ref`.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        self.asked += 1;
        let reference = format!("ask-{}", self.asked);
        frame["ref"] = json!(reference);
        self.say(frame).await;
        let mut answer = self.hear_where(|it| it["ref"] == reference.as_str()).await;
        answer.as_object_mut().unwrap().remove("ref");
        answer
    }

    /// Asks, and returns the error's code.
    pub async fn refused(&mut self, frame: Value) -> String {
        let answer = self.ask(frame).await;
        assert_eq!(answer["event"], "error", "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    /// Opens the conversation with somebody and returns its id.
    pub async fn open(&mut self, with: &str) -> String {
        let opened = self.ask(json!({"action": "open", "with": with})).await;
        assert_eq!(opened["event"], "opened", "{opened}");
        opened["conversation"].as_str().unwrap().to_owned()
    }

    /// Sends a text as a new entry and returns `sent`.
    pub async fn send(&mut self, conversation: &str, after: u64, text: &str) -> Value {
        let body = json!({"kind": "text", "text": text});
        let sent = self
            .ask(send_frame(conversation, &ulid(), after, &body))
            .await;
        assert_eq!(sent["event"], "sent", "{sent}");
        sent
    }

    /// Sends any body as a new entry and returns the answer.
    pub async fn send_body(&mut self, conversation: &str, after: u64, body: Value) -> Value {
        self.ask(send_frame(conversation, &ulid(), after, &body))
            .await
    }

    /// Confirms what was received, and returns when the gateway has dealt with it.
    pub async fn confirm(&mut self, conversation: &str, recv: u64) {
        let receipts = json!([{"conversation": conversation, "recv": recv}]);
        self.say(json!({"action": "receipt", "receipts": receipts}))
            .await;
        // Frames are dealt with at the same time, so ask until the receipt is seen.
        loop {
            let inbox = self.ask(json!({"action": "inbox"})).await;
            let listed = inbox["conversations"].as_array().unwrap().clone();
            let mine = listed
                .iter()
                .find(|it| it["conversation"] == conversation)
                .unwrap();
            let members = mine["members"].as_array().unwrap();
            if members
                .iter()
                .any(|it| it.get("muted_until").is_some() && it["recv"] == recv)
            {
                return;
            }
        }
    }

    /// Asserts that nothing else has come: what was posted before comes before the answer to a ping.
    pub async fn hears_nothing_more(&mut self) {
        self.say(json!({"action": "ping"})).await;
        let pong = self.hear_where(|frame| frame["event"] == "pong").await;
        assert_eq!(pong["event"], "pong");
        assert!(self.heard.is_empty(), "unexpected: {:?}", self.heard);
    }

    /// Waits for the close frame: its code and reason, or 1006 where there is none.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await;
            match message.expect("the socket was not closed") {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return (code.into(), reason.to_string());
                }
                Some(Ok(Message::Close(None))) => return (1005, String::new()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (1006, String::new()),
            }
        }
    }

    /// Leaves politely.
    pub async fn leave(mut self) {
        (*self.socket).close(None).await.expect("failed to close");
        while let Ok(Some(Ok(_))) = timeout(PATIENCE, self.socket.next()).await {}
    }

    async fn next(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await;
            let message =
                message.unwrap_or_else(|_| panic!("nothing came; kept: {:?}", self.heard));
            match message
                .expect("the socket was closed")
                .expect("the socket failed")
            {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(close) => panic!("the socket was closed: {close:?}"),
                _control => {}
            }
        }
    }
}

/// A `send`.
fn send_frame(conversation: &str, id: &str, after: u64, body: &Value) -> Value {
    json!({"action": "send", "conversation": conversation, "id": id, "after": after, "body": body})
}
