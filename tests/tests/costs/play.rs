//! What is counted: a gateway's day.

use serde_json::{Value, json};
use switchboard::protocol::Role;
use switchboard::session::Ending;
use switchboard::{ConnectionId, Session, Tally};
use switchboard_tests::{Bare, ulid};

use crate::cost::{Cost, cost};

/// Forty characters, as people write.
const TEXT: &str = "On my way, be there in about ten minutes";

/// Alice and bob, a device each, and a conversation of so many entries that both have.
pub(crate) struct Play {
    pub(crate) bare: Bare,
    pub(crate) alice: Session,
    bob: Session,
    pub(crate) conversation: String,
    /// The newest entry.
    pub(crate) last: u64,
}

impl Play {
    pub(crate) async fn begin() -> Self {
        let bare = Bare::open();
        let alice = bare.session("alice", Role::Customer, "phone");
        let bob = bare.session("bob", Role::Provider, "web");
        bare.connect(&alice).await;
        bare.connect(&bob).await;
        let opened = bare
            .ask(&alice, json!({"action": "open", "with": "bob"}))
            .await;
        let conversation = opened["conversation"].as_str().unwrap().to_owned();
        let mut play = Self {
            bare,
            alice,
            bob,
            conversation,
            last: 0,
        };
        for _ in 0..25 {
            let frame = play.send(play.last, &ulid());
            let sent = play.bare.ask(&play.alice, frame).await;
            play.accepted(&sent);
        }
        play
    }

    pub(crate) fn send(&self, after: u64, id: &str) -> Value {
        json!({"action": "send", "conversation": self.conversation, "id": id, "after": after,
            "body": {"kind": "text", "text": TEXT}})
    }

    fn body(&self, body: &Value) -> Value {
        json!({"action": "send", "conversation": self.conversation, "id": ulid(),
            "after": self.last, "body": body})
    }

    fn receipt(&self) -> Value {
        let receipts =
            json!([{"conversation": self.conversation, "recv": self.last, "read": self.last}]);
        json!({"action": "receipt", "receipts": receipts})
    }

    fn accepted(&mut self, sent: &Value) {
        assert_eq!(sent["event"], "sent", "{sent}");
        self.last = sent["seq"].as_u64().unwrap();
        // The rate is not what is measured here.
        self.bare.clock.advance(1_000);
    }

    /// Alice sends, and the entry is delivered.
    async fn delivery(&mut self, action: &'static str, confirmed: bool) -> Cost {
        self.bare.wire.forget();
        let frame = self.send(self.last, &ulid());
        let sent = self.bare.ask(&self.alice, frame).await;
        self.accepted(&sent);
        let event = self.bare.stream();
        if confirmed {
            self.bare.ask(&self.bob, self.receipt()).await;
        }
        let (cost, answer) = cost(&self.bare, action, self.bare.deliver(&event)).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
        cost
    }

    pub(crate) async fn asked(&self, by: &Session, action: &'static str, frame: Value) -> Cost {
        let (cost, answer) = cost(&self.bare, action, self.bare.ask(by, frame)).await;
        assert_ne!(answer["event"], "error", "{answer}");
        cost
    }

    /// Alice writes, and bob has read it.
    pub(crate) async fn exchange(&mut self) {
        let sent = self
            .bare
            .ask(&self.alice, self.send(self.last, &ulid()))
            .await;
        self.accepted(&sent);
        let receipt = self.receipt();
        assert_eq!(self.bare.ask(&self.bob, receipt).await, Value::Null);
    }

    /// What makes up most of a gateway's day.
    pub(crate) async fn day(&mut self) -> Vec<Cost> {
        let mut costs = self.sessions().await;
        costs.extend(self.sends().await);
        costs.extend(self.requests().await);
        costs.extend(self.deliveries().await);
        costs
    }

    async fn sessions(&self) -> Vec<Cost> {
        let (bare, mut tally) = (&self.bare, Tally::default());
        let carol = bare.session("carol", Role::Customer, "phone");
        let again = Session {
            connection: ConnectionId::new("again"),
            ..carol.clone()
        };
        let disconnect = bare.gateway.disconnect(&again, Ending::Client, &mut tally);
        vec![
            cost(bare, "connect", bare.connect(&carol)).await.0,
            cost(bare, "connect, replacing", bare.connect(&again))
                .await
                .0,
            cost(bare, "disconnect", disconnect).await.0,
        ]
    }

    async fn sends(&mut self) -> Vec<Cost> {
        let mut costs = Vec::new();
        let (first, after) = (ulid(), self.last);
        for (action, id, by, behind) in [
            ("send", first.clone(), self.alice.clone(), 0),
            ("send, 3 entries behind", ulid(), self.bob.clone(), 3),
            ("send, 4 entries behind", ulid(), self.bob.clone(), 4),
        ] {
            let frame = self.send(self.last - behind, &id);
            let ask = self.bare.ask(&by, frame);
            let (sent, answer) = cost(&self.bare, action, ask).await;
            costs.push(sent);
            self.accepted(&answer);
        }
        let again = self.send(after, &first);
        costs.push(self.asked(&self.alice, "send, again", again).await);
        let edit = self.body(&json!({"kind": "edit", "of": after + 1, "text": "Late, sorry"}));
        let ask = self.bare.ask(&self.alice, edit);
        let (edited, answer) = cost(&self.bare, "send, an edit", ask).await;
        costs.push(edited);
        self.accepted(&answer);
        costs
    }

    async fn requests(&self) -> Vec<Cost> {
        let (id, last) = (self.conversation.as_str(), self.last);
        let actions = [
            ("receipt", self.receipt()),
            ("receipt, nothing new", self.receipt()),
            (
                "typing",
                json!({"action": "typing", "conversation": id, "on": true}),
            ),
            ("hello, 1 conversation", json!({"action": "hello"})),
            (
                "history, 20 entries",
                json!({"action": "history", "conversation": id, "before": last, "limit": 20}),
            ),
            (
                "sync, nothing new",
                json!({"action": "sync", "cursors": {id: last}}),
            ),
            ("inbox, 1 conversation", json!({"action": "inbox"})),
            (
                "presence, 1 user",
                json!({"action": "presence", "users": ["alice"]}),
            ),
            ("open, known", json!({"action": "open", "with": "alice"})),
            (
                "open, new",
                json!({"action": "open", "with": "alice", "key": "other"}),
            ),
            (
                "device",
                json!({"action": "device", "device": "web", "platform": "fcm", "token": "t"}),
            ),
        ];
        let mut costs = Vec::new();
        for (action, frame) in actions {
            costs.push(self.asked(&self.bob, action, frame).await);
        }
        costs
    }

    async fn deliveries(&mut self) -> Vec<Cost> {
        let mut costs = vec![
            self.delivery("deliver, confirmed", true).await,
            self.delivery("deliver, after the grace", false).await,
        ];
        let mut tally = Tally::default();
        let gateway = &self.bare.gateway;
        let left = gateway.disconnect(&self.bob, Ending::Client, &mut tally);
        left.await.unwrap();
        costs.push(self.delivery("deliver, to who is away", false).await);
        costs
    }
}
