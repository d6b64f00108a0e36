//! A stage whose private key the test has.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use switchboard_local::issuer::{Audience, Issuer};
use switchboard_tests::Stage;
use tempfile::TempDir;

/// 2026-01-01, where the stage's clock stands.
pub(crate) const NOW_S: u64 = 1_767_225_600;

/// A stage whose private key the test has.
pub(crate) struct Forge {
    pub(crate) stage: Stage,
    pub(crate) key: EncodingKey,
    pub(crate) kid: String,
    _directory: TempDir,
}

impl Forge {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let stage = Stage::on(directory.path()).await;
        let jwks = stage.host().site().issuer.jwks();
        Self {
            stage,
            key: private_key(directory.path()),
            kid: jwks["keys"][0]["kid"].as_str().unwrap().to_owned(),
            _directory: directory,
        }
    }

    pub(crate) fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        header.kid = Some(self.kid.clone());
        header
    }

    /// Signs claims as the pool would.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        encode(&self.header(Algorithm::RS256), claims, &self.key).unwrap()
    }

    /// What a handshake with these headers is answered.
    pub(crate) async fn answer_to(&self, query: &str, headers: &[(&str, &str)]) -> u16 {
        match self.stage.handshake(query, headers).await {
            Ok(_) => 101,
            Err(refused) => refused.status,
        }
    }

    /// What a handshake with this token is answered.
    pub(crate) async fn answer(&self, token: &str) -> u16 {
        self.answer_to("", &[("authorization", &format!("Bearer {token}"))])
            .await
    }

    /// Asserts what handshakes with claims changed like this are answered.
    pub(crate) async fn expect(&self, status: u16, cases: impl IntoIterator<Item = Value>) {
        for changes in cases {
            let token = self.sign(&claims_with(&changes));
            assert_eq!(self.answer(&token).await, status, "{changes}");
        }
    }

    /// The stage's public key: modulus, exponent.
    pub(crate) fn public_key(&self) -> (Vec<u8>, Vec<u8>) {
        let jwks = self.stage.host().site().issuer.jwks();
        let number = |name: &str| {
            let text = jwks["keys"][0][name].as_str().unwrap();
            URL_SAFE_NO_PAD.decode(text).unwrap()
        };
        (number("n"), number("e"))
    }
}

/// The private key in a data directory, as jsonwebtoken takes it: without PKCS#8's header.
pub(crate) fn private_key(directory: &Path) -> EncodingKey {
    let pkcs8 = std::fs::read(directory.join("issuer.der")).unwrap();
    EncodingKey::from_rsa_der(&pkcs8[26..])
}

/// A key pair that nobody trusts.
pub(crate) fn stranger() -> (EncodingKey, Value) {
    let directory = tempfile::tempdir().unwrap();
    let issuer = Issuer::open(Some(directory.path()), Audience::default()).unwrap();
    (private_key(directory.path()), issuer.jwks())
}

/// The claims of a token that is let in.
pub(crate) fn claims() -> Value {
    let Audience { issuer, client } = Audience::default();
    json!({
        "sub": "alice", "iss": issuer, "aud": client, "token_use": "id", "exp": NOW_S + 3_600, "iat": NOW_S,
        "cognito:groups": ["customer"],
    })
}

/// The claims with some of them set; null takes one away.
pub(crate) fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, it| !it.is_null());
    claims
}

pub(crate) fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
