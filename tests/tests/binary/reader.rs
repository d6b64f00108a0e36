//! The other side of a writer: a phone that is pushed to, and a socket that confirms some of what it hears.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{Gateway, PATIENCE};
use crate::writer::{Socket, Writer, connect};

/// A provider.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) user: String,
    token: String,
    /// The conversations in which it confirms.
    confirms: BTreeSet<String>,
}

impl Reader {
    /// A provider whose phone is registered.
    pub(crate) async fn prepare(gateway: &Gateway, number: usize) -> Self {
        let user = format!("provider-{number}");
        let token = gateway.token(&user, "provider").await;
        let mut actor = gateway.connect_with(&token, "reader").await;
        let device =
            json!({"action": "device", "platform": "fcm", "token": user, "device": "phone"});
        assert_eq!(actor.ask(device).await["event"], "device");
        actor.leave().await;
        Self {
            user,
            token,
            confirms: BTreeSet::new(),
        }
    }

    /// Confirms in every second conversation, and leaves the others to the pushes.
    pub(crate) fn listen_to(&mut self, writer: &Writer) {
        let talks = writer.talks.iter().step_by(2);
        self.confirms = talks.map(|it| it.conversation.clone()).collect();
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> Socket {
        connect(address, &self.token, "reader").await
    }

    /// Hears and confirms until the socket ends, and says with which code it was closed.
    pub(crate) async fn read(&self, mut socket: Socket, at: &str) -> Option<u16> {
        let mut code = None;
        loop {
            let message = timeout(PATIENCE, socket.next()).await;
            match message.unwrap_or_else(|_| panic!("{at}: nothing came")) {
                Some(Ok(Message::Text(text))) => {
                    let Some(receipt) = self.receipt(&serde_json::from_str(&text).unwrap()) else {
                        continue;
                    };
                    // Where it fails, the next message is the end.
                    drop(socket.send(Message::text(receipt.to_string())).await);
                }
                Some(Ok(Message::Close(Some(close)))) => code = Some(close.code.into()),
                Some(Ok(_control)) => {}
                Some(Err(_)) | None => return code,
            }
        }
    }

    fn receipt(&self, entry: &Value) -> Option<Value> {
        assert_eq!(entry["event"], "entry", "{entry}");
        let conversation = entry["conversation"].as_str()?;
        let seq = entry["seq"].as_u64()?;
        let receipt = json!({"conversation": conversation, "recv": seq, "read": seq - 1});
        self.confirms
            .contains(conversation)
            .then(|| json!({"action": "receipt", "receipts": [receipt]}))
    }
}
