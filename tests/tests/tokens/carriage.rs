//! How a token travels, and that what is refused leaves no trace.

use jsonwebtoken::{Algorithm, encode};
use serde_json::json;

use crate::forge::{Forge, claims, claims_with, stranger};

#[tokio::test]
async fn a_token_above_8192_bytes_is_none() {
    let forge = Forge::open().await;
    let padded = |bytes: usize| forge.sign(&claims_with(&json!({"padding": "x".repeat(bytes)})));
    let empty = padded(0).len();
    // Four characters carry three bytes.
    let fitting = (8_192 - empty) / 4 * 3;
    let (longest, longer) = (padded(fitting), padded(fitting + 6));
    assert!(
        (8_186..=8_192).contains(&longest.len()),
        "{}",
        longest.len()
    );
    assert!((8_193..=8_202).contains(&longer.len()), "{}", longer.len());

    assert_eq!(forge.answer(&longest).await, 101);
    assert_eq!(forge.answer(&longer).await, 401);
    assert_eq!(forge.answer(&padded(20_000)).await, 401);
    forge.stage.close().await;
}

/// A header of a handshake: its name and its value.
type Field<'a> = (&'static str, &'a str);

fn authorization(value: &str) -> Field<'_> {
    ("authorization", value)
}

fn protocols(value: &str) -> Field<'_> {
    ("sec-websocket-protocol", value)
}

#[tokio::test]
async fn a_token_travels_in_one_of_two_headers_and_nowhere_else() {
    let forge = Forge::open().await;
    let good = forge.sign(&claims());
    let bearer = format!("Bearer {good}");
    let lower = format!("bearer {good}");
    let basic = format!("Basic {good}");
    let offered = format!("switchboard.v1, bearer.{good}");

    let query = format!(
        "token={good}&access_token={good}&authorization=Bearer%20{good}&Authorization={good}"
    );
    let cases: [(&str, Vec<Field<'_>>, u16); 14] = [
        ("", vec![], 401),
        (&query, vec![], 401),
        ("", vec![authorization("Bearer")], 401),
        ("", vec![authorization("Bearer ")], 401),
        ("", vec![authorization(&good)], 401),
        ("", vec![authorization(&basic)], 401),
        ("", vec![("x-authorization", &bearer)], 401),
        ("", vec![("cookie", &bearer)], 401),
        ("", vec![authorization(&lower)], 101),
        // A header that the platform has twice is its last one.
        (
            "",
            vec![authorization(&bearer), authorization("Bearer garbage")],
            401,
        ),
        (
            "",
            vec![authorization("Bearer garbage"), authorization(&bearer)],
            101,
        ),
        // Where both ways are used, the header is the one that is believed or not.
        (
            "",
            vec![authorization("Bearer garbage"), protocols(&offered)],
            401,
        ),
        ("", vec![protocols("switchboard.v1, bearer.garbage")], 401),
        ("", vec![protocols("switchboard.v1, bearer.")], 401),
    ];
    for (query, headers, status) in cases {
        assert_eq!(
            forge.answer_to(query, &headers).await,
            status,
            "{query} {headers:?}"
        );
    }
    let alice = forge
        .stage
        .handshake("", &[protocols(&offered)])
        .await
        .unwrap();
    assert_eq!(alice.protocol(), Some("switchboard.v1"));
    forge.stage.close().await;
}

#[tokio::test]
async fn nobody_who_is_refused_leaves_a_trace_in_the_tables() {
    let forge = Forge::open().await;
    let (key, _) = stranger();
    let forged = encode(&forge.header(Algorithm::RS256), &claims(), &key).unwrap();
    let both = forge.sign(&claims_with(
        &json!({"cognito:groups": ["customer", "provider"]}),
    ));

    assert_eq!(forge.answer(&forged).await, 401);
    assert_eq!(forge.answer(&both).await, 403);

    let observed = forge.stage.wire.observed();
    assert!(observed.is_empty(), "{observed:?}");
    forge.stage.close().await;
}
