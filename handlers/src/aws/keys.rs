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
    endpoint: Option<String>,
    connector: SharedHttpConnector,
}

impl HttpKeySource {
    /// A source of these issuers' keys. Another endpoint than the Region's own serves user pools too, as it does the tables.
    pub fn new(issuers: Vec<String>, endpoint: Option<String>) -> Self {
        Self {
            issuers,
            endpoint,
            connector: http::connector(FETCH),
        }
    }

    async fn fetch_one(&self, issuer: &str) -> Result<IssuerKeys, Unavailable> {
        let uri = address(issuer, self.endpoint.as_deref());
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

/// Where an issuer's key set is. The issuer's name in tokens stays what it is.
fn address(issuer: &str, endpoint: Option<&str>) -> String {
    let issuer = issuer.trim_end_matches('/');
    let place = match (user_pool(issuer), endpoint) {
        (Some(pool), Some(endpoint)) => &format!("{}/{pool}", endpoint.trim_end_matches('/')),
        _ => issuer,
    };
    format!("{place}/.well-known/jwks.json")
}

/// The id of the user pool that an issuer is, if it is one: `https://cognito-idp.<region>.amazonaws.com/<pool>`.
fn user_pool(issuer: &str) -> Option<&str> {
    let (host, pool) = issuer.strip_prefix("https://")?.split_once('/')?;
    let (service, domain) = host.split_once('.')?;
    let (_region, domain) = domain.split_once('.')?;
    (service == "cognito-idp" && matches!(domain, "amazonaws.com" | "amazonaws.com.cn"))
        .then_some(pool)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_pools_are_asked_at_the_endpoint_and_nobody_else_is() {
        let pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1";
        let (local, keys) = (Some("http://127.0.0.1:4566/"), ".well-known/jwks.json");
        for (issuer, endpoint, wanted) in [
            (pool, None, pool),
            (pool, local, "http://127.0.0.1:4566/eu-west-1_Ab1"),
            (
                "https://id.example.com/a/",
                local,
                "https://id.example.com/a",
            ),
            ("https://id.example.com", local, "https://id.example.com"),
            (
                "https://cognito-idp.eu-west-1.example.com/a",
                local,
                "https://cognito-idp.eu-west-1.example.com/a",
            ),
        ] {
            assert_eq!(address(issuer, endpoint), format!("{wanted}/{keys}"));
        }
    }
}
