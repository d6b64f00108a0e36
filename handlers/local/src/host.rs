//! Everything wired together: the gateway, its functions, and a stand-in for each service around them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use switchboard::auth::{KeyRing, Trust, Verifier};
use switchboard::census::Census;
use switchboard::ports::keys::{IssuerKeys, KeySource};
use switchboard::ports::relay::Relay;
use switchboard::{Clock, Gateway, PushText, Unavailable};
use switchboard_handlers::aws::push::{Applications, SnsPush};
use switchboard_handlers::aws::relay::ManagementRelay;
use switchboard_handlers::aws::roll::DynamoRoll;
use switchboard_handlers::aws::store::{DynamoStore, Tables as TableNames, Transport};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::apigw::{ApiGateway, Limits};
use crate::engine::{Durability, Engine, Faults, Place};
use crate::functions::{Delivery, LocalFunctions};
use crate::http::{OperatorToken, Reach, Site};
use crate::issuer::{Audience, Issuer};
use crate::meter::{CENSUS, DELIVER, PriceError, Prices};
use crate::outbox::{Outbox, Progress};
use crate::pushes::PushInbox;
use crate::relay::DirectRelay;
use crate::sns::Sns;
use crate::trails::Trails;
use crate::{http, template, wire};

/// The stage of the local WebSocket API.
pub const STAGE: &str = "local";
/// How long after a write the stream is read where time is real: Lambda's mapping polls four times a second.
pub const STREAM_POLL_MS: u64 = 250;
/// How long requests that are under way may take once the host stops.
const STOP_MS: u64 = 2_000;

/// How to run a host.
#[derive(Debug)]
pub struct Options {
    /// Where to listen; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// Where data is kept.
    pub place: Place,
    /// What a commit survives.
    pub durability: Durability,
    /// Who may ask for tokens and pushes.
    pub reach: Reach,
    /// What opens the operator's doors to others.
    pub operator_token: Option<OperatorToken>,
    /// The bounds of the API Gateway stand-in.
    pub limits: Limits,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// What a push says.
    pub push_text: PushText,
    /// How often the connections are counted and dead ones removed; `None` where nothing is to happen by itself.
    pub census_ms: Option<u64>,
    /// How long after a write the stream is read.
    pub stream_poll_ms: u64,
    /// What everything costs, in a file; otherwise by the table that is built in.
    pub prices: Option<PathBuf>,
    /// What goes wrong on the way to the tables.
    pub faults: Option<Arc<dyn Faults>>,
}

