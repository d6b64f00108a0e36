//! Goal: a token passes the checks that a Cognito token passes, with the keys
//! that the issuer publishes, after a restart too.

use std::os::unix::fs::PermissionsExt as _;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;
use switchboard_local::issuer::{Audience, Issuer, IssuerError, TokenRequest, TokenUse};

fn request(token_use: TokenUse) -> TokenRequest {
    TokenRequest {
        user: "alice".into(),
        role: "customer".into(),
        expires_s: 3_600,
        token_use,
        jti: 7,
    }
}

fn verify(issuer: &Issuer, token: &str, now_s: u64) -> Value {
    let keys: JwkSet = serde_json::from_value(issuer.jwks()).unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[&issuer.audience().issuer]);
    (validation.validate_aud, validation.validate_exp) = (false, false);
    let claims = decode::<Value>(token, &key, &validation).unwrap().claims;
    assert_eq!(claims["iat"], now_s);
    assert_eq!(claims["exp"], now_s + 3_600);
    claims
}

#[test]
fn both_kinds_of_token_verify_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let issuer = Issuer::open(Some(directory.path()), Audience::default()).unwrap();
    let token = issuer.token(1_800_000_000, &request(TokenUse::Id)).unwrap();
    let again = Issuer::open(Some(directory.path()), Audience::default()).unwrap();
    let claims = verify(&again, &token, 1_800_000_000);
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["aud"], "switchboard-local");
    assert_eq!(claims["token_use"], "id");
    assert_eq!(claims["cognito:groups"], serde_json::json!(["customer"]));
    let token = again.token(5, &request(TokenUse::Access)).unwrap();
    let claims = verify(&issuer, &token, 5);
    assert_eq!(claims["client_id"], "switchboard-local");
    assert_eq!(claims["token_use"], "access");
    assert!(claims.get("aud").is_none());
    let key = std::fs::metadata(directory.path().join("issuer.der")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn processes_that_race_end_up_with_one_key() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        Issuer::open(Some(directory.path()), Audience::default())
            .unwrap()
            .jwks()
    };
    let (first, second) = std::thread::scope(|scope| {
        let (first, second) = (scope.spawn(open), scope.spawn(open));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert_eq!(first, second);
}

#[test]
fn a_file_that_is_no_key_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("issuer.der"), b"no key").unwrap();
    let error = Issuer::open(Some(directory.path()), Audience::default()).unwrap_err();
    assert!(matches!(error, IssuerError::Key { .. }), "{error}");
}
