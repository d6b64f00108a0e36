//! What is under load: its URL in parts, and what its plain HTTP side answers where it has one.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::http::Uri;

use crate::limits::ANSWER_BYTES_MAX;

/// How long a local host may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the load goes.
#[derive(Clone, Debug)]
pub struct Target {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

/// Why a URL, or a question to it, came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It is no URL of a WebSocket.
    #[error("--url must be ws://host[:port]/stage or wss://host/stage, without a query")]
    NotWebSocket,
    /// The host does not answer.
    #[error("failed to reach {0}")]
    Unreachable(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The host answers something else.
    #[error("{path} answered {status}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The answer.
        status: StatusCode,
    },
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let uri: Uri = url.parse().map_err(|_| TargetError::NotWebSocket)?;
        let is_tls = match uri.scheme_str() {
            Some("ws") => false,
            Some("wss") => true,
            _ => return Err(TargetError::NotWebSocket),
        };
        let host = uri.host().ok_or(TargetError::NotWebSocket)?.to_owned();
        if uri.query().is_some() || uri.authority().is_some_and(|it| it.as_str().contains('@')) {
            return Err(TargetError::NotWebSocket);
        }
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self {
            uri,
            host,
            port,
            is_tls,
        })
    }

    /// The URL of a device's connection.
    pub fn url(&self, device: &str) -> String {
        format!("{self}?device={device}")
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let name = self.host.trim_matches(['[', ']']);
        name == "localhost"
            || name
                .parse::<std::net::IpAddr>()
                .is_ok_and(|it| it.is_loopback())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Opens a TCP connection to it.
    pub async fn dial(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((self.host.trim_matches(['[', ']']), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Asks for a path of a host on this machine.
    pub async fn get(&self, path: &str) -> Result<Bytes, TargetError> {
        self.ask(Method::GET, path, Bytes::new()).await
    }

    /// Posts JSON to a path of a host on this machine.
    pub async fn post(&self, path: &str, json: String) -> Result<Bytes, TargetError> {
        self.ask(Method::POST, path, json.into()).await
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, TargetError> {
        let unreachable = |error| TargetError::Unreachable(self.to_string(), error);
        let answered = timeout(PATIENCE, self.exchange(method, path, body)).await;
        let (status, body) = answered
            .map_err(|elapsed| unreachable(elapsed.into()))?
            .map_err(unreachable)?;
        if status == StatusCode::OK {
            Ok(body)
        } else {
            Err(TargetError::Refused {
                path: path.to_owned(),
                status,
            })
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        if self.is_tls {
            return Err("only a local host over plain HTTP is asked".into());
        }
        let stream = TokioIo::new(self.dial().await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("{}:{}", self.host, self.port))
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
                .collect()
                .await?;
            Ok((status, body.to_bytes()))
        };
        tokio::pin!(answer, connection);
        tokio::select! {
            answer = &mut answer => answer,
            ended = &mut connection => {
                ended?;
                answer.await
            }
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uri.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_url_is_of_a_websocket_and_carries_no_secret() {
        let target = Target::parse("ws://127.0.0.1:8080/local").unwrap();
        assert_eq!((target.port(), target.is_loopback()), (8080, true));
        assert_eq!(
            target.url("phone"),
            "ws://127.0.0.1:8080/local?device=phone"
        );
        let deployed = Target::parse("wss://chat.example.org/live").unwrap();
        assert_eq!((deployed.port(), deployed.is_loopback()), (443, false));
        for bad in [
            "http://h/s",
            "h:80",
            "",
            "ws://h/s?token=x",
            "ws://user:pw@h/s",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
