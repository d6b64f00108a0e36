#![no_main]
//! Goal: nobody is let in but by a token that the issuer signed, whose claims say all that they have to.
//! Method: the first byte says what the rest is: a whole token (`t`); edits of a genuine one (`e`); a header (`h`) or
//! claims (`c`) that are then really signed; the issuer's key set (`k`). Whoever is let in is looked up in what was
//! signed, by rules that are written here once more and not taken from the verifier.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;
use switchboard::auth::{Denied, Identity, Verifier};
use switchboard_fuzz::pieces::{kind, kind_and_text};
use switchboard_fuzz::tokens::{
    CLIENT, ISSUER, JWKS, KID, NOW_S, Pool, claims, header, verifier, verify,
};

/// What the clocks may differ by.
const LEEWAY_S: u64 = 30;

struct World {
    pool: Pool,
    verifier: Verifier,
    /// The genuine tokens; the first is let in.
    tokens: Vec<String>,
    claims: String,
    modulus: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (pool, verifier) = (Pool::default(), verifier(JWKS));
    let tokens = pool.tokens();
    for (token, let_in) in &tokens {
        assert_eq!(verify(&verifier, token).is_ok(), *let_in, "{token}");
    }
    let jwks: Value = serde_json::from_str(JWKS).expect("the key set");
    World {
        pool,
        verifier,
        tokens: tokens.into_iter().map(|(token, _)| token).collect(),
        claims: claims().to_string(),
        modulus: jwks["keys"][0]["n"].as_str().expect("a modulus").to_owned(),
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let world = &*WORLD;
    match (kind(data), kind_and_text(data)) {
        (_, Some((b't', token))) => genuine_alone(world, token),
        (Some((b'e', edits)), _) => {
            if let Ok(token) = String::from_utf8(edited(world, edits)) {
                genuine_alone(world, &token);
            }
        }
        (Some((b'h', header)), _) => any_header(world, header),
        (Some((b'c', claims)), _) => any_claims(world, claims),
        (_, Some((b'k', jwks))) => any_keys(world, jwks),
        _ => return Corpus::Reject,
    }
    Corpus::Keep
});

/// A token that is let in is, byte for byte in what is signed, one that the pool has signed.
fn genuine_alone(world: &World, token: &str) {
    match verify(&world.verifier, token) {
        Ok(_) | Err(Denied::Forbidden) => {
            let (input, signature) = token.rsplit_once('.').expect("a token has a signature");
            let same = |genuine: &&String| genuine.rsplit_once('.').is_some_and(|it| it.0 == input);
            let genuine = world
                .tokens
                .iter()
                .find(same)
                .expect("a forged token was believed");
            // The signature may be spelled otherwise, but it is that signature.
            let bytes = |token: &str| URL_SAFE_NO_PAD.decode(token).ok();
            let expected = genuine.rsplit_once('.').and_then(|it| bytes(it.1));
            assert_eq!(bytes(signature.trim_end_matches('=')), expected);
        }
        Err(Denied::Unauthorized) => {}
        Err(Denied::Unavailable(error)) => panic!("the keys are at hand: {error:?}"),
    }
}

/// A genuine token with edits: which token, then for each edit what, where (of 65,536 parts) and with which byte.
fn edited(world: &World, edits: &[u8]) -> Vec<u8> {
    let (which, edits) = edits.split_first().unwrap_or((&0, &[]));
    let other = |byte: u8| &world.tokens[usize::from(byte) % world.tokens.len()];
    let mut token = other(*which).clone().into_bytes();
    for edit in edits.chunks_exact(4) {
        let [what, high, low, byte] = *edit else {
            continue;
        };
        let place = (usize::from(u16::from_be_bytes([high, low])) * token.len()) >> 16;
        match what % 5 {
            0 if place < token.len() => token[place] = byte,
            1 => token.insert(place, byte),
            2 if place < token.len() => drop(token.remove(place)),
            3 => token.truncate(place),
            // The rest of another genuine token.
            4 => {
                token.truncate(place);
                token.extend(other(byte).bytes().skip(place));
            }
            _ => {}
        }
    }
    token
}

