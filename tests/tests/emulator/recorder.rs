//! What functions ask of AWS passes through here on its way to the emulator.
//!
//! The emulator takes pushes and drops them, so they are written down here. Nothing is changed on the way, or the
//! signatures would not hold.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A push that SNS took.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// The endpoint that it went to.
    pub(crate) target: String,
    /// What SNS was given: a form for each push service.
    pub(crate) message: Value,
}

/// The way from the functions to the emulator.
#[derive(Debug)]
pub(crate) struct Recorder {
    address: SocketAddr,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    authority: String,
    client: Client<HttpConnector, Full<Bytes>>,
    published: Mutex<Vec<Published>>,
    news: Notify,
}

impl Recorder {
    /// A way to whoever listens there.
    pub(crate) async fn open(authority: String) -> Self {
        let shared = Arc::new(Shared {
            authority,
            client: Client::builder(TokioExecutor::new()).build_http(),
            published: Mutex::default(),
            news: Notify::new(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            shared,
            _server: server,
        }
    }

    /// The endpoint that the functions are given.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the first push that is wanted.
    pub(crate) async fn published(&self, wanted: impl Fn(&Published) -> bool) -> Published {
        loop {
            let news = self.shared.news.notified();
            tokio::pin!(news);
            // From here on no news are missed.
            news.as_mut().enable();
            let found = self.all().into_iter().find(&wanted);
            if let Some(found) = found {
                return found;
            }
            news.await;
        }
    }

    /// Every push so far.
    pub(crate) fn all(&self) -> Vec<Published> {
        self.shared.published.lock().unwrap().clone()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    parts.uri = format!("http://{}{path}", shared.authority)
        .parse()
        .unwrap();
    // The header `host` stays as it was signed.
    let request = http::Request::from_parts(parts, Full::new(body.clone()));
    let answer = shared.client.request(request).await.unwrap();
    let (parts, answer) = answer.into_parts();
    if parts.status.is_success()
        && let Some(push) = push(&body)
    {
        shared.published.lock().unwrap().push(push);
        shared.news.notify_waiters();
    }
    Response::from_parts(parts, Body::new(answer))
}

/// The push that a request is, if it is one.
fn push(body: &[u8]) -> Option<Published> {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(body);
        fields.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    if field("Action")? != "Publish" {
        return None;
    }
    Some(Published {
        target: field("TargetArn")?,
        message: serde_json::from_str(&field("Message")?).ok()?,
    })
}
