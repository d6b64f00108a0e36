//! What a token that the pool signed has to say.

use jsonwebtoken::{Algorithm, encode};
use serde_json::{Value, json};
use switchboard_local::issuer::Audience;

use crate::forge::{Forge, NOW_S, claims, claims_with, stranger};

#[tokio::test]
async fn a_token_of_either_use_speaks_for_its_user() {
    let forge = Forge::open().await;
    forge.expect(101, [json!({})]).await;
    let access = json!({"token_use": "access", "aud": null, "client_id": "switchboard-local"});
    forge.expect(101, [access.clone()]).await;

    let token = forge.sign(&claims_with(&access));
    let bearer = format!("Bearer {token}");
    let mut alice = forge
        .stage
        .handshake("device=d", &[("authorization", &bearer)])
        .await
        .unwrap();

    let welcome = alice.ask(json!({"action": "hello"})).await;
    assert_eq!(welcome["user"], "alice");
    assert_eq!(welcome["role"], "customer");
    assert_eq!(welcome["expires_at"], (NOW_S + 3_600) * 1_000);
    forge.stage.close().await;
}

#[tokio::test]
async fn a_token_of_another_pool_app_or_use_is_refused() {
    let forge = Forge::open().await;
    let client = "switchboard-local";
    let issuer = Audience::default().issuer;
    let cases = [
        json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"}),
        json!({"iss": format!("{issuer}/")}),
        json!({"iss": ""}),
        json!({"iss": null}),
        json!({"iss": [issuer]}),
        json!({"aud": "another-app"}),
        json!({"aud": ""}),
        json!({"aud": null}),
        json!({"aud": null, "client_id": client}),
        json!({"token_use": "access"}),
        json!({"token_use": "access", "client_id": "another-app"}),
        json!({"token_use": "refresh"}),
        json!({"token_use": "ID"}),
        json!({"token_use": null}),
    ];
    forge.expect(401, cases).await;
    forge.stage.close().await;
}

#[tokio::test]
async fn time_is_the_gateway_s_with_half_a_minute_of_leeway() {
    let forge = Forge::open().await;
    let good = [
        json!({"exp": NOW_S + 1}),
        json!({"exp": NOW_S - 29}),
        json!({"nbf": NOW_S + 30}),
        json!({"nbf": NOW_S - 1_000}),
        json!({"iat": NOW_S + 100_000}),
    ];
    forge.expect(101, good).await;
    let bad = [
        json!({"exp": NOW_S - 30}),
        json!({"exp": NOW_S - 86_400}),
        json!({"exp": 0}),
        json!({"exp": null}),
        json!({"exp": (NOW_S + 3_600).to_string()}),
        json!({"exp": -1}),
        json!({"nbf": NOW_S + 31}),
        json!({"nbf": u64::MAX}),
    ];
    forge.expect(401, bad).await;
    let token = forge.sign(&claims());
    forge.stage.clock.advance(3_600_000 + 29_000);
    assert_eq!(forge.answer(&token).await, 101);
    forge.stage.clock.advance(1_000);
    assert_eq!(forge.answer(&token).await, 401);
    forge.stage.close().await;
}

#[tokio::test]
async fn who_has_no_role_or_two_is_known_and_refused() {
    let forge = Forge::open().await;
    let groups = |groups: Value| json!({"cognito:groups": groups});
    let neither_or_both = [
        groups(json!(null)),
        groups(json!([])),
        groups(json!(["admin"])),
        groups(json!(["Customer"])),
        groups(json!(["customer", "provider"])),
        groups(json!(["provider", "x", "customer"])),
    ];
    forge.expect(403, neither_or_both).await;
    let one = [
        groups(json!(["provider"])),
        groups(json!(["admin", "customer", "customer"])),
    ];
    forge.expect(101, one).await;
    // A forged token learns nothing of that.
    let (key, _) = stranger();
    let token = encode(
        &forge.header(Algorithm::RS256),
        &claims_with(&groups(json!([]))),
        &key,
    );
    assert_eq!(forge.answer(&token.unwrap()).await, 401);
    forge.stage.close().await;
}

#[tokio::test]
async fn a_name_that_could_be_part_of_a_key_is_no_user() {
    let forge = Forge::open().await;
    let sub = |sub: Value| json!({"sub": sub});
    let bad = [
        sub(json!("alice#bob")),
        sub(json!("#")),
        sub(json!("")),
        sub(json!(null)),
        sub(json!(7)),
        sub(json!("alice bob")),
        sub(json!("älice")),
        sub(json!("alice\n")),
        sub(json!("x".repeat(129))),
    ];
    forge.expect(401, bad).await;
    forge.expect(101, [sub(json!("x".repeat(128)))]).await;
    forge.stage.close().await;
}
