//! The issuers' key sets, over HTTPS.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use futures_util::future::try_join_all;
use switchboard::Unavailable;
use switchboard::ports::keys::{IssuerKeys, KeySource};

use super::http;

const DOING: &str = "fetch an issuer's keys";
/// How long an issuer may take to answer: a handshake waits for it.
const FETCH: Duration = Duration::from_secs(3);
/// A key set is a few keys of a few hundred bytes.
const KEY_SET_BYTES_MAX: usize = 256 * 1_024;

/// Fetches each issuer's `/.well-known/jwks.json`, with the HTTP client that the AWS clients use too.
#[derive(Clone, Debug)]
pub struct HttpKeySource {
    issuers: Vec<String>,
    connector: SharedHttpConnector,
}

impl HttpKeySource {
    /// A source of these issuers' keys.
    pub fn new(issuers: Vec<String>) -> Self {
        Self {
            issuers,
            connector: http::connector(FETCH),
        }
    }

    async fn fetch_one(&self, issuer: &str) -> Result<IssuerKeys, Unavailable> {
        let uri = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
        let request = HttpRequest::get(uri).map_err(|error| Unavailable::new(DOING, error))?;
        let answer = self.connector.call(request).await;
        let response = answer.map_err(|error| Unavailable::new(DOING, error))?;
        if !response.status().is_success() {
            let status = response.status().as_u16();
            return Err(Unavailable::new(
                DOING,
                format!("the issuer answered {status}"),
            ));
        }
        let jwks_json = read_text(response.into_body()).await?;
        Ok(IssuerKeys {
            issuer: issuer.to_owned(),
            jwks_json,
        })
    }
}

#[async_trait::async_trait]
impl KeySource for HttpKeySource {
    async fn fetch(&self) -> Result<Vec<IssuerKeys>, Unavailable> {
        let all = try_join_all(self.issuers.iter().map(|issuer| self.fetch_one(issuer)));
        // The client's own limits end with the headers, and every handshake waits for this.
        let in_time = tokio::time::timeout(FETCH, all).await;
        in_time.map_err(|error| Unavailable::new(DOING, error))?
    }
}

/// Reads a body that is not larger than a key set can be.
async fn read_text(body: SdkBody) -> Result<String, Unavailable> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| Unavailable::new(DOING, error))?);
        if bytes.len() > KEY_SET_BYTES_MAX {
            return Err(Unavailable::new(
                DOING,
                "the key set is too large to be one",
            ));
        }
    }
    String::from_utf8(bytes).map_err(|error| Unavailable::new(DOING, error))
}
