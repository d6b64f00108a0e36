//! The issuers' keys: cached, asked for rarely, and never done without.

use std::sync::Arc;

use futures_util::future::join_all;
use switchboard::auth::{Denied, KeyRing, Trust, Verifier};
use switchboard::ports::keys::IssuerKeys;
use switchboard_local::issuer::{Audience, Issuer};
use tokio::sync::Semaphore;

use crate::ring::Ring;

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_most_once_a_minute() {
    let ring = Ring::new();
    let next = Issuer::open(None, Audience::default()).unwrap();
    for _ in 0..10 {
        ring.verify(&ring.issuer).await.unwrap();
    }
    assert_eq!(ring.fetches(), 1);
    for _ in 0..10 {
        assert!(matches!(
            ring.verify(&next).await,
            Err(Denied::Unauthorized)
        ));
    }
    assert_eq!(ring.fetches(), 1, "the first fetch was just now");
    ring.clock.advance(59_999);
    assert!(matches!(
        ring.verify(&next).await,
        Err(Denied::Unauthorized)
    ));
    assert_eq!(ring.fetches(), 1);
    ring.clock.advance(1);
    for _ in 0..10 {
        assert!(matches!(
            ring.verify(&next).await,
            Err(Denied::Unauthorized)
        ));
    }
    assert_eq!(
        ring.fetches(),
        2,
        "strangers' tokens are not requests to the issuer"
    );
    // The pool rotates its keys.
    *ring.source.sets.lock().unwrap() = vec![Ring::set(&[&ring.issuer, &next])];
    ring.clock.advance(60_000);
    ring.verify(&next).await.unwrap();
    ring.verify(&ring.issuer).await.unwrap();
    assert_eq!(ring.fetches(), 3);
}

#[tokio::test]
async fn without_keys_nobody_is_let_in_and_nobody_is_called_a_liar() {
    let ring = Ring::new();
    ring.fail(true);
    for _ in 0..10 {
        assert!(matches!(
            ring.verify(&ring.issuer).await,
            Err(Denied::Unavailable(_))
        ));
    }
    assert_eq!(
        ring.fetches(),
        1,
        "one that is down is not asked by everybody"
    );
    ring.fail(false);
    ring.clock.advance(1_000);
    ring.verify(&ring.issuer).await.unwrap();
    assert_eq!(ring.fetches(), 2);
}

#[tokio::test]
async fn a_failing_source_leaves_the_cached_keys_in_force() {
    let ring = Ring::new();
    let next = Issuer::open(None, Audience::default()).unwrap();
    ring.verify(&ring.issuer).await.unwrap();
    ring.fail(true);
    ring.clock.advance(3_600_000);
    assert!(matches!(
        ring.verify(&next).await,
        Err(Denied::Unauthorized)
    ));
    assert_eq!(ring.fetches(), 2);
    ring.verify(&ring.issuer).await.unwrap();
    // A key set that cannot be read is no reason to forget the keys that could.
    ring.fail(false);
    ring.clock.advance(60_000);
    ring.verify(&ring.issuer).await.unwrap();
    assert_eq!(ring.fetches(), 2, "a known key needs no fetch");
}

#[tokio::test]
async fn handshakes_at_the_same_time_share_one_fetch() {
    let mut ring = Ring::new();
    let source = Arc::get_mut(&mut ring.source);
    assert!(source.is_none(), "the verifier has it too");
    let closed = ring.source.gate.forget_permits(Semaphore::MAX_PERMITS);
    assert_eq!(closed, Semaphore::MAX_PERMITS);
    // The first to ask gives up, as a client that leaves does.
    let token = ring.token_of(&ring.issuer);
    {
        let mut first = Box::pin(ring.verifier.verify(&token));
        assert!(futures_util::poll!(&mut first).is_pending());
    }
    let all = join_all((0..50).map(|_| ring.verifier.verify(&token)));
    let release = async { ring.source.gate.add_permits(1) };
    let (verified, ()) = tokio::join!(all, release);
    assert!(verified.iter().all(Result::is_ok));
    assert_eq!(ring.fetches(), 1);
    // While a stranger's key is being asked for, those of known keys do not wait.
    ring.source.gate.forget_permits(1);
    ring.clock.advance(60_000);
    let next = Issuer::open(None, Audience::default()).unwrap();
    let mut stranger = Box::pin(ring.verify(&next));
    assert!(futures_util::poll!(&mut stranger).is_pending());
    ring.verify(&ring.issuer).await.unwrap();
    assert_eq!(ring.fetches(), 2);
}

#[tokio::test]
async fn a_key_verifies_for_its_own_issuer_alone() {
    let ring = Ring::new();
    let other = "http://127.0.0.1/other".to_owned();
    let trust = Trust {
        issuers: vec![Audience::default().issuer, other.clone()],
        audiences: vec![Audience::default().client],
    };
    let elsewhere = Audience {
        issuer: other.clone(),
        ..Audience::default()
    };
    let theirs = Issuer::open(None, elsewhere.clone()).unwrap();
    let their_set = IssuerKeys {
        issuer: other,
        jwks_json: theirs.jwks().to_string(),
    };
    ring.source.sets.lock().unwrap().push(their_set);
    let keys = KeyRing::new(Arc::clone(&ring.source) as _, Arc::clone(&ring.clock) as _);
    let verifier = Verifier::new(trust, keys, Arc::clone(&ring.clock) as _);
    verifier.verify(&ring.token_of(&ring.issuer)).await.unwrap();
    verifier.verify(&ring.token_of(&theirs)).await.unwrap();

    // Trusted with its own users, the other issuer now speaks for ours.
    let directory = tempfile::tempdir().unwrap();
    let posing = Issuer::open(Some(directory.path()), Audience::default()).unwrap();
    ring.source.sets.lock().unwrap()[1].jwks_json = posing.jwks().to_string();
    ring.clock.advance(60_000);
    let answer = verifier.verify(&ring.token_of(&posing)).await;
    assert!(matches!(answer, Err(Denied::Unauthorized)), "{answer:?}");
    let honest = Issuer::open(Some(directory.path()), elsewhere).unwrap();
    verifier.verify(&ring.token_of(&honest)).await.unwrap();
}
