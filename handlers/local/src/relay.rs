//! Posts to the stand-in's management API without the SDK between, for the same reason as the store's transport.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard::Connection;
use switchboard::ports::relay::{Posted, Presence, Relay};

use crate::haste::step_aside;
use crate::host::STAGE;
use crate::meter::Waiting;
use crate::wire::Front;

/// The management API, asked as the SDK's client would ask it.
#[derive(Debug)]
pub(crate) struct DirectRelay {
    front: Front,
}

impl DirectRelay {
    pub(crate) fn new(front: Front) -> Self {
        Self { front }
    }

    /// The status of the answer; none where the stand-in has gone.
    async fn ask(
        &self,
        method: Method,
        connection: &Connection,
        data: Bytes,
    ) -> Option<StatusCode> {
        let _waiting = Waiting::begin();
        let gateway = self.front.gateway()?;
        let id = utf8_percent_encode(connection.id.as_str(), NON_ALPHANUMERIC);
        let request = Request::builder()
            .method(method)
            .uri(format!("/{STAGE}/@connections/{id}"))
            .body(data)
            .ok()?;
        Some(gateway.manage(request).await.status())
    }
}

#[async_trait::async_trait]
impl Relay for DirectRelay {
    async fn post(&self, connection: &Connection, frame: &str) -> Posted {
        // What else is asked side by side begins before this is answered.
        step_aside().await;
        let data = Bytes::copy_from_slice(frame.as_bytes());
        match self.ask(Method::POST, connection, data).await {
            Some(StatusCode::OK) => Posted::Delivered,
            Some(StatusCode::GONE) => Posted::Gone,
            Some(StatusCode::TOO_MANY_REQUESTS) => Posted::Throttled,
            status => Posted::Failed(status.map(|it| it.as_u16())),
        }
    }

    async fn close(&self, connection: &Connection) {
        let answered = self.ask(Method::DELETE, connection, Bytes::new()).await;
        if !matches!(answered, Some(StatusCode::NO_CONTENT | StatusCode::GONE)) {
            tracing::warn!(
                ?answered,
                "a replaced connection stays open until it ends by itself"
            );
        }
    }

    async fn presence(&self, connection: &Connection) -> Presence {
        match self.ask(Method::GET, connection, Bytes::new()).await {
            Some(StatusCode::OK) => Presence::Open,
            Some(StatusCode::GONE) => Presence::Gone,
            Some(StatusCode::TOO_MANY_REQUESTS) => Presence::Throttled,
            Some(_) | None => Presence::Unsaid,
        }
    }
}
