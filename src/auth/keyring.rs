//! The issuers' public keys, cached.
//!
//! Keys are fetched when the first token asks for one and again for an unknown `kid`, at most once a minute.
//! A failed fetch leaves the cached keys in force. Whoever needs a fetch that is under way waits for that one;
//! tokens of known keys never wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt, Shared};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, KeyAlgorithm, PublicKeyUse};
use switchboard_protocol::TimestampMs;

use crate::failure::Unavailable;
use crate::ports::clock::Clock;
use crate::ports::keys::{IssuerKeys, KeySource};

/// The least time between two fetches once there are keys: a stranger's tokens must not become requests to the issuer.
const REFETCH_MS: u64 = 60_000;
/// The least time between two fetches while there are none.
const FIRST_FETCH_MS: u64 = 1_000;

/// A key and the issuer whose tokens it may verify.
#[derive(Clone, Debug)]
pub(super) struct IssuerKey {
    pub(super) issuer: Arc<str>,
    pub(super) key: Arc<DecodingKey>,
}

type Keys = Arc<BTreeMap<String, Vec<IssuerKey>>>;
type Fetch = Shared<BoxFuture<'static, Result<Keys, Arc<Unavailable>>>>;

/// The cached keys.
#[derive(Debug)]
pub struct KeyRing {
    source: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<Keys>,
    /// When the last fetch began, and the fetch.
    last: Option<(TimestampMs, Fetch)>,
}

/// Why there is no key.
#[derive(Debug)]
pub(super) enum NoKey {
    /// No trusted issuer has such a key.
    Unknown,
    /// There are no keys to look among.
    Unavailable(Arc<Unavailable>),
}

impl KeyRing {
    /// A ring that is empty until the first token.
    pub fn new(source: Arc<dyn KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            clock,
            state: Mutex::default(),
        }
    }

    /// Fetches the keys ahead of the first token, so that init pays for it.
    pub async fn warm(&self) -> Result<(), Arc<Unavailable>> {
        self.fetch().await.map(|_| ())
    }

    /// The keys of that id. There may be several issuers that use it.
    pub(super) async fn keys(&self, kid: &str) -> Result<Vec<IssuerKey>, NoKey> {
        let cached = self.with_state(|state| state.keys.clone());
        if let Some(found) = cached.as_ref().and_then(|keys| keys.get(kid)) {
            return Ok(found.clone());
        }
        match self.fetch().await {
            Ok(keys) => keys.get(kid).cloned().ok_or(NoKey::Unknown),
            // The cached keys stay in force, and they have no such key.
            Err(_) if cached.is_some() => Err(NoKey::Unknown),
            Err(unavailable) => Err(NoKey::Unavailable(unavailable)),
        }
    }

    /// The fetch that is under way or recent enough, or a new one.
    async fn fetch(&self) -> Result<Keys, Arc<Unavailable>> {
        let now = self.clock.now_ms();
        let fetch = self.with_state(|state| {
            let pause = if state.keys.is_some() {
                REFETCH_MS
            } else {
                FIRST_FETCH_MS
            };
            match &state.last {
                Some((begun, fetch)) if now < begun + pause => fetch.clone(),
                Some(_) | None => {
                    let source = Arc::clone(&self.source);
                    let fetch = async move {
                        let sets = source.fetch().await.map_err(Arc::new)?;
                        Ok(Arc::new(index(&sets)))
                    };
                    let fetch = fetch.boxed().shared();
                    state.last = Some((now, fetch.clone()));
                    fetch
                }
            }
        });
        let keys = fetch.await?;
        self.with_state(|state| state.keys = Some(Arc::clone(&keys)));
        Ok(keys)
    }

    /// Looks at the state. Nothing in here waits or panics, so the lock is short and never poisoned.
    fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The RSA signature keys of the sets, by id. What is for encryption, of another kind or unreadable is left out.
fn index(sets: &[IssuerKeys]) -> BTreeMap<String, Vec<IssuerKey>> {
    let mut keys: BTreeMap<String, Vec<IssuerKey>> = BTreeMap::new();
    for set in sets {
        let issuer: Arc<str> = set.issuer.as_str().into();
        let Ok(jwks) = serde_json::from_str::<JwkSet>(&set.jwks_json) else {
            tracing::error!(
                issuer = set.issuer,
                "the issuer's key set is not RFC 7517 JSON"
            );
            continue;
        };
        for jwk in jwks.keys {
            let signs = !matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption));
            let rs256 = matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::RS256));
            let rsa = matches!(jwk.algorithm, AlgorithmParameters::RSA(_));
            let (Some(kid), true) = (jwk.common.key_id.clone(), signs && rs256 && rsa) else {
                continue;
            };
            if let Ok(key) = DecodingKey::from_jwk(&jwk) {
                let key = IssuerKey {
                    issuer: Arc::clone(&issuer),
                    key: Arc::new(key),
                };
                keys.entry(kid).or_default().push(key);
            }
        }
    }
    keys
}