fn any_header(world: &World, bytes: &[u8]) {
    let token = world.pool.sign(bytes, world.claims.as_bytes());
    if verify(&world.verifier, &token).is_ok() {
        let header = String::from_utf8_lossy(bytes);
        let Ok(header) = serde_json::from_str::<Value>(&header) else {
            return;
        };
        assert!(header["crit"].is_null(), "{header}");
        assert_eq!(
            (&header["alg"], &header["kid"]),
            (&"RS256".into(), &KID.into()),
            "{header}"
        );
    }
}

fn any_claims(world: &World, bytes: &[u8]) {
    let token = world.pool.sign(header().as_bytes(), bytes);
    let identity = match verify(&world.verifier, &token) {
        Ok(identity) => Some(identity),
        Err(Denied::Forbidden) => None,
        Err(Denied::Unauthorized) => return,
        Err(Denied::Unavailable(error)) => panic!("the keys are at hand: {error:?}"),
    };
    // What a claim that nobody asks for holds need not be UTF-8, or a number that anything could hold.
    let claims = String::from_utf8_lossy(bytes);
    let Ok(claims) = serde_json::from_str::<Value>(&claims) else {
        return;
    };
    assert_eq!(claims["iss"], ISSUER, "{claims}");
    let audience = match claims["token_use"].as_str() {
        Some("id") => &claims["aud"],
        Some("access") => &claims["client_id"],
        other => panic!("a token for {other:?}"),
    };
    assert_eq!(audience, CLIENT, "{claims}");
    let exp = claims["exp"].as_u64().expect("a time");
    assert!(exp.saturating_add(LEEWAY_S) > NOW_S, "expired: {claims}");
    assert!(
        claims["nbf"]
            .as_u64()
            .is_none_or(|nbf| nbf <= NOW_S + LEEWAY_S),
        "too early: {claims}"
    );
    let is_in = |group: &str| {
        claims["cognito:groups"]
            .as_array()
            .is_some_and(|it| it.iter().any(|it| it == group))
    };
    let role = match (is_in("customer"), is_in("provider")) {
        (true, false) => Some("customer"),
        (false, true) => Some("provider"),
        (true, true) | (false, false) => None,
    };
    assert_eq!(
        identity.as_ref().map(|it| it.role.as_str()),
        role,
        "{claims}"
    );
    if let Some(Identity {
        user,
        expires_at,
        role: _,
    }) = identity
    {
        assert_eq!(claims["sub"], user.as_str());
        assert_eq!(expires_at, exp.saturating_mul(1_000));
    }
}

/// A token of the pool's is believed only by the pool's own key, published under its name for RS256 signatures.
fn any_keys(world: &World, jwks: &str) {
    let verified = verify(&verifier(jwks), &world.tokens[0]);
    if verified.is_err() {
        return;
    }
    let jwks: Value = serde_json::from_str(jwks).expect("a key set is JSON");
    let published = jwks["keys"].as_array().is_some_and(|keys| {
        keys.iter().any(|key| {
            key["kid"] == KID
                && key["kty"] == "RSA"
                && matches!(key["alg"].as_str(), None | Some("RS256"))
                && key["use"] != "enc"
                && key["n"].as_str().is_some_and(|n| is_modulus(world, n))
        })
    });
    assert!(
        published,
        "believed by a key that was not published: {jwks}"
    );
}

/// The same number: RFC 7518 allows one spelling, and a decoder may take others.
fn is_modulus(world: &World, text: &str) -> bool {
    let number = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        let zeros = bytes.iter().take_while(|it| **it == 0).count();
        Some(bytes[zeros..].to_vec())
    };
    number(text) == number(&world.modulus)
}
