//! Where the issuers' public keys come from.

use core::fmt::Debug;

use crate::failure::Unavailable;

/// The key sets of the trusted issuers.
#[async_trait::async_trait]
pub trait KeySource: Debug + Send + Sync {
    /// The current key set of each trusted issuer.
    ///
    /// All or nothing: an issuer that cannot be asked makes the whole fetch fail, so that a partial answer never replaces a full one.
    async fn fetch(&self) -> Result<Vec<IssuerKeys>, Unavailable>;
}

/// One issuer's keys.
#[derive(Clone, Debug)]
pub struct IssuerKeys {
    /// The issuer, exactly as its tokens say it.
    pub issuer: String,
    /// Its key set, as RFC 7517 JSON.
    pub jwks_json: String,
}
