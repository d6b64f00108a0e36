//! Everything that the functions do with the tables, once: every action, both outcomes where rights differ.

mod later;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use switchboard::protocol::{Action, Role};
use switchboard::session::Ending;
use switchboard::{Clock, ConnectionId, Session, Tally};
use switchboard_handlers::aws::push::{Applications, SnsPush};
use switchboard_local::sns::Sns;
use switchboard_tests::{Bare, Observed, TestClock, ulid};

use crate::tap::{Absent, Tap, Tapped};

/// The last push token of Bob's.
const TOKEN: &str = "token-of-a-third";
/// Longer than a handshake may take: from then on a 410 means that the connection has gone.
const MINUTE_MS: u64 = 60_000;
/// Longer than a connection may live.
const DAY_MS: u64 = 86_400_000;

/// A clock that passes as soon as somebody waits for it.
#[derive(Debug)]
struct Leap(Arc<TestClock>);

#[async_trait::async_trait]
impl Clock for Leap {
    fn now_ms(&self) -> u64 {
        self.0.now_ms()
    }

    async fn sleep(&self, ms: u64) {
        self.0.advance(ms);
    }

    fn dice(&self) -> u128 {
        self.0.dice()
    }
}

/// What a function did.
pub(crate) struct Act {
    /// The function.
    pub(crate) function: &'static str,
    /// What it asked of the tables.
    pub(crate) observed: Vec<Observed>,
    /// What it asked of SNS and of the management API.
    pub(crate) asked: BTreeSet<String>,
}

/// What each function did.
pub(crate) fn play() -> Vec<Act> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("failed to make a runtime");
    runtime.block_on(Play::open().acts())
}

struct Play {
    bare: Bare,
    tap: Tap,
    acts: Vec<Act>,
    asked: Vec<String>,
}

impl Play {
    fn open() -> Self {
        let mut bare = Bare::open();
        bare.gateway.clock = Arc::new(Leap(Arc::clone(&bare.clock)));
        let tap = Tap::default();
        bare.gateway.relay = Arc::new(Absent(tap.clone()));
        bare.gateway.push = Arc::new(push(&bare.sns, tap.clone()));
        Self {
            bare,
            tap,
            acts: Vec::new(),
            asked: Vec::new(),
        }
    }

    async fn acts(mut self) -> Vec<Act> {
        let alice = self.bare.session("alice", Role::Customer, "phone");
        let bob = self.bare.session("bob", Role::Provider, "desk");
        let gone = self.bare.session("bob", Role::Provider, "gone");
        let former = Session {
            connection: ConnectionId::new("former"),
            ..alice.clone()
        };
        for session in [&former, &bob, &gone, &alice] {
            self.bare.connect(session).await;
        }
        self.heard("connect");
        self.bare.clock.advance(MINUTE_MS);

        let conversation = self.talk(&alice, &bob).await;
        self.remember(&alice, &bob, &conversation).await;
        self.settle(&alice, &bob, &conversation).await;
        let played = Action::NAMES.iter().filter(|name| **name != "ping");
        for name in played {
            assert!(
                self.asked.iter().any(|it| it == name),
                "{name} was not played"
            );
        }
        self.heard("message");

        self.redeliver(&alice, &bob, &conversation).await;
        let endpoint = self.push(&alice, &bob, &conversation).await;
        self.bury(&alice, &bob, &conversation, &endpoint).await;

        self.forget();
        for session in [&alice, &bob] {
            let mut tally = Tally::default();
            let ended = self
                .bare
                .gateway
                .disconnect(session, Ending::Client, &mut tally)
                .await;
            ended.expect("failed to disconnect");
        }
        self.heard("disconnect");

        self.count().await;
        self.acts
    }

    /// What went over the wire since was this function's.
    fn heard(&mut self, function: &'static str) {
        self.acts.push(Act {
            function,
            observed: self.bare.wire.observed(),
            asked: self.tap.take(),
        });
        self.bare.wire.forget();
    }

    /// What was done since was the play's own.
    fn forget(&self) {
        self.bare.wire.forget();
        self.tap.take();
    }

    /// Asks for something that succeeds.
    async fn ask(&mut self, session: &Session, frame: Value) -> Value {
        let action = frame["action"].as_str().expect("a frame has an action");
        self.asked.push(action.to_owned());
        let answer = self.bare.ask(session, frame.clone()).await;
        assert_ne!(answer["event"], "error", "{frame} was answered {answer}");
        answer
    }

