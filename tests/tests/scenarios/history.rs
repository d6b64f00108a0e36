//! `history`: any part of a log, ascending, and whether there is more in that direction.

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage};

use crate::common::{alone, seqs, talk};

async fn page(actor: &mut Actor, conversation: &str, span: Value) -> (Vec<u64>, bool) {
    let mut frame = json!({"action": "history", "conversation": conversation});
    frame
        .as_object_mut()
        .unwrap()
        .extend(span.as_object().unwrap().clone());
    let page = actor.ask(frame).await;
    assert_eq!(page["event"], "page", "{page}");
    assert_eq!(page["conversation"], conversation);
    (seqs(&page["entries"]), page["more"].as_bool().unwrap())
}

#[tokio::test]
async fn a_page_is_the_part_of_the_log_that_was_asked_for() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    talk(&stage, &mut alice, &conversation, 0, 120).await;
    let rows = [
        (json!({"after": 0}), 1..=50, true),
        (json!({"after": 0, "limit": 100}), 1..=100, true),
        (json!({"after": 19, "limit": 1}), 20..=20, true),
        (json!({"after": 20, "limit": 100}), 21..=120, false),
        (json!({"after": 19, "limit": 100}), 20..=119, true),
        (json!({"after": 119}), 120..=120, false),
        (json!({"before": 121}), 71..=120, true),
        (json!({"before": 121, "limit": 100}), 21..=120, true),
        (json!({"before": 101, "limit": 100}), 1..=100, false),
        (json!({"before": 102, "limit": 100}), 2..=101, true),
        (json!({"before": 2}), 1..=1, false),
        (json!({"before": u64::MAX, "limit": 3}), 118..=120, true),
    ];
    for (span, expected, more) in rows {
        let expected: Vec<u64> = expected.collect();
        let found = page(&mut alice, &conversation, span.clone()).await;
        assert_eq!(found, (expected, more), "{span}");
    }
    for span in [
        json!({"after": 120}),
        json!({"after": u64::MAX}),
        json!({"before": 1}),
        json!({"before": 0}),
    ] {
        let found = page(&mut alice, &conversation, span.clone()).await;
        assert_eq!(found, (Vec::new(), false), "{span}");
    }
    stage.close().await;
}

#[tokio::test]
async fn an_entry_reads_in_history_as_it_was_told() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    let mut tablet = stage.customer("alice", "tablet").await;
    alice.send(&conversation, 0, "the same everywhere").await;
    let told = tablet.hear_event("entry").await;

    let frame = json!({"action": "history", "conversation": conversation, "before": 2});
    let page = alice.ask(frame).await;

    assert_eq!(page["entries"], json!([told]));
    stage.close().await;
}

#[tokio::test]
async fn an_empty_log_has_an_empty_page() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    for span in [json!({"after": 0}), json!({"before": 100})] {
        assert_eq!(
            page(&mut alice, &conversation, span).await,
            (Vec::new(), false)
        );
    }
    stage.close().await;
}

#[tokio::test]
async fn a_page_is_asked_for_in_one_direction() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    for span in [
        json!({}),
        json!({"after": 0, "before": 5}),
        json!({"after": -1}),
        json!({"before": "5"}),
        json!({"after": 0, "limit": 0}),
        json!({"after": 0, "limit": 101}),
        json!({"after": 0, "limit": 1.5}),
    ] {
        let mut frame = json!({"action": "history", "conversation": conversation});
        frame
            .as_object_mut()
            .unwrap()
            .extend(span.as_object().unwrap().clone());
        assert_eq!(alice.refused(frame).await, "bad_request", "{span}");
    }
    stage.close().await;
}