/// Why a host does not start. Reads on after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not one of this machine.
    #[error("listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory.
    #[error("open the data directory")]
    Open(#[from] crate::engine::OpenError),
    /// The tables.
    #[error("make the tables")]
    Tables(#[from] crate::engine::EngineError),
    /// The tables' stream.
    #[error("read the stream")]
    Stream(#[from] crate::engine::StreamError),
    /// The issuer's key.
    #[error("open the issuer")]
    Issuer(#[from] crate::issuer::IssuerError),
    /// The price table.
    #[error("know the prices")]
    Prices(#[from] PriceError),
    /// The templates that are part of this program.
    #[error("read the templates")]
    Template(#[from] template::TemplateError),
}

/// A running host. It stops when it is told to; dropped, it is cut off where it stands.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    site: Arc<Site>,
    sns: Sns,
    front: wire::Front,
    stop: CancellationToken,
    stop_outbox: CancellationToken,
    server: JoinSet<()>,
    outbox: JoinSet<()>,
}

impl Host {
    /// Starts everything. When it returns, the host is ready.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // The port first: a second host must change nothing in the data directory.
        let listen = options.listen;
        let refused = |source| StartError::Listen {
            address: listen,
            source,
        };
        let prices = Prices::load(options.prices.as_deref())?;
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let engine = Engine::open(&options.place, options.durability)?;
        let issuer = Arc::new(open_issuer(&options.place)?);
        let tables = template::tables()?;
        engine.ensure_tables(std::slice::from_ref(&tables.chat))?;
        // Connections of an earlier run are gone, whatever the table says.
        engine.renew_table(&tables.connections)?;
        // What goes wrong on the wire can go wrong on a wire alone.
        let transport = options.faults.is_none().then(|| engine.transport());
        let dynamodb = dynamodb(&engine, options.faults);
        let sns = Sns::new();
        let pushes = Arc::new(push_inbox(&sns, &options.clock));
        let front = wire::Front::default();
        let trails = Arc::new(Trails::new(&options.clock));
        let gateway = Gateway {
            relay: relay(&front, transport.is_some()),
            store: Arc::new(store(dynamodb.clone(), transport)),
            push: Arc::clone(&pushes) as _,
            clock: Arc::clone(&options.clock),
            trail: Arc::clone(&trails) as _,
            endpoint: format!("http://{address}/{STAGE}").into(),
            push_text: options.push_text,
        };
        let functions = functions(gateway, dynamodb, &issuer);
        let api = api(options.limits, &functions, &options.clock, address)?;
        front.is(Some(api.clone()));
        let stream = engine.stream(template::CHAT)?;
        let clock = Arc::clone(&options.clock);
        let delivery = Arc::new(delivery(&functions, &api, &clock));
        let outbox = Outbox::open(stream, delivery, clock)
            .await?
            .polling_after(options.stream_poll_ms);
        let site = Arc::new(Site {
            api,
            functions,
            issuer,
            pushes,
            outbox: outbox.progress(),
            trails,
            clock: options.clock,
            reach: options.reach,
            operator_token: options.operator_token,
            prices,
            memory_mb: template::memory_mb()?,
        });
        let mut host = Self {
            address,
            site,
            sns,
            front,
            stop: CancellationToken::new(),
            stop_outbox: CancellationToken::new(),
            server: JoinSet::new(),
            outbox: JoinSet::new(),
        };
        host.outbox.spawn(outbox.run(host.stop_outbox.clone()));
        host.count_connections(options.census_ms);
        host.serve(listener);
        Ok(host)
    }

    /// The schedule of the census.
    fn count_connections(&mut self, every_ms: Option<u64>) {
        let Some(every_ms) = every_ms else {
            return;
        };
        let (site, stop) = (Arc::clone(&self.site), self.stop.clone());
        self.server.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = site.clock.sleep(every_ms) => {}
                }
                let account = site.api.meter().account(CENSUS);
                account.pays(&*site.clock, site.functions.census()).await;
            }
        });
    }

    fn serve(&mut self, listener: TcpListener) {
        // A chat's frames are small and wanted now.
        let listener = listener.tap_io(|io| {
            if let Err(error) = io.set_nodelay(true) {
                tracing::debug!(%error, "a socket was gone before it was set up");
            }
        });
        let router = http::router(&self.site);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let stopped = self.stop.clone().cancelled_owned();
        self.server.spawn(async move {
            let served = axum::serve(listener, service)
                .with_graceful_shutdown(stopped)
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the listener failed");
            }
        });
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it serves beside the WebSocket API, and the stand-ins behind it.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The SNS stand-in.
    pub fn sns(&self) -> &Sns {
        &self.sns
    }

    /// How far delivery has come.
    pub fn delivery(&self) -> &Progress {
        &self.site.outbox
    }

    /// Stops cleanly: no new connections, 1001 to those that are open, then what is in flight.
    pub async fn stop(mut self) {
        self.stop.cancel();
        self.site.api.shutdown().await;
        self.stop_outbox.cancel();
        while self.outbox.join_next().await.is_some() {}
        let bound = Duration::from_millis(STOP_MS);
        let served = async { while self.server.join_next().await.is_some() {} };
        if tokio::time::timeout(bound, served).await.is_err() {
            tracing::debug!("requests that took too long were cut off");
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.front.is(None);
    }
}

