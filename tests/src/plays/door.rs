//! Who gets in, and what a stranger learns.

use serde_json::json;
use switchboard::protocol::Role;

use crate::actor::Actor;
use crate::venue::{Venue, connect, handshake};

/// Nobody gets in without a token of the venue's, and a conversation exists for its members alone.
pub async fn door(venue: &dyn Venue) {
    let alice = venue.guest("alice", Role::Customer).await;
    let bob = venue.guest("bob", Role::Provider).await;
    let mallory = venue.guest("mallory", Role::Customer).await;

    let (signed, signature) = alice.token.rsplit_once('.').unwrap();
    // A character in the middle: all of its bits count.
    let (first, rest) = signature.split_at(signature.len() / 2);
    let other = if rest.starts_with('A') { 'B' } else { 'A' };
    for (what, token) in [
        ("no token", String::new()),
        ("a word", "token".to_owned()),
        ("no signature", format!("{signed}.")),
        (
            "another signature",
            format!("{signed}.{first}{other}{}", &rest[1..]),
        ),
    ] {
        let entrance = handshake(venue, &token, "phone").await;
        assert!(entrance.is_err(), "{what} was let in");
    }
    let in_query = format!("device=phone&token={}", alice.token);
    let entrance = Actor::dial(&venue.url(), &in_query, &[]).await;
    assert!(entrance.is_err(), "a token in the query was let in");

    let bobs = connect(venue, &bob, "phone").await;
    let mut alices = connect(venue, &alice, "phone").await;
    let conversation = alices.open(&bob.id).await;
    alices.send(&conversation, 0, "between us").await;

    let mut mallorys = connect(venue, &mallory, "phone").await;
    let history = json!({"action": "history", "conversation": conversation, "after": 0});
    let refused = mallorys.refused(history).await;
    assert_eq!(refused, "unknown_conversation");
    let body = json!({"kind": "text", "text": "me too"});
    let answer = mallorys.send_body(&conversation, 0, body).await;
    assert_eq!(answer["code"], "unknown_conversation", "{answer}");
    let presence = json!({"action": "presence", "users": [alice.id]});
    assert_eq!(mallorys.ask(presence).await["users"], json!({}));
    for actor in [alices, bobs, mallorys] {
        actor.leave().await;
    }
}
