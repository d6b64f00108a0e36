//! What signs, and what only looks like a signature.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use crate::forge::{Forge, claims, claims_with, part, stranger};

#[tokio::test]
async fn another_algorithm_is_no_signature() {
    let forge = Forge::open().await;
    let (modulus, exponent) = forge.public_key();
    assert_eq!((modulus.len(), exponent.as_slice()), (256, &[1, 0, 1][..]));
    // RFC 8017's RSAPublicKey, and around it RFC 5280's SubjectPublicKeyInfo.
    let pkcs1 = [
        b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00".as_slice(),
        &modulus,
        b"\x02\x03\x01\x00\x01",
    ]
    .concat();
    let spki = [
        b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00".as_slice(),
        &pkcs1,
    ]
    .concat();
    let pem = |label: &str, der: &[u8]| {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|it| str::from_utf8(it).unwrap())
            .collect();
        let lines = lines.join("\n");
        format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n").into_bytes()
    };
    let secrets = [
        pem("PUBLIC KEY", &spki),
        pem("RSA PUBLIC KEY", &pkcs1),
        spki,
        pkcs1,
        modulus.clone(),
        URL_SAFE_NO_PAD.encode(&modulus).into_bytes(),
        Vec::new(),
    ];
    for secret in &secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let key = EncodingKey::from_secret(secret);
            let token = encode(&forge.header(algorithm), &claims(), &key).unwrap();
            assert_eq!(
                forge.answer(&token).await,
                401,
                "{algorithm:?} {}",
                secret.len()
            );
        }
    }
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = part(&json!({"alg": none, "typ": "JWT", "kid": forge.kid}));
        let payload = part(&claims());
        let signed = forge.sign(&claims());
        let signature = signed.rsplit_once('.').unwrap().1;
        for token in [
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{payload}.{signature}"),
        ] {
            assert_eq!(forge.answer(&token).await, 401, "alg {none:?}: {token}");
        }
    }
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let token = encode(&forge.header(algorithm), &claims(), &forge.key).unwrap();
        assert_eq!(forge.answer(&token).await, 401, "{algorithm:?}");
    }
    forge.stage.close().await;
}

#[tokio::test]
async fn another_key_is_no_signature_whatever_the_header_says() {
    let forge = Forge::open().await;
    let (key, jwks) = stranger();
    let mut embedded = forge.header(Algorithm::RS256);
    embedded.jwk = Some(serde_json::from_value(jwks["keys"][0].clone()).unwrap());
    let mut pointing = forge.header(Algorithm::RS256);
    pointing.jku = Some("http://127.0.0.1:1/jwks.json".to_owned());
    let mut own_name = Header::new(Algorithm::RS256);
    own_name.kid = jwks["keys"][0]["kid"].as_str().map(str::to_owned);
    let nameless = Header::new(Algorithm::RS256);
    let headers = [
        forge.header(Algorithm::RS256),
        embedded,
        pointing,
        own_name.clone(),
        nameless.clone(),
    ];
    for header in headers {
        let token = encode(&header, &claims(), &key).unwrap();
        assert_eq!(forge.answer(&token).await, 401, "{header:?}");
    }
    // The right key under a wrong name or none is not looked for either.
    for header in [own_name, nameless] {
        let token = encode(&header, &claims(), &forge.key).unwrap();
        assert_eq!(forge.answer(&token).await, 401, "{header:?}");
    }
    forge.stage.close().await;
}

#[tokio::test]
async fn a_tampered_token_is_refused() {
    let forge = Forge::open().await;
    let token = forge.sign(&claims());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let other = part(&claims_with(&json!({"sub": "bob"})));
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[0] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let cases = [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}.{flipped}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}="),
        token[..token.len() - 2].to_owned(),
        token.replace('.', ".."),
        "garbage".to_owned(),
        "..".to_owned(),
        "e30.e30.e30".to_owned(),
        "\u{7f}".replace('\u{7f}', "%00"),
    ];
    for case in cases {
        assert_eq!(forge.answer(&case).await, 401, "{case}");
    }
    assert_eq!(
        forge.answer(&token).await,
        101,
        "and the token itself is good"
    );
    forge.stage.close().await;
}

#[tokio::test]
async fn what_its_issuer_calls_critical_and_nobody_knows_is_not_believed() {
    let forge = Forge::open().await;
    let mut header = forge.header(Algorithm::RS256);
    header.crit = Some(vec!["exp".to_owned()]);
    let token = encode(&header, &claims(), &forge.key).unwrap();
    assert_eq!(forge.answer(&token).await, 401);
    forge.stage.close().await;
}
