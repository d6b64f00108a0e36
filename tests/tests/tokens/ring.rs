//! A verifier of one issuer's tokens, without a gateway around it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchboard::auth::{Denied, Identity, KeyRing, Trust, Verifier};
use switchboard::ports::keys::{IssuerKeys, KeySource};
use switchboard::{Clock as _, Unavailable};
use switchboard_local::issuer::{Audience, Issuer, TokenRequest, TokenUse};
use switchboard_tests::TestClock;
use tokio::sync::Semaphore;

/// A source that counts, fails on demand, and answers when it is let.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) sets: Mutex<Vec<IssuerKeys>>,
    failing: AtomicBool,
    fetches: AtomicU64,
    pub(crate) gate: Semaphore,
}

#[async_trait::async_trait]
impl KeySource for Source {
    async fn fetch(&self) -> Result<Vec<IssuerKeys>, Unavailable> {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        drop(self.gate.acquire().await.unwrap());
        if self.failing.load(Ordering::Relaxed) {
            return Err(Unavailable::new("fetch an issuer's keys", "it is down"));
        }
        Ok(self.sets.lock().unwrap().clone())
    }
}

/// A verifier of one issuer's tokens, without a gateway around it.
pub(crate) struct Ring {
    pub(crate) issuer: Issuer,
    pub(crate) source: Arc<Source>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) verifier: Verifier,
}

impl Ring {
    pub(crate) fn new() -> Self {
        let issuer = Issuer::open(None, Audience::default()).unwrap();
        let Audience {
            issuer: iss,
            client,
        } = Audience::default();
        let source = Arc::new(Source {
            sets: Mutex::new(vec![Self::set(&[&issuer])]),
            failing: AtomicBool::new(false),
            fetches: AtomicU64::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let clock = Arc::new(TestClock::default());
        let keys = KeyRing::new(Arc::clone(&source) as _, Arc::clone(&clock) as _);
        let trust = Trust {
            issuers: vec![iss],
            audiences: vec![client],
        };
        let verifier = Verifier::new(trust, keys, Arc::clone(&clock) as _);
        Self {
            issuer,
            source,
            clock,
            verifier,
        }
    }

    /// The pool's key set, of the keys of these issuers.
    pub(crate) fn set(issuers: &[&Issuer]) -> IssuerKeys {
        let keys: Vec<Value> = issuers
            .iter()
            .map(|it| it.jwks()["keys"][0].clone())
            .collect();
        IssuerKeys {
            issuer: Audience::default().issuer,
            jwks_json: json!({ "keys": keys }).to_string(),
        }
    }

    pub(crate) fn token_of(&self, issuer: &Issuer) -> String {
        let request = TokenRequest {
            user: "alice".to_owned(),
            role: "customer".to_owned(),
            expires_s: 86_400,
            token_use: TokenUse::Id,
            jti: 1,
        };
        issuer.token(self.clock.now_ms() / 1_000, &request).unwrap()
    }

    pub(crate) async fn verify(&self, issuer: &Issuer) -> Result<Identity, Denied> {
        self.verifier.verify(&self.token_of(issuer)).await
    }

    pub(crate) fn fetches(&self) -> u64 {
        self.source.fetches.load(Ordering::Relaxed)
    }

    pub(crate) fn fail(&self, failing: bool) {
        self.source.failing.store(failing, Ordering::Relaxed);
    }
}
