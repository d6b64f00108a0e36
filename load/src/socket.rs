//! A device's connection: small buffers, so that thousands fit beside the server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use crate::target::Target;

/// How long a handshake may take: the platform gives up after 29 s.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// How long a polite goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// A read: most frames are below 1 KiB.
const READ_BUFFER_BYTES: usize = 4 * 1_024;

/// Why there is no connection.
#[derive(Debug)]
pub enum NotConnected {
    /// The handshake was answered with this status.
    Refused(u16),
    /// It was not answered, or not in time.
    Failed(&'static str),
}

/// A connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What is needed for TLS: made once, since the roots take a while to load.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// Trusts whom the system trusts; `SSL_CERT_FILE` names others.
    pub fn of_the_system() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl Socket {
    /// Connects a device.
    pub async fn open(
        target: &Target,
        trust: &Trust,
        device: &str,
        token: &str,
    ) -> Result<Self, NotConnected> {
        let handshake = timeout(HANDSHAKE, Self::handshake(target, trust, device, token));
        match handshake.await {
            Ok(Ok(socket)) => Ok(socket),
            Ok(Err(Error::Http(response))) => {
                Err(NotConnected::Refused(response.status().as_u16()))
            }
            Ok(Err(Error::Io(_))) => Err(NotConnected::Failed("connect: i/o")),
            Ok(Err(Error::Tls(_))) => Err(NotConnected::Failed("connect: tls")),
            Ok(Err(_)) => Err(NotConnected::Failed("connect: protocol")),
            Err(_) => Err(NotConnected::Failed("connect: timeout")),
        }
    }

    async fn handshake(
        target: &Target,
        trust: &Trust,
        device: &str,
        token: &str,
    ) -> Result<Self, Error> {
        let mut request = target.url(device).into_client_request()?;
        let bearer = HeaderValue::try_from(format!("Bearer {token}"))?;
        request.headers_mut().insert("authorization", bearer);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0);
        let stream = target.dial().await?;
        let connector = Some(Connector::Rustls(Arc::clone(&trust.0)));
        let (stream, _) =
            client_async_tls_with_config(request, stream, Some(config), connector).await?;
        Ok(Self { stream })
    }

    /// Sends a frame; false where the connection is gone.
    pub async fn say(&mut self, frame: String) -> bool {
        self.stream.send(Message::text(frame)).await.is_ok()
    }

    /// The next frame; none where the connection is gone. Cancelling loses nothing.
    pub async fn hear(&mut self) -> Option<Utf8Bytes> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Text(text)) => return Some(text),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(_) | Message::Binary(_)) | Err(_) => return None,
            }
        }
    }

    /// Says goodbye and waits for the other's.
    pub async fn close(mut self) {
        let goodbye = async {
            if self.stream.close(None).await.is_ok() {
                while self.hear().await.is_some() {}
            }
        };
        // Whoever does not answer is left alone: the socket closes when it is dropped.
        let answered = timeout(GOODBYE, goodbye).await;
        drop(answered);
    }
}
