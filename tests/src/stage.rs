//! The whole gateway on a free port.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use switchboard::{Clock, PushText};
use switchboard_local::apigw::Limits;
use switchboard_local::engine::{Durability, Faults, Place};
use switchboard_local::host::{Host, Options};
use switchboard_local::http::Reach;
use switchboard_local::issuer::{TokenRequest, TokenUse};

use crate::actor::{Actor, Refused};
use crate::clock::TestClock;
use crate::faults::Wire;

/// What a play needs that is not as usual.
#[derive(Debug, Default)]
pub struct Setting {
    /// The bounds of the API Gateway stand-in.
    pub limits: Limits,
    /// What a push says.
    pub push_text: PushText,
    /// Where data is kept; a temporary directory where nothing is said.
    pub directory: Option<std::path::PathBuf>,
    /// How often a census is taken; where nothing is said, when the test takes one.
    pub census_ms: Option<u64>,
    /// How long after a write the stream is read: at once where nothing is said.
    pub stream_poll_ms: u64,
}

/// The whole gateway, its clock, and the wire to its tables.
#[derive(Debug)]
pub struct Stage {
    host: Host,
    /// The time, which stands still until the test moves it.
    pub clock: Arc<TestClock>,
    /// What goes over the wire to the tables, and what goes wrong there.
    pub wire: Arc<Wire>,
}

impl Stage {
    /// The usual stage.
    pub async fn open() -> Self {
        Self::set(Setting::default()).await
    }

    /// A stage with something unusual.
    pub async fn set(setting: Setting) -> Self {
        let (clock, wire) = (Arc::new(TestClock::default()), Arc::new(Wire::default()));
        let options = Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            place: setting.directory.map_or(Place::Memory, Place::Directory),
            durability: Durability::Process,
            reach: Reach::Loopback,
            operator_token: None,
            limits: setting.limits,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            push_text: setting.push_text,
            census_ms: setting.census_ms,
            stream_poll_ms: setting.stream_poll_ms,
            prices: None,
            faults: Some(Arc::clone(&wire) as Arc<dyn Faults>),
        };
        let host = Host::start(options)
            .await
            .expect("failed to start the host");
        Self { host, clock, wire }
    }

    /// A stage on a directory.
    pub async fn on(directory: &Path) -> Self {
        let directory = Some(directory.to_owned());
        Self::set(Setting {
            directory,
            ..Setting::default()
        })
        .await
    }

    /// The host itself.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// A token for a user, valid for a day.
    pub fn token(&self, user: &str, role: &str) -> String {
        self.token_for(user, role, 86_400)
    }

    /// A token for a user, valid for so many seconds.
    pub fn token_for(&self, user: &str, role: &str, expires_s: u64) -> String {
        let request = TokenRequest {
            user: user.to_owned(),
            role: role.to_owned(),
            expires_s,
            token_use: TokenUse::Id,
            jti: self.clock.dice(),
        };
        let now_s = self.clock.now_ms() / 1_000;
        self.host
            .site()
            .issuer
            .token(now_s, &request)
            .expect("failed to sign a token")
    }

    /// A connected customer.
    pub async fn customer(&self, user: &str, device: &str) -> Actor {
        self.connect(user, "customer", device).await
    }

    /// A connected provider.
    pub async fn provider(&self, user: &str, device: &str) -> Actor {
        self.connect(user, "provider", device).await
    }

    /// A connected user of any role.
    pub async fn connect(&self, user: &str, role: &str, device: &str) -> Actor {
        let token = self.token(user, role);
        let query = format!("device={device}");
        self.handshake(&query, &[("authorization", &format!("Bearer {token}"))])
            .await
            .unwrap_or_else(|refused| panic!("{user} was refused: {refused:?}"))
    }

    /// A handshake as the test writes it: the query, without `?`, and headers.
    pub async fn handshake(&self, query: &str, headers: &[(&str, &str)]) -> Result<Actor, Refused> {
        Actor::connect(self.address(), query, headers).await
    }

    /// An HTTP GET of the host's, as JSON.
    pub async fn get_json(&self, path: &str) -> Value {
        let text = self.get_text(path).await;
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} is not JSON: {text}"))
    }

    /// An HTTP GET of the host's, as text.
    pub async fn get_text(&self, path: &str) -> String {
        use http_body_util::{BodyExt as _, Empty};
        use hyper_util::client::legacy::Client;
        use hyper_util::rt::TokioExecutor;
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
        let uri = format!("http://{}{path}", self.address()).parse().unwrap();
        let response = client.get(uri).await.expect("failed to ask the host");
        let body = response
            .into_body()
            .collect()
            .await
            .expect("failed to read the answer");
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    /// The push inbox of a user, newest first.
    pub async fn pushes(&self, user: &str) -> Vec<Value> {
        let pushes = self.get_json(&format!("/_local/pushes?user={user}")).await;
        pushes.as_array().unwrap().clone()
    }

    /// Waits until `deliver` has dealt with everything that is stored. Whoever waits for the grace has to let it pass first.
    pub async fn delivered(&self) {
        self.host
            .delivery()
            .drained()
            .await
            .expect("the outbox was shut down");
    }

    /// The newest connection of a user's device.
    pub fn connection_id(&self, user: &str, device: &str) -> String {
        let (pk, sk) = (format!("U#{user}"), format!("D#{device}"));
        let observed = self.wire.observed();
        let rows = observed.iter().rev().map(|it| &it.request["Item"]);
        rows.filter(|row| row["pk"]["S"] == pk.as_str() && row["sk"]["S"] == sk.as_str())
            .find_map(|row| row["connection_id"]["S"].as_str())
            .expect("no such connection was written")
            .to_owned()
    }

    /// A user's device leaves; when this returns, its connection's row is gone.
    pub async fn leaves(&self, user: &str, actor: Actor) {
        let pk = format!("\"U#{user}\"");
        let before = self.wire.count("DeleteItem", &pk);
        actor.leave().await;
        self.wire
            .saw(before + 1, |it| it.is("DeleteItem", &pk))
            .await;
    }

    /// Strikes the stage: everything that is in flight ends. Time flies meanwhile, so that nobody who lingers is waited for.
    pub async fn close(self) {
        let Self { host, clock, .. } = self;
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(1));
        let time_flies = async {
            loop {
                ticks.tick().await;
                clock.advance(1_000);
            }
        };
        tokio::select! {
            () = host.stop() => {}
            () = time_flies => {}
        }
    }
}
