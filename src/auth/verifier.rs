//! The verification of a token: signature first, then every claim against an allow-list.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use switchboard_protocol::{Role, TimestampMs, UserId};

use crate::auth::keyring::{IssuerKey, KeyRing, NoKey};
use crate::failure::Unavailable;
use crate::ports::clock::Clock;

/// A longer token is no token: Cognito's stay below 2 KiB, and a header of the platform below 10 KiB.
const TOKEN_BYTES_MAX: usize = 8_192;
/// What the clocks of the issuer and of the gateway may differ by.
const LEEWAY_S: u64 = 30;

/// What tokens are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Exact issuers.
    pub issuers: Vec<String>,
    /// App clients: the `aud` of an id token, the `client_id` of an access token.
    pub audiences: Vec<String>,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The `sub`.
    pub user: UserId,
    /// The one of the two groups that the user is in.
    pub role: Role,
    /// The `exp`.
    pub expires_at: TimestampMs,
}

/// Why nobody is let in.
#[derive(Debug)]
pub enum Denied {
    /// No token, or not one that is to be believed.
    Unauthorized,
    /// A valid token, whose user has no role here, or two.
    Forbidden,
    /// The issuer's keys could not be had: nobody is let in unverified.
    Unavailable(Arc<Unavailable>),
}

/// Verifies tokens.
#[derive(Debug)]
pub struct Verifier {
    trust: Trust,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
}

/// The claims that decide, as Cognito writes them.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: u64,
    nbf: Option<u64>,
    token_use: String,
    aud: Option<String>,
    client_id: Option<String>,
    #[serde(rename = "cognito:groups", default)]
    groups: Vec<String>,
}

impl Verifier {
    /// A verifier of the tokens of these issuers for these audiences.
    pub fn new(trust: Trust, keys: KeyRing, clock: Arc<dyn Clock>) -> Self {
        Self { trust, keys, clock }
    }

    /// The issuers' keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Says whom a token speaks for.
    pub async fn verify(&self, token: &str) -> Result<Identity, Denied> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Denied::Unauthorized);
        }
        let header = decode_header(token).map_err(|_| Denied::Unauthorized)?;
        // RFC 7515, 4.1.11: what its issuer calls critical and a reader does not know is not to be believed.
        if header.crit.is_some() {
            return Err(Denied::Unauthorized);
        }
        let (Algorithm::RS256, Some(kid)) = (header.alg, header.kid) else {
            return Err(Denied::Unauthorized);
        };
        let keys = self.keys.keys(&kid).await.map_err(|no_key| match no_key {
            NoKey::Unknown => Denied::Unauthorized,
            NoKey::Unavailable(unavailable) => Denied::Unavailable(unavailable),
        })?;
        let claims = keys
            .iter()
            .find_map(|key| claims(token, key))
            .ok_or(Denied::Unauthorized)?;
        self.accept(&claims)
    }

    fn accept(&self, claims: &Claims) -> Result<Identity, Denied> {
        let now_s = self.clock.now_ms() / 1_000;
        let audience = match claims.token_use.as_str() {
            "id" => claims.aud.as_ref(),
            "access" => claims.client_id.as_ref(),
            _ => None,
        };
        let believed = self.trust.issuers.contains(&claims.iss)
            && audience.is_some_and(|audience| self.trust.audiences.contains(audience))
            && claims.exp.saturating_add(LEEWAY_S) > now_s
            && claims
                .nbf
                .is_none_or(|nbf| nbf <= now_s.saturating_add(LEEWAY_S));
        let user: Option<UserId> = claims.sub.parse().ok();
        let (true, Some(user)) = (believed, user) else {
            return Err(Denied::Unauthorized);
        };
        let is_in = |role: Role| claims.groups.iter().any(|group| group == role.as_str());
        let role = match (is_in(Role::Customer), is_in(Role::Provider)) {
            (true, false) => Role::Customer,
            (false, true) => Role::Provider,
            (true, true) | (false, false) => return Err(Denied::Forbidden),
        };
        Ok(Identity {
            user,
            role,
            expires_at: claims.exp.saturating_mul(1_000),
        })
    }
}

/// The claims of a token that this key has signed for its own issuer.
fn claims(token: &str, key: &IssuerKey) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::RS256);
    // Times and audiences are checked above, against our clock and by the token's use.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.set_issuer(&[&key.issuer]);
    let claims = decode::<Claims>(token, &key.key, &validation).ok()?.claims;
    (claims.iss == *key.issuer).then_some(claims)
}
