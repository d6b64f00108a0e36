//! One question to a gateway, over plain HTTP.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::run::Failed;
use crate::http::OperatorToken;

/// How long a gateway may take for all of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Asks for a path of a gateway.
pub(super) async fn get(
    base: &Uri,
    path: &str,
    token: Option<&OperatorToken>,
) -> Result<Answer, Failed> {
    let authority = base
        .authority()
        .ok_or_else(|| format!("--url {base}: names no host"))?;
    if base.scheme_str() != Some("http") {
        // In front of TLS stands somebody else, whom curl can ask.
        return Err(format!("--url {base}: must begin with http://").into());
    }
    let request = Request::get(path).header(header::HOST, authority.as_str());
    let request = match token.and_then(OperatorToken::header) {
        Some(value) => request.header(header::AUTHORIZATION, value),
        None => request,
    };
    let request = request.body(Body::empty())?;
    let host = authority.host().trim_matches(['[', ']']);
    let address = (host, authority.port_u16().unwrap_or(80));
    let asking = async {
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), ANSWER_BYTES_MAX).await?;
        Ok::<_, Failed>(Answer {
            status: parts.status,
            body,
        })
    };
    match timeout(PATIENCE, asking).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("{base} cannot be asked: {error}").into()),
        Err(_) => Err(format!("{base} does not answer").into()),
    }
}
