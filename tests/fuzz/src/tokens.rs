//! A user pool whose private key the targets have: tokens that are genuine, and any that one may make of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::sync::Arc;
use switchboard::auth::{Denied, Identity, KeyRing, Trust, Verifier};
use switchboard::ports::keys::{IssuerKeys, KeySource};
use switchboard::{Clock, Unavailable};

/// Who issues.
pub const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_fuzz";
/// For whom.
pub const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
/// The key's id.
pub const KID: &str = "fuzz-1";
/// The verifier's time: 2026-01-01.
pub const NOW_S: u64 = 1_767_225_600;
/// The key set with the public half.
pub const JWKS: &str = include_str!("../fixtures/jwks.json");

/// A key made for these targets, which no issuer has ever used; fixed, so that an input means the same in every run.
const PRIVATE_KEY: &[u8] = include_bytes!("../fixtures/issuer.der");

/// Signs with the pool's key.
#[derive(Debug)]
pub struct Pool {
    key: EncodingKey,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            key: EncodingKey::from_rsa_der(PRIVATE_KEY),
        }
    }
}

impl Pool {
    /// A token of this header and these claims, whatever they are, with a signature that is right.
    pub fn sign(&self, header: &[u8], claims: &[u8]) -> String {
        let (header, claims) = (
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims),
        );
        let input = format!("{header}.{claims}");
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &self.key, Algorithm::RS256);
        format!("{input}.{}", signature.expect("failed to sign"))
    }

    /// Genuine tokens, and whether they are let in.
    pub fn tokens(&self) -> Vec<(String, bool)> {
        let claims = |changes: Value| {
            let mut claims = claims();
            for (name, value) in changes.as_object().into_iter().flatten() {
                claims[name] = value.clone();
            }
            self.sign(header().as_bytes(), claims.to_string().as_bytes())
        };
        vec![
            (claims(json!({})), true),
            (
                claims(
                    json!({"token_use": "access", "client_id": CLIENT, "sub": "bob", "cognito:groups": ["provider"]}),
                ),
                true,
            ),
            (claims(json!({"exp": NOW_S - 31})), false),
            (claims(json!({"aud": "another"})), false),
            (claims(json!({"iss": "https://another.example"})), false),
            (
                claims(json!({"cognito:groups": ["customer", "provider"]})),
                false,
            ),
        ]
    }
}

/// The header of a genuine token.
pub fn header() -> String {
    json!({"alg": "RS256", "kid": KID, "typ": "JWT"}).to_string()
}

/// The claims of a token that is let in.
pub fn claims() -> Value {
    json!({
        "sub": "alice", "iss": ISSUER, "aud": CLIENT, "token_use": "id", "exp": NOW_S + 3_600,
        "iat": NOW_S, "cognito:groups": ["customer"],
    })
}

/// A verifier whose issuer answers with this key set.
pub fn verifier(jwks: &str) -> Verifier {
    let trust = Trust {
        issuers: vec![ISSUER.to_owned()],
        audiences: vec![CLIENT.to_owned()],
    };
    let clock = Arc::new(Still);
    let source = Arc::new(Published(jwks.to_owned()));
    let keys = KeyRing::new(source, Arc::clone(&clock) as _);
    Verifier::new(trust, keys, clock)
}

/// Verifies. Nothing in it waits, because the keys are at hand.
pub fn verify(verifier: &Verifier, token: &str) -> Result<Identity, Denied> {
    let outcome = verifier.verify(token).now_or_never();
    outcome.expect("a verification waits for nothing but keys")
}

#[derive(Debug)]
struct Published(String);

#[async_trait::async_trait]
impl KeySource for Published {
    async fn fetch(&self) -> Result<Vec<IssuerKeys>, Unavailable> {
        Ok(vec![IssuerKeys {
            issuer: ISSUER.to_owned(),
            jwks_json: self.0.clone(),
        }])
    }
}

/// A clock that stands.
#[derive(Debug)]
struct Still;

#[async_trait::async_trait]
impl Clock for Still {
    fn now_ms(&self) -> u64 {
        NOW_S * 1_000
    }

    async fn sleep(&self, _ms: u64) {}

    fn dice(&self) -> u128 {
        0
    }
}
