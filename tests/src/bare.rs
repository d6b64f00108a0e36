//! The gateway alone: on the engine, without sockets, stream and functions around it. Nothing happens but what a test does.

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use serde_json::Value;
use switchboard::ports::relay::{Posted, Presence, Relay};
use switchboard::protocol::Role;
use switchboard::trail::Logged;
use switchboard::{Clock as _, Connection, ConnectionId, Gateway, PushText, Session, Tally};
use switchboard_handlers::aws::push::{Applications, SnsPush};
use switchboard_handlers::aws::roll::DynamoRoll;
use switchboard_handlers::aws::store::{DynamoStore, Tables, settings};
use switchboard_handlers::deliver;
use switchboard_local::engine::{Durability, Engine, Faults, Place};
use switchboard_local::sns::Sns;
use switchboard_local::template;
use tempfile::TempDir;

use crate::clock::TestClock;
use crate::events;
use crate::faults::Wire;
use crate::gate::Gate;

const DAY_MS: u64 = 86_400_000;

/// The gateway, and everything that it works through.
#[derive(Debug)]
pub struct Bare {
    /// The gateway.
    pub gateway: Gateway,
    /// The time.
    pub clock: Arc<TestClock>,
    /// What goes over the wire to the tables.
    pub wire: Arc<Wire>,
    /// The way to connections.
    pub relay: Arc<BareRelay>,
    /// The way to phones.
    pub sns: Sns,
    client: aws_sdk_dynamodb::Client,
    directory: TempDir,
}

/// A relay that takes every post, once its gate lets it.
#[derive(Debug, Default)]
pub struct BareRelay {
    gate: Mutex<Option<Arc<Gate>>>,
    taken: Mutex<Vec<(String, Value)>>,
}

impl BareRelay {
    /// From now on posts have to pass a gate.
    pub fn bar(&self, gate: &Arc<Gate>) {
        *self.gate.lock().unwrap() = Some(Arc::clone(gate));
    }

    /// The posts that were taken, each with its connection.
    pub fn taken(&self) -> Vec<(String, Value)> {
        self.taken.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Relay for BareRelay {
    async fn post(&self, connection: &Connection, frame: &str) -> Posted {
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.pass("post").await;
        }
        let frame = serde_json::from_str(frame).unwrap();
        let taken = (connection.id.as_str().to_owned(), frame);
        self.taken.lock().unwrap().push(taken);
        Posted::Delivered
    }

    async fn close(&self, _connection: &Connection) {
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.pass("close").await;
        }
    }

    async fn presence(&self, _connection: &Connection) -> Presence {
        Presence::Open
    }
}

impl Bare {
    /// A gateway with empty tables.
    pub fn open() -> Self {
        let directory = TempDir::with_prefix("switchboard-bare-").unwrap();
        Self::on(directory, Arc::default())
    }

    fn on(directory: TempDir, clock: Arc<TestClock>) -> Self {
        let place = Place::Directory(directory.path().to_owned());
        let engine = Engine::open(&place, Durability::Process).expect("failed to open the engine");
        let tables = template::tables().expect("failed to read the template");
        engine
            .ensure_tables(&[tables.chat, tables.connections])
            .expect("failed to make the tables");
        let wire = Arc::new(Wire::default());
        let (relay, sns) = (Arc::new(BareRelay::default()), Sns::new());
        let client = client(&engine, &wire);
        let gateway = Gateway {
            store: Arc::new(store(client.clone())),
            relay: Arc::clone(&relay) as _,
            push: Arc::new(push(&sns)),
            clock: Arc::clone(&clock) as _,
            trail: Arc::new(Logged),
            endpoint: "http://bare.invalid".into(),
            push_text: PushText::Generic,
        };
        Self {
            gateway,
            clock,
            wire,
            relay,
            sns,
            client,
            directory,
        }
    }

    /// The session of a user's device: its connection is called like the device.
    pub fn session(&self, user: &str, role: Role, device: &str) -> Session {
        let now = self.clock.now_ms();
        Session {
            user: user.parse().unwrap(),
            role,
            device: Some(device.parse().unwrap()),
            connection: ConnectionId::new(device),
            connected_at: now,
            expires_at: now + DAY_MS,
        }
    }

    /// Connects a device.
    pub async fn connect(&self, session: &Session) {
        let entrance = self.gateway.connect(session, &mut Tally::default()).await;
        entrance.expect("failed to connect");
    }

    /// Does what a frame asks for and returns the answer; null where there is none.
    pub async fn ask(&self, session: &Session, frame: Value) -> Value {
        let answer = self.gateway.message(session, &frame.to_string()).await;
        answer.frame.map_or(Value::Null, |frame| {
            serde_json::from_str(&frame.to_json()).unwrap()
        })
    }

    /// Runs `deliver` on a stream's event and returns its answer.
    pub async fn deliver(&self, event: &str) -> Value {
        let event = serde_json::from_str(event).unwrap();
        let failures = deliver::handle(&self.gateway, &event, &mut Tally::default()).await;
        serde_json::to_value(&failures).unwrap()
    }

    /// The stream's event for all entries that were put since the wire was told to forget.
    pub fn stream(&self) -> String {
        events::stream(&self.wire.observed())
    }

    /// All rows of connections, as the census reads them.
    pub fn roll(&self) -> DynamoRoll {
        DynamoRoll::new(self.client.clone(), template::CONNECTIONS.to_owned())
    }

    /// How long the log of the engine's file is: it grows until some megabytes are copied into the file.
    pub fn log_bytes(&self) -> u64 {
        let log = self.directory.path().join("switchboard.db-wal");
        log.metadata().unwrap().len()
    }

    /// The same gateway on tables that were filled faster than requests can: by the engine's file, while nobody has it.
    #[must_use]
    pub fn filled(self, fill: impl FnOnce(rusqlite::Connection)) -> Self {
        let Self {
            gateway,
            clock,
            client,
            directory,
            ..
        } = self;
        drop((gateway, client));
        let file = directory.path().join("switchboard.db");
        fill(rusqlite::Connection::open(file).unwrap());
        Self::on(directory, clock)
    }
}

fn credentials() -> Credentials {
    Credentials::from_keys("local", "local", None)
}

fn client(engine: &Engine, wire: &Arc<Wire>) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
    let builder = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .endpoint_url("http://engine.invalid")
        .credentials_provider(credentials())
        .http_client(engine.http_client_with(Arc::clone(wire) as Arc<dyn Faults>));
    aws_sdk_dynamodb::Client::from_conf(settings(builder).build())
}

fn store(client: aws_sdk_dynamodb::Client) -> DynamoStore {
    let tables = Tables {
        chat: template::CHAT.to_owned(),
        connections: template::CONNECTIONS.to_owned(),
    };
    DynamoStore::new(client, tables)
}

fn push(sns: &Sns) -> SnsPush {
    use aws_sdk_sns::config::{BehaviorVersion, Region};
    let builder = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .endpoint_url("http://sns.invalid")
        .credentials_provider(credentials())
        .http_client(sns.http_client());
    let fcm = Some("arn:aws:sns:local:000000000000:app/GCM/switchboard".to_owned());
    let applications = Applications {
        fcm,
        ..Applications::default()
    };
    SnsPush::new(builder, applications)
}
