//! The gateway as the local host wires it, up to the sockets: posts are taken at once.

use std::sync::Arc;

use serde_json::json;
use switchboard::{Clock, Gateway, PushText, Tally};
use switchboard_handlers::aws::push::{Applications, SnsPush};
use switchboard_handlers::aws::relay::ManagementRelay;
use switchboard_handlers::aws::store::{DynamoStore, Tables};
use switchboard_handlers::event::{StreamEvent, WebSocketEvent};
use switchboard_handlers::{connect, deliver, message};
use switchboard_local::engine::{Durability, Engine, Faults, Place};
use switchboard_local::sns::Sns;
use switchboard_local::trails::Trails;
use switchboard_local::{template, wire};
use tempfile::TempDir;

use super::canned::Canned;
use super::clock::SteppedClock;
use super::recorder::{Exchange, Recorder};
use super::talk::Talk;

/// A gateway on its tables, and two people who are connected.
#[derive(Debug)]
pub(crate) struct World {
    /// Around the tables without anything in between.
    pub(crate) gateway: Gateway,
    /// The same tables, and what is said to them is noted.
    noted: Gateway,
    recorder: Arc<Recorder>,
    pub(crate) clock: Arc<SteppedClock>,
    pub(crate) engine: Engine,
    pub(crate) talk: Talk,
    _directory: TempDir,
}

/// The relay that takes every post.
pub(crate) fn relay() -> ManagementRelay {
    ManagementRelay::new(wire::management(Canned::default()))
}

/// A store whose requests end in an HTTP client.
pub(crate) fn store(http: aws_smithy_runtime_api::client::http::SharedHttpClient) -> DynamoStore {
    let tables = Tables {
        chat: template::CHAT.to_owned(),
        connections: template::CONNECTIONS.to_owned(),
    };
    DynamoStore::new(wire::dynamodb(http), tables)
}

impl World {
    /// Both are connected, and have said a few things.
    pub(crate) async fn open() -> Self {
        let directory = TempDir::with_prefix("switchboard-bench-").unwrap();
        let place = Place::Directory(directory.path().to_owned());
        let engine = Engine::open(&place, Durability::Process).expect("failed to open the engine");
        let tables = template::tables().expect("failed to read the template");
        let made = engine.ensure_tables(&[tables.chat, tables.connections]);
        made.expect("failed to make the tables");
        let clock = Arc::new(SteppedClock::default());
        let recorder = Arc::new(Recorder::default());
        let push = SnsPush::new(wire::sns(Sns::new().http_client()), Applications::default());
        let gateway = Gateway {
            store: Arc::new(store(engine.http_client())),
            relay: Arc::new(relay()),
            push: Arc::new(push),
            clock: Arc::clone(&clock) as _,
            endpoint: "http://bench.invalid/local".into(),
            push_text: PushText::Generic,
            trail: Arc::new(Trails::new(&(Arc::clone(&clock) as Arc<dyn Clock>))),
        };
        let listening = engine.http_client_with(Arc::clone(&recorder) as Arc<dyn Faults>);
        let noted = Gateway {
            store: Arc::new(store(listening)),
            ..gateway.clone()
        };
        let talk = Talk::new(clock.now_ms());
        let mut world = Self {
            gateway,
            noted,
            recorder,
            clock,
            engine,
            talk,
            _directory: directory,
        };
        world.begin().await;
        world
    }

    /// The same tables, asked without the SDK between.
    pub(crate) fn direct_store(&self) -> DynamoStore {
        store(self.engine.http_client()).over(self.engine.transport())
    }

    /// Connects both, so that nobody's two hours are over before a round is.
    pub(crate) async fn connect(&mut self) {
        self.talk.reconnect(self.clock.now_ms());
        for peer in self.talk.peers() {
            let event: WebSocketEvent = serde_json::from_str(&peer.lifecycle("$connect")).unwrap();
            let entered = connect::handle(&self.gateway, &event, &mut Tally::default()).await;
            entered.expect("failed to connect");
        }
    }

    async fn begin(&mut self) {
        self.connect().await;
        let open = self.talk.peers()[0].message(&json!({"action": "open", "with": "bob"}));
        let opened = switchboard_tests::events::frame(&invoke(&self.gateway, &open).await);
        opened["conversation"]
            .as_str()
            .expect("a conversation")
            .clone_into(&mut self.talk.conversation);
        for _ in 0..8 {
            self.send().await;
        }
    }

    /// The next message.
    pub(crate) async fn send(&mut self) {
        self.clock.step();
        let event = self.talk.send(self.talk.last + 1);
        let response = invoke(&self.gateway, &event).await;
        self.talk.sent(&response);
    }

    /// The next message, and what it asks of the tables.
    pub(crate) async fn send_noted(&mut self) -> Vec<Exchange> {
        self.clock.step();
        self.recorder.begin();
        let event = self.talk.send(self.talk.last + 1);
        let response = invoke(&self.noted, &event).await;
        self.talk.sent(&response);
        self.recorder.end()
    }
}

/// The function `message`, from text to text, as the host calls it.
pub(crate) async fn invoke(gateway: &Gateway, event: &str) -> String {
    let event: WebSocketEvent = serde_json::from_str(event).unwrap();
    let response = message::handle(gateway, &event, &mut Tally::default()).await;
    serde_json::to_string(&response.expect("a session")).unwrap()
}

/// The function `deliver`, likewise.
pub(crate) async fn deliver(gateway: &Gateway, event: &str) -> String {
    let event: StreamEvent = serde_json::from_str(event).unwrap();
    let failures = deliver::handle(gateway, &event, &mut Tally::default()).await;
    serde_json::to_string(&failures).unwrap()
}
