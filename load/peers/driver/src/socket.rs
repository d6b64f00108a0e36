//! A client's socket: the same for every peer.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Failed;
use crate::wire::Wire;

/// A bound: nobody takes so long unless something is broken.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connected client.
#[derive(Debug)]
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects a user and says what has to be said first.
    pub(crate) async fn open(
        wire: Wire,
        address: SocketAddr,
        user: &str,
        to: &str,
        token: Option<&str>,
    ) -> Result<Self, Failed> {
        let mut request = format!("ws://{address}{}", wire.path(user, to)).into_client_request()?;
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").parse()?;
            request.headers_mut().insert("authorization", bearer);
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let open = client_async_with_config(request, stream, Some(config));
        let (stream, _) = timeout(PATIENCE, open).await??;
        let mut socket = Self(stream);
        if let Some((first, expected)) = wire.greeting() {
            socket.say(first.to_owned()).await?;
            while !socket.hear().await?.starts_with(expected) {}
        }
        Ok(socket)
    }

    /// Sends a frame.
    pub(crate) async fn say(&mut self, text: String) -> Result<(), Failed> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// The next frame. Safe to drop before it has come.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes, Failed> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => return Err(format!("closed: {frame:?}").into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err("the connection ended".into()),
            }
        }
    }

    /// The next frame, within reason.
    pub(crate) async fn hear(&mut self) -> Result<Utf8Bytes, Failed> {
        timeout(PATIENCE, self.next()).await?
    }

    /// Leaves.
    pub(crate) async fn close(mut self) {
        // It may be gone already, which is as good.
        drop(self.0.close(None).await);
    }
}
