//! The layers, each with what it needs prepared before it is measured and checked after.

use std::hint::black_box;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector as _, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use clap::ValueEnum;
use switchboard::log::LogEntry;
use switchboard::ports::relay::{Posted, Relay as _};
use switchboard::ports::store::{Appended, Connections as _, Log as _};
use switchboard::protocol::event::{Event, Sent};
use switchboard::protocol::{ClientFrame, ServerFrame, UserId};
use switchboard::{Connection, Gateway};
use switchboard_handlers::aws::relay::ManagementRelay;
use switchboard_handlers::aws::store::DynamoStore;
use switchboard_handlers::event::{Response, WebSocketEvent};
use switchboard_tests::{Observed, events};

use super::canned::Canned;
use super::memory::{Memory, Taken};
use super::recorder::Exchange;
use super::world::{self, World, deliver, invoke};

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Layer {
    /// `message` for a send: event's text in, answer's text out, on the engine.
    Send,
    /// The same without the SDK between: as one machine has it.
    Direct,
    /// The event and the frame in it, from text.
    Decode,
    /// The entry, the answer and the function's response, to text.
    Encode,
    /// `message` over tables in memory: decode, decide, encode.
    Decide,
    /// The four requests and the post through the store, the relay and the SDK, answered at once.
    Sdk,
    /// … the end of the log alone.
    SdkTail,
    /// … a user's connections alone.
    SdkConnections,
    /// … the put alone.
    SdkPut,
    /// … the post alone.
    SdkPost,
    /// The four requests, from JSON to JSON.
    Engine,
    /// … the end of the log alone.
    EngineTail,
    /// … a user's connections alone.
    EngineConnections,
    /// … the put alone.
    EnginePut,
    /// `message` for a receipt that moves a mark.
    Receipt,
    /// `deliver` for an entry that was confirmed.
    Deliver,
}

/// One layer's work, prepared.
#[derive(Debug)]
pub enum Batch {
    /// What functions are called with.
    Events(Vec<String>),
    /// What the engine is asked.
    Requests(Vec<HttpRequest>),
    /// The same again.
    Times(usize),
}

/// Everything that the layers are made of.
#[derive(Debug)]
pub struct Layers {
    world: World,
    /// A send, as the tables were asked for it.
    exchanges: Vec<Exchange>,
    decide: Gateway,
    direct: Gateway,
    canned: DynamoStore,
    relay: ManagementRelay,
    engine: SharedHttpConnector,
    /// The next place in the log that the engine's own puts go to.
    spare_seq: u64,
    entry: LogEntry,
    sent: ServerFrame,
    frame: String,
    users: [UserId; 2],
    connection: Connection,
}

impl Layers {
    /// A world, and a send taken apart.
    pub async fn open() -> Self {
        let mut world = World::open().await;
        let exchanges = world.send_noted().await;
        assert_eq!(exchanges.len(), 4, "a send asks the tables four times");
        let store = &world.gateway.store;
        let conversation = world.talk.conversation.parse().unwrap();
        let tail = store.tail(&conversation).await.unwrap().unwrap();
        let users: [UserId; 2] = ["alice", "bob"].map(|it| it.parse().unwrap());
        let mut memory = Memory {
            tail: tail.clone(),
            connections: std::collections::BTreeMap::new(),
        };
        for user in &users {
            let mut connections = store.connections(user).await.unwrap();
            for connection in &mut connections {
                connection.expires_at = u64::MAX;
            }
            memory.connections.insert(user.clone(), connections);
        }
        let connection = memory.connections[&users[1]][0].clone();
        let decide = Gateway {
            store: Arc::new(memory),
            relay: Arc::new(Taken),
            ..world.gateway.clone()
        };
        let direct = Gateway {
            store: Arc::new(world.direct_store()),
            relay: Arc::new(Taken),
            ..world.gateway.clone()
        };
        let settings = HttpConnectorSettings::builder().build();
        let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
        let http = world.engine.http_client();
        let entry = tail.newest[0].clone();
        Self {
            canned: world::store(SharedHttpClient::new(Canned::of(exchanges.clone()))),
            relay: world::relay(),
            engine: http.http_connector(&settings, &components),
            spare_seq: 1,
            sent: sent(&entry),
            frame: Event::Entry(entry.to_fields()).unasked().to_json(),
            world,
            exchanges,
            decide,
            direct,
            entry,
            users,
            connection,
        }
    }

    /// Everything that a layer takes in, for so many messages.
    pub async fn prepare(&mut self, layer: Layer, messages: usize) -> Batch {
        self.world.connect().await;
        let next = self.world.talk.last + 1;
        let upto = next + messages as u64;
        match layer {
            Layer::Send | Layer::Direct => {
                Batch::Events((next..upto).map(|it| self.world.talk.send(it)).collect())
            }
            // Nothing is stored, so that it is always the same message.
            Layer::Decode | Layer::Decide => {
                let seq = self.entry.seq + 1;
                Batch::Events((0..messages).map(|_| self.world.talk.send(seq)).collect())
            }
            Layer::Receipt => {
                for _ in 0..messages {
                    self.world.send().await;
                }
                Batch::Events((next..upto).map(|it| self.world.talk.receipt(it)).collect())
            }
            Layer::Deliver => {
                let mut events = Vec::new();
                for _ in 0..messages {
                    let exchanges = self.world.send_noted().await;
                    events.push(events::stream(&observed(exchanges)));
                }
                // Its `after` confirms the last of them.
                self.world.send().await;
                Batch::Events(events)
            }
            Layer::Engine | Layer::EngineTail | Layer::EngineConnections | Layer::EnginePut => {
                Batch::Requests(self.requests(layer, messages))
            }
            Layer::Encode
            | Layer::Sdk
            | Layer::SdkTail
            | Layer::SdkConnections
            | Layer::SdkPut
            | Layer::SdkPost => Batch::Times(messages),
        }
    }

