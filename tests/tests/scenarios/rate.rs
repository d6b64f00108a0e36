//! The rate: twenty sends of one user in ten seconds in a conversation, and not one more.

use serde_json::json;
use switchboard_tests::{Stage, ulid};

use crate::common::{alone, meet, nothing_written, open_key, text_frame};

#[tokio::test]
async fn the_twenty_first_waits_exactly_as_long_as_it_is_told() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    for _ in 0..10 {
        alice.send(&conversation, 0, "at once").await;
    }
    stage.clock.advance(4_000);
    for _ in 0..10 {
        alice.send(&conversation, 0, "later").await;
    }
    let frame = text_frame(&conversation, &ulid(), 20, "one too many");
    stage.wire.forget();

    for (passed, left) in [(0, 6_000), (1_000, 5_000), (4_999, 1)] {
        stage.clock.advance(passed);
        let answer = alice.ask(frame.clone()).await;
        assert_eq!(answer["code"], "rate_limited", "{answer}");
        assert_eq!(answer["retry_after_ms"], left);
    }
    nothing_written(&stage);

    stage.clock.advance(1);
    let sent = alice.ask(frame).await;
    assert_eq!(sent["seq"], 21, "{sent}");
    // The ten of the beginning are out of the window, the other ten and the new one are in it.
    for _ in 0..9 {
        alice.send(&conversation, 0, "again").await;
    }
    let full = text_frame(&conversation, &ulid(), 20, "full again");
    assert_eq!(alice.ask(full).await["retry_after_ms"], 4_000);
    stage.close().await;
}

#[tokio::test]
async fn the_rate_is_one_users_in_one_conversation_over_all_devices() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    let other = open_key(&mut alice, "bob", "other").await;
    let first = text_frame(&conversation, &ulid(), 0, "first");
    alice.ask(first.clone()).await;
    for number in 1..20 {
        let device = if number % 2 == 0 {
            &mut alice
        } else {
            &mut tablet
        };
        device.send(&conversation, 0, "quickly").await;
    }

    let late = text_frame(&conversation, &ulid(), 0, "one too many");
    assert_eq!(alice.refused(late.clone()).await, "rate_limited");
    assert_eq!(tablet.refused(late).await, "rate_limited");
    // Reactions and edits are sends like any other.
    let reaction = json!({"kind": "reaction", "of": 1, "emoji": "👍", "on": true});
    assert_eq!(
        alice.send_body(&conversation, 0, reaction).await["code"],
        "rate_limited"
    );
    alice.send(&other, 0, "another conversation").await;
    bob.send(&conversation, 0, "another user").await;
    // A retry appends nothing, so it is always answered.
    let retry = alice.ask(first).await;
    assert_eq!(
        (&retry["seq"], &retry["duplicate"]),
        (&json!(1), &json!(true))
    );
    stage.close().await;
}