    async fn send(&mut self, session: &Session, conversation: &str, body: Value) -> Value {
        let frame = json!({"action": "send", "conversation": conversation, "id": ulid(), "after": 0, "body": body});
        self.ask(session, frame).await
    }

    async fn say(&mut self, session: &Session, conversation: &str, text: &str) {
        let body = json!({"kind": "text", "text": text});
        self.send(session, conversation, body).await;
    }

    /// Entries of every kind that is stored in its own way; the first meets a connection that has gone.
    async fn talk(&mut self, alice: &Session, bob: &Session) -> String {
        let opened = self
            .ask(alice, json!({"action": "open", "with": "bob"}))
            .await;
        let conversation = opened["conversation"]
            .as_str()
            .expect("it has an id")
            .to_owned();
        for n in 1..=6 {
            let body = json!({"kind": "text", "text": format!("{n}")});
            self.send(alice, &conversation, body).await;
        }
        self.send(
            alice,
            &conversation,
            json!({"kind": "edit", "of": 1, "text": "one"}),
        )
        .await;
        self.send(alice, &conversation, json!({"kind": "delete", "of": 2}))
            .await;
        self.send(
            bob,
            &conversation,
            json!({"kind": "reaction", "of": 1, "emoji": "👍", "on": true}),
        )
        .await;
        let receipt = json!([{"conversation": conversation, "recv": 6, "read": 6}]);
        self.ask(bob, json!({"action": "receipt", "receipts": receipt}))
            .await;
        self.ask(
            bob,
            json!({"action": "typing", "conversation": conversation, "on": true}),
        )
        .await;
        conversation
    }

    /// Everything that reads.
    async fn remember(&mut self, alice: &Session, bob: &Session, conversation: &str) {
        self.ask(alice, json!({"action": "hello"})).await;
        // The row that a post's 410 took comes back.
        let gateway = &self.bare.gateway;
        let device = alice.device.as_ref();
        let removed = gateway
            .store
            .delete_connection(&alice.user, device, &alice.connection);
        assert!(removed.await.expect("failed to delete a row"));
        self.ask(alice, json!({"action": "hello"})).await;
        self.ask(alice, json!({"action": "open", "with": "bob"}))
            .await;
        self.ask(bob, json!({"action": "sync", "cursors": {conversation: 1}}))
            .await;
        self.ask(bob, json!({"action": "sync", "cursors": {}}))
            .await;
        self.ask(
            bob,
            json!({"action": "history", "conversation": conversation, "before": 3}),
        )
        .await;
        self.ask(bob, json!({"action": "inbox", "limit": 1})).await;
        self.ask(bob, json!({"action": "presence", "users": ["alice"]}))
            .await;
    }

    /// Devices that change hands and go, and what members decide.
    async fn settle(&mut self, alice: &Session, bob: &Session, conversation: &str) {
        let register = |device: &str, token: &str| json!({"action": "device", "platform": "fcm", "token": token, "device": device});
        self.ask(bob, register("desk", "token-of-a-desk")).await;
        self.ask(alice, register("phone", "token-of-a-desk")).await;
        self.ask(bob, register("desk", "token-of-another")).await;
        self.ask(bob, register("desk", TOKEN)).await;
        self.ask(
            alice,
            json!({"action": "device", "device": "phone", "remove": true}),
        )
        .await;
        self.ask(
            bob,
            json!({"action": "settings", "conversation": conversation, "muted_until": 1}),
        )
        .await;
        for blocked in [true, false] {
            self.ask(
                bob,
                json!({"action": "settings", "user": "alice", "blocked": blocked}),
            )
            .await;
        }
    }
}

/// The real push port over the stand-in, with a tap in between.
fn push(sns: &Sns, tap: Tap) -> SnsPush {
    use aws_credential_types::Credentials;
    use aws_sdk_sns::config::{BehaviorVersion, Region};
    let builder = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .endpoint_url("http://sns.invalid")
        .credentials_provider(Credentials::from_keys("local", "local", None))
        .http_client(Tapped::client(sns.http_client(), tap));
    let fcm = Some("arn:aws:sns:local:000000000000:app/GCM/switchboard".to_owned());
    let applications = Applications {
        fcm,
        ..Applications::default()
    };
    SnsPush::new(builder, applications)
}