    fn requests(&mut self, layer: Layer, messages: usize) -> Vec<HttpRequest> {
        let mut requests = Vec::new();
        for _ in 0..messages {
            for exchange in &self.exchanges {
                let put = exchange.operation == "PutItem";
                let tail = !put && exchange.request.contains("\"C#");
                let asked = match layer {
                    Layer::EngineTail => tail,
                    Layer::EnginePut => put,
                    Layer::EngineConnections => exchange.request.contains("U#alice"),
                    _ => true,
                };
                if !asked {
                    continue;
                }
                let mut body = exchange.request.clone();
                if put {
                    body = self.spare(&body);
                    self.spare_seq += 1;
                }
                requests.push(request(&exchange.operation, body));
            }
        }
        requests
    }

    /// The same put, to a log that nobody reads: the conversation goes on as if nothing had happened.
    fn spare(&self, body: &str) -> String {
        let place = format!("E#{:012}", self.entry.seq);
        assert!(body.contains(&place), "{body}");
        body.replace(&self.world.talk.conversation, "01M82EAW1YQZZPSY4WDE1WCZ4F")
            .replace(&place, &format!("E#{:012}", self.spare_seq))
    }

    /// What is measured.
    pub async fn run(&mut self, layer: Layer, batch: Batch) -> Vec<String> {
        match batch {
            Batch::Events(events) => self.run_events(layer, events).await,
            Batch::Requests(requests) => {
                for request in requests {
                    let answer = self.engine.call(request).await.expect("an answer");
                    assert_eq!(answer.status().as_u16(), 200);
                }
                Vec::new()
            }
            Batch::Times(times) => {
                for _ in 0..times {
                    self.once(layer).await;
                }
                Vec::new()
            }
        }
    }

    async fn run_events(&self, layer: Layer, events: Vec<String>) -> Vec<String> {
        let mut responses = Vec::with_capacity(events.len());
        for event in events {
            match layer {
                Layer::Decode => {
                    let event: WebSocketEvent = serde_json::from_str(&event).unwrap();
                    black_box(event.session().expect("a session"));
                    black_box(ClientFrame::parse(event.body()).expect("a frame"));
                }
                Layer::Decide => responses.push(invoke(&self.decide, &event).await),
                Layer::Direct => {
                    self.world.clock.step();
                    responses.push(invoke(&self.direct, &event).await);
                }
                Layer::Deliver => responses.push(deliver(&self.world.gateway, &event).await),
                _ => {
                    self.world.clock.step();
                    responses.push(invoke(&self.world.gateway, &event).await);
                }
            }
        }
        responses
    }

    async fn once(&self, layer: Layer) {
        match layer {
            Layer::Encode => {
                black_box(Event::Entry(self.entry.to_fields()).unasked().to_json());
                let response = Response::frame(Some(self.sent.to_json()));
                black_box(serde_json::to_string(&response).unwrap());
            }
            Layer::SdkTail => self.tail().await,
            Layer::SdkConnections => self.connections(&self.users[0]).await,
            Layer::SdkPut => self.put().await,
            Layer::SdkPost => self.post().await,
            _ => {
                self.tail().await;
                self.connections(&self.users[0]).await;
                self.put().await;
                self.connections(&self.users[1]).await;
                self.post().await;
            }
        }
    }

    async fn tail(&self) {
        let tail = self.canned.tail(&self.entry.conversation).await;
        black_box(tail.unwrap().expect("a conversation"));
    }

    async fn connections(&self, user: &UserId) {
        black_box(self.canned.connections(user).await.unwrap());
    }

    async fn put(&self) {
        let appended = self.canned.append(&self.entry).await;
        assert_eq!(appended.unwrap(), Appended::Stored);
    }

    async fn post(&self) {
        let posted = self.relay.post(&self.connection, &self.frame).await;
        assert_eq!(posted, Posted::Delivered);
    }

    /// That it was really done.
    pub fn check(&mut self, layer: Layer, responses: &[String]) {
        for response in responses {
            match layer {
                Layer::Send | Layer::Direct => self.world.talk.sent(response),
                Layer::Decide => assert!(response.contains("sent"), "{response}"),
                Layer::Receipt => assert_eq!(response, r#"{"statusCode":200}"#),
                _ => assert_eq!(response, r#"{"batchItemFailures":[]}"#),
            }
        }
    }
}

fn sent(entry: &LogEntry) -> ServerFrame {
    ServerFrame {
        reference: Some("17".parse().unwrap()),
        event: Event::Sent(Sent {
            conversation: entry.conversation.clone(),
            id: entry.id.clone(),
            seq: entry.seq,
            ts: entry.ts,
            duplicate: false,
        }),
    }
}

fn request(operation: &str, body: String) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from(body));
    let target = format!("DynamoDB_20120810.{operation}");
    request.headers_mut().insert("x-amz-target", target);
    request
}

fn observed(exchanges: Vec<Exchange>) -> Vec<Observed> {
    let observed = exchanges.into_iter().map(|it| Observed {
        operation: it.operation,
        request: serde_json::from_str(&it.request).unwrap(),
        status: 200,
        answer: serde_json::Value::Null,
        has_time: false,
    });
    observed.collect()
}
