//! The stage: a gateway on a free port with its script and its clock, and the clients on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Response};
use serde_json::Value;
use switchboard_local::apigw::{ApiGateway, Integration, Limits, Replies, Route, Routes};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::clock::ManualClock;
use crate::script::{Call, Script, status};

/// A bound on real time: nothing waits for it, and a play that hangs ends.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const NOW: u64 = 1_742_085_982_306;

/// A gateway, its script and its clock.
pub(crate) struct Stage {
    pub(crate) gateway: ApiGateway,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) address: SocketAddr,
    pub(crate) script: Arc<Script>,
    asked: mpsc::UnboundedReceiver<(&'static str, Call)>,
    _server: JoinSet<()>,
}

pub(crate) fn routes() -> Routes {
    let lambda = |replies| Route {
        integration: Integration::Lambda,
        replies,
    };
    let mock = |reply: Option<&str>, replies| Route {
        integration: Integration::Mock {
            reply: reply.map(str::to_owned),
        },
        replies,
    };
    let keys = [
        ("$connect", lambda(Replies::OneWay)),
        ("$disconnect", lambda(Replies::OneWay)),
        ("$default", lambda(Replies::TwoWay)),
        ("send", lambda(Replies::TwoWay)),
        ("7", lambda(Replies::TwoWay)),
        ("typing", lambda(Replies::OneWay)),
        ("ping", mock(Some(r#"{"event":"pong"}"#), Replies::TwoWay)),
        ("quiet", mock(Some("never"), Replies::OneWay)),
    ];
    let keys = keys.map(|(key, route)| (key.to_owned(), route)).into();
    Routes {
        stage: "local".into(),
        api_id: "api".into(),
        authorizer: true,
        keys,
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(routes(), Limits::default()).await
    }

    pub(crate) async fn with(routes: Routes, limits: Limits) -> Self {
        let (script, asked) = Script::new();
        let (script, clock) = (Arc::new(script), Arc::new(ManualClock::at(NOW)));
        let gateway = ApiGateway::new(
            routes,
            limits,
            script.clone(),
            clock.clone(),
            "gateway.test".into(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = gateway
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            gateway,
            clock,
            address,
            script,
            asked,
            _server: server,
        }
    }

    /// The next invocation that waits for an answer.
    pub(crate) async fn asked(&mut self, function: &str) -> Call {
        let asked = timeout(PATIENCE, self.asked.recv()).await;
        let (name, call) = asked.expect("no function was asked").unwrap();
        assert_eq!(name, function);
        call
    }

    /// Whether no invocation waits that was not fetched.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }

    pub(crate) async fn try_connect(
        &self,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(Client, Response<Option<Vec<u8>>>), Error> {
        let url = format!("ws://{}/local{query}", self.address);
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        let answered = timeout(PATIENCE, client_async(request, stream)).await;
        let (socket, response) = answered.expect("the handshake was not answered")?;
        Ok((
            Client {
                socket,
                id: String::new(),
            },
            response,
        ))
    }

    /// A client that is connected and knows its connection's id.
    pub(crate) async fn connect(&self) -> Client {
        let (mut client, _) = self.try_connect("", &[]).await.unwrap();
        let event = self.script.event("connect");
        let id = &event["requestContext"]["connectionId"];
        id.as_str().unwrap().clone_into(&mut client.id);
        client
    }

    /// The status and the body with which a handshake is refused.
    pub(crate) async fn refused(&self) -> u16 {
        match self.try_connect("", &[]).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("not refused: {:?}", other.map(|it| it.1)),
        }
    }

    pub(crate) async fn manage(
        &self,
        method: &str,
        id: &str,
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let uri = format!("/local/@connections/{}", id.replace('=', "%3D"));
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .body(body.into())
            .unwrap();
        self.gateway.manage(request).await
    }

    /// The code and the reason of the next `$disconnect`, which then succeeds.
    pub(crate) async fn disconnected(&mut self) -> (u64, String) {
        let call = self.asked("disconnect").await;
        let context = &call.event["requestContext"];
        let code = context["disconnectStatusCode"].as_u64().unwrap();
        let reason = context["disconnectReason"].as_str().unwrap().to_owned();
        call.answer(status(200));
        (code, reason)
    }
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    pub(crate) id: String,
}

impl Client {
    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Whatever comes next, or none where the socket has ended.
    pub(crate) async fn next(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(PATIENCE, self.socket.next()).await;
        next.expect("nothing came")
    }

    pub(crate) async fn hear(&mut self) -> String {
        match self.next().await {
            Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
            other => panic!("no text: {other:?}"),
        }
    }

    /// The close frame that comes next, after which the socket ends cleanly.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        let Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) = self.next().await else {
            panic!("no close frame");
        };
        assert!(self.next().await.is_none());
        (code.into(), reason.as_str().to_owned())
    }

    pub(crate) fn error_frame(&self, message: &str, request_id: &Value) -> String {
        let id = &self.id;
        format!(r#"{{"message": "{message}", "connectionId":"{id}", "requestId":{request_id}}}"#)
    }
}