fn functions(
    gateway: Gateway,
    dynamodb: aws_sdk_dynamodb::Client,
    issuer: &Arc<Issuer>,
) -> Arc<LocalFunctions> {
    let census = Census {
        roll: Arc::new(roll(dynamodb)),
        relay: Arc::clone(&gateway.relay),
        clock: Arc::clone(&gateway.clock),
    };
    let verifier = verifier(issuer, &gateway.clock);
    LocalFunctions::new(gateway, verifier, census)
}

fn delivery(functions: &Arc<LocalFunctions>, api: &ApiGateway, clock: &Arc<dyn Clock>) -> Delivery {
    Delivery {
        functions: Arc::clone(functions),
        account: Arc::clone(api.meter().account(DELIVER)),
        clock: Arc::clone(clock),
    }
}

fn open_issuer(place: &Place) -> Result<Issuer, crate::issuer::IssuerError> {
    let directory = match place {
        Place::Directory(directory) => Some(directory.as_path()),
        Place::Memory => None,
    };
    Issuer::open(directory, Audience::default())
}

fn api(
    limits: Limits,
    functions: &Arc<LocalFunctions>,
    clock: &Arc<dyn Clock>,
    address: SocketAddr,
) -> Result<ApiGateway, template::TemplateError> {
    let functions = Arc::clone(functions) as _;
    let (clock, domain_name) = (Arc::clone(clock), address.to_string());
    let routes = template::routes(STAGE)?;
    Ok(ApiGateway::new(
        routes,
        limits,
        functions,
        clock,
        domain_name,
    ))
}

fn dynamodb(engine: &Engine, faults: Option<Arc<dyn Faults>>) -> aws_sdk_dynamodb::Client {
    wire::dynamodb(match faults {
        Some(faults) => engine.http_client_with(faults),
        None => engine.http_client(),
    })
}

fn roll(dynamodb: aws_sdk_dynamodb::Client) -> DynamoRoll {
    DynamoRoll::new(dynamodb, template::CONNECTIONS.to_owned())
}

/// The way to live connections: as AWS has it, or without a wire.
fn relay(front: &wire::Front, is_direct: bool) -> Arc<dyn Relay> {
    if is_direct {
        Arc::new(DirectRelay::new(front.clone()))
    } else {
        Arc::new(ManagementRelay::new(wire::management(front.clone())))
    }
}

fn store(dynamodb: aws_sdk_dynamodb::Client, transport: Option<Arc<dyn Transport>>) -> DynamoStore {
    let tables = TableNames {
        chat: template::CHAT.to_owned(),
        connections: template::CONNECTIONS.to_owned(),
    };
    let store = DynamoStore::new(dynamodb, tables);
    match transport {
        Some(transport) => store.over(transport),
        None => store,
    }
}

fn push_inbox(sns: &Sns, clock: &Arc<dyn Clock>) -> PushInbox {
    let application = |name: &str| {
        Some(format!(
            "arn:aws:sns:local:000000000000:app/{name}/switchboard"
        ))
    };
    let applications = Applications {
        apns: application("APNS"),
        apns_sandbox: application("APNS_SANDBOX"),
        fcm: application("GCM"),
    };
    let adapter = SnsPush::new(wire::sns(sns.http_client()), applications);
    PushInbox::new(adapter, Arc::clone(clock))
}

fn verifier(issuer: &Arc<Issuer>, clock: &Arc<dyn Clock>) -> Verifier {
    let audience = issuer.audience();
    let trust = Trust {
        issuers: vec![audience.issuer.clone()],
        audiences: vec![audience.client.clone()],
    };
    let keys = KeyRing::new(Arc::new(OwnKeys(Arc::clone(issuer))), Arc::clone(clock));
    Verifier::new(trust, keys, Arc::clone(clock))
}

/// The issuer's keys, without the way over its own URL.
#[derive(Debug)]
struct OwnKeys(Arc<Issuer>);

#[async_trait::async_trait]
impl KeySource for OwnKeys {
    async fn fetch(&self) -> Result<Vec<IssuerKeys>, Unavailable> {
        let issuer = self.0.audience().issuer.clone();
        Ok(vec![IssuerKeys {
            issuer,
            jwks_json: self.0.jwks().to_string(),
        }])
    }
}
