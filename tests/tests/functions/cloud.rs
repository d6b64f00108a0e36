//! What functions find behind their endpoints: DynamoDB, SNS, Secrets Manager, the management API, an issuer, an answer
//! box; all on one port.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post, put};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use switchboard_local::engine::{Durability, Engine, Place};
use switchboard_local::issuer::{Audience, Issuer, TokenRequest, TokenUse};
use switchboard_local::sns::Sns;
use switchboard_local::template;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::platform::Platform;
use crate::tap::{Tap, dynamodb_client, sns_connector};

/// The app's client at the issuer.
pub(crate) const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";

/// Everything, and what was asked of it.
pub(crate) struct Cloud {
    pub(crate) address: SocketAddr,
    pub(crate) sns: Sns,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) platform: Arc<Platform>,
    state: Arc<Services>,
    _server: JoinSet<()>,
}

/// What the routes look at.
struct Services {
    dynamodb: SharedHttpConnector,
    sns: SharedHttpConnector,
    issuer: Arc<Issuer>,
    platform: Arc<Platform>,
    log: Mutex<Vec<Call>>,
    gone: Mutex<BTreeSet<String>>,
    broken: AtomicBool,
    issuer_down: AtomicBool,
}

/// A request to DynamoDB or to the management API.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `PutItem`, …, or `POST` and `DELETE` of a connection.
    pub(crate) operation: String,
    /// The connection; empty for DynamoDB.
    pub(crate) connection: String,
    pub(crate) body: Value,
}

impl Cloud {
    pub(crate) async fn open() -> Self {
        let engine = Engine::open(&Place::Memory, Durability::Process).unwrap();
        let tables = template::tables().unwrap();
        engine
            .ensure_tables(&[tables.chat, tables.connections])
            .unwrap();
        let tap = Tap::on(engine.http_client());
        let dynamodb = dynamodb_client(tap.clone());
        let asked = dynamodb
            .describe_table()
            .table_name(template::CHAT)
            .send()
            .await;
        asked.expect("the table is there");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let audience = Audience {
            issuer: format!("http://{address}/pool"),
            client: CLIENT.to_owned(),
        };
        let issuer = Arc::new(Issuer::open(None, audience).unwrap());
        let sns = Sns::new();
        let platform = Arc::new(Platform::default());
        let state = Arc::new(Services {
            dynamodb: tap.connector(),
            sns: sns_connector(&sns).await,
            issuer: Arc::clone(&issuer),
            platform: Arc::clone(&platform),
            log: Mutex::default(),
            gone: Mutex::default(),
            broken: AtomicBool::new(false),
            issuer_down: AtomicBool::new(false),
        });
        let router = Router::new()
            .route("/", post(service))
            .route("/pool/.well-known/jwks.json", get(jwks))
            .route("/box", put(answer))
            .route("/live/@connections/{id}", any(connection))
            .route("/live/%40connections/{id}", any(connection))
            .with_state(Arc::clone(&state));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            sns,
            issuer,
            dynamodb,
            platform,
            state,
            _server: server,
        }
    }

    /// A token of the issuer's, valid for an hour, for a user in one group.
    pub(crate) fn token(&self, user: &str, group: &str) -> String {
        let request = TokenRequest {
            user: user.to_owned(),
            role: group.to_owned(),
            expires_s: 3_600,
            token_use: TokenUse::Id,
            jti: 7,
        };
        self.issuer.token(now_ms() / 1_000, &request).unwrap()
    }

    /// The requests so far, of one operation.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call> {
        let log = self.state.log.lock().unwrap();
        log.iter()
            .filter(|it| it.operation == operation)
            .cloned()
            .collect()
    }

    /// What was posted to a connection.
    pub(crate) fn posts(&self, connection: &str) -> Vec<Value> {
        let posts = self.calls("POST").into_iter();
        posts
            .filter(|it| it.connection == connection)
            .map(|it| it.body)
            .collect()
    }

    /// From now on posts to this connection are answered 410.
    pub(crate) fn lose(&self, connection: &str) {
        self.state
            .gone
            .lock()
            .unwrap()
            .insert(connection.to_owned());
    }

    /// Whether DynamoDB answers 500 to everything.
    pub(crate) fn break_dynamodb(&self, broken: bool) {
        self.state.broken.store(broken, Ordering::Relaxed);
    }

    /// Whether the issuer answers 503.
    pub(crate) fn take_issuer_down(&self, down: bool) {
        self.state.issuer_down.store(down, Ordering::Relaxed);
    }

    /// An attribute of an item, where both are there.
    pub(crate) async fn stored(
        &self,
        table: &str,
        pk: &str,
        sk: &str,
        name: &str,
    ) -> Option<AttributeValue> {
        let get = self.dynamodb.get_item().table_name(table);
        let get = get
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()));
        get.send().await.unwrap().item?.get(name).cloned()
    }
}

/// Real time: the functions have no other.
pub(crate) fn now_ms() -> u64 {
    use switchboard::Clock as _;
    switchboard_handlers::aws::clock::SystemClock.now_ms()
}

impl Services {
    fn note(&self, operation: &str, connection: &str, body: &[u8]) {
        self.log.lock().unwrap().push(Call {
            operation: operation.to_owned(),
            connection: connection.to_owned(),
            body: serde_json::from_slice(body).unwrap_or_default(),
        });
    }
}

/// DynamoDB where the request names an operation of it, SNS otherwise.
async fn service(State(services): State<Arc<Services>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let target = parts
        .headers
        .get("x-amz-target")
        .map(|it| it.to_str().unwrap().to_owned());
    let mut forwarded = HttpRequest::get("http://embedded.invalid/").unwrap();
    let connector = match target {
        Some(target) if target.starts_with("secretsmanager.") => {
            let (status, body) = services.platform.secret(&body);
            return (status, body).into_response();
        }
        Some(target) => {
            if services.broken.load(Ordering::Relaxed) {
                let error = json!({"__type": "com.amazon.coral.service#InternalServerError", "message": "injected"});
                return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
            }
            let (_, operation) = target.rsplit_once('.').unwrap();
            services.note(operation, "", &body);
            forwarded.headers_mut().insert("x-amz-target", target);
            &services.dynamodb
        }
        None => {
            if let Some((status, body)) = services.platform.application(&body) {
                return (status, body).into_response();
            }
            &services.sns
        }
    };
    *forwarded.body_mut() = body.to_vec().into();
    let answer = connector.call(forwarded).await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let body = Bytes::copy_from_slice(answer.body().bytes().unwrap());
    (status, body).into_response()
}

async fn jwks(State(services): State<Arc<Services>>) -> Response {
    if services.issuer_down.load(Ordering::Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    services.issuer.jwks().to_string().into_response()
}

async fn answer(
    State(services): State<Arc<Services>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    services.platform.answered(&headers, &body)
}

async fn connection(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    method: Method,
    body: Bytes,
) -> Response {
    services.note(method.as_str(), &id, &body);
    if services.gone.lock().unwrap().contains(&id) {
        return (StatusCode::GONE, [("x-amzn-errortype", "GoneException")]).into_response();
    }
    // What `GetConnection` says; the others' answers are not read.
    let described = json!({"connectedAt": "2026-11-28T12:00:00.000Z", "lastActiveAt": "2026-11-28T12:00:00.000Z",
        "identity": {"sourceIp": "192.0.2.1", "userAgent": "phone"}});
    (StatusCode::OK, described.to_string()).into_response()
}
