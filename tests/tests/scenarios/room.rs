//! The lists that the gateway answers stay below a frame, whatever is in them: they hold less and say so, and
//! whoever goes on gets everything once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage};

use crate::common::{alone, ids, list, log, open_key, seqs};

const FRAME_BYTES: usize = 32_768;

/// Asks with the `ref` that takes most room in an answer, and measures the answer.
async fn measured(actor: &mut Actor, mut frame: Value) -> Value {
    let reference = "\u{1}".repeat(64);
    frame["ref"] = json!(reference);
    actor.say(frame).await;
    let answer = actor.hear_where(|it| it["ref"] == reference.as_str()).await;
    let bytes = answer.to_string().len();
    assert!(
        bytes < FRAME_BYTES,
        "{} bytes of {}",
        bytes,
        answer["event"]
    );
    answer
}

/// The largest body there is.
fn large() -> Value {
    json!({"kind": "text", "text": "\"".repeat(8_000)})
}

/// Entries of very different sizes.
async fn fill(alice: &mut Actor, conversation: &str) {
    for round in 0..4 {
        let small = json!({"kind": "text", "text": "small"});
        let middle = json!({"kind": "text", "text": "m".repeat(2_500 * round + 1)});
        for body in [large(), small, middle] {
            let sent = alice.send_body(conversation, 0, body).await;
            assert_eq!(sent["event"], "sent", "{sent}");
        }
    }
}

#[tokio::test]
async fn pages_of_large_entries_are_gone_through_in_both_directions() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    fill(&mut alice, &conversation).await;
    let frame = |name: &str, seq: u64| json!({"action": "history", "conversation": conversation, name: seq, "limit": 100});

    let (mut up, mut pages) = (Vec::new(), 0);
    loop {
        let page = measured(&mut alice, frame("after", up.len() as u64)).await;
        up.extend(seqs(&page["entries"]));
        pages += 1;
        if page["more"] == false {
            break;
        }
        assert!(!list(&page["entries"]).is_empty());
    }
    assert_eq!(up, (1..=12).collect::<Vec<_>>());
    assert!(pages > 2, "{pages}");

    let mut down = vec![13];
    loop {
        let page = measured(&mut alice, frame("before", down[0])).await;
        let mut lower = seqs(&page["entries"]);
        assert!(!lower.is_empty());
        lower.append(&mut down);
        down = lower;
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(down, (1..=13).collect::<Vec<_>>());
    stage.close().await;
}

#[tokio::test]
async fn a_sync_of_large_entries_goes_on_until_everything_is_there() {
    let stage = Stage::open().await;
    let (mut alice, first) = alone(&stage).await;
    let second = open_key(&mut alice, "bob", "second").await;
    fill(&mut alice, &first).await;
    fill(&mut alice, &second).await;
    // Without cursors at first: all of these are among the newest twenty.
    let mut kept: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut rounds = 0;
    loop {
        let cursor = |it: &Vec<Value>| it.last().unwrap()["seq"].clone();
        let cursors: BTreeMap<_, _> = kept
            .iter()
            .map(|(id, it)| (id.clone(), cursor(it)))
            .collect();
        let synced = measured(&mut alice, json!({"action": "sync", "cursors": cursors})).await;
        let entries = list(&synced["entries"]);
        for entry in &entries {
            let id = entry["conversation"].as_str().unwrap().to_owned();
            kept.entry(id).or_default().push(entry.clone());
        }
        rounds += 1;
        if synced["more"] == false {
            break;
        }
        assert!(!entries.is_empty(), "there is more, and nothing comes");
    }
    assert!(rounds > 4, "{rounds}");
    for conversation in [&first, &second] {
        assert_eq!(kept[conversation], log(&mut alice, conversation).await);
    }
    stage.close().await;
}

#[tokio::test]
async fn an_inbox_of_large_entries_is_gone_through_page_by_page() {
    let stage = Stage::open().await;
    let (mut alice, plain) = alone(&stage).await;
    alice.send_body(&plain, 0, large()).await;
    let mut newest_first = vec![plain];
    for number in 0..6 {
        stage.clock.advance(1_000);
        let conversation = open_key(&mut alice, "bob", &number.to_string()).await;
        if number % 3 != 0 {
            alice.send_body(&conversation, 0, large()).await;
        }
        newest_first.insert(0, conversation);
    }

    let (mut found, mut next, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let inbox = measured(&mut alice, json!({"action": "inbox", "next": next})).await;
        let page = ids(&inbox["conversations"]);
        assert!(!page.is_empty());
        found.extend(page);
        pages += 1;
        match inbox.get("next") {
            Some(place) => next = place.clone(),
            None => break,
        }
    }

    assert_eq!(found, newest_first);
    assert!(pages > 2, "{pages}");
    let welcome = measured(&mut alice, json!({"action": "hello"})).await;
    let shown = ids(&welcome["conversations"]);
    assert_eq!(shown, newest_first[..shown.len()]);
    assert!(!shown.is_empty() && shown.len() < newest_first.len());
    assert_eq!(welcome["more"], true);
    stage.close().await;
}
