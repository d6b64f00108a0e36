//! `sync`: a device that moves its cursors on until `more` is false misses nothing and gets nothing twice.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage};

use crate::common::{alone, list, log, meet, open_key, talk};

type Cursors = BTreeMap<String, u64>;

async fn sync(actor: &mut Actor, cursors: &Cursors) -> (Vec<Value>, bool) {
    let synced = actor
        .ask(json!({"action": "sync", "cursors": cursors}))
        .await;
    assert_eq!(synced["event"], "synced", "{synced}");
    (list(&synced["entries"]), synced["more"].as_bool().unwrap())
}

/// Puts entries into a device's store: each conversation's have to follow upon what the device has.
fn store(kept: &mut BTreeMap<String, Vec<Value>>, cursors: &mut Cursors, entries: Vec<Value>) {
    for entry in entries {
        let conversation = entry["conversation"].as_str().unwrap().to_owned();
        let seq = entry["seq"].as_u64().unwrap();
        if let Some(cursor) = cursors.get(&conversation) {
            assert_eq!(seq, cursor + 1, "a gap or a repetition in {conversation}");
        }
        cursors.insert(conversation.clone(), seq);
        kept.entry(conversation).or_default().push(entry);
    }
}

/// Asks until there is no more, and returns what came.
async fn catch_up(actor: &mut Actor, mut cursors: Cursors) -> BTreeMap<String, Vec<Value>> {
    let (mut kept, mut rounds) = (BTreeMap::new(), 0);
    loop {
        let (entries, more) = sync(actor, &cursors).await;
        assert!(
            !more || !entries.is_empty(),
            "there is more, and nothing comes"
        );
        store(&mut kept, &mut cursors, entries);
        rounds += 1;
        if !more {
            assert!(rounds > 1, "the play needs more than one answer holds");
            return kept;
        }
    }
}

#[tokio::test]
async fn without_a_cursor_a_conversation_gives_its_newest_twenty() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    let short = open_key(&mut alice, "bob", "short").await;
    let empty = open_key(&mut alice, "bob", "empty").await;
    talk(&stage, &mut alice, &conversation, 0, 30).await;
    talk(&stage, &mut alice, &short, 0, 4).await;

    let (entries, more) = sync(&mut alice, &Cursors::new()).await;

    assert!(!more);
    let (mut kept, mut cursors) = (BTreeMap::new(), Cursors::new());
    store(&mut kept, &mut cursors, entries);
    assert_eq!(
        kept[&conversation],
        log(&mut alice, &conversation).await[10..]
    );
    assert_eq!(kept[&short], log(&mut alice, &short).await);
    assert!(!kept.contains_key(&empty));
    // Now it has everything.
    assert_eq!(sync(&mut alice, &cursors).await, (Vec::new(), false));
    stage.close().await;
}

#[tokio::test]
async fn with_cursors_it_gives_what_is_above_them() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut alice, &conversation, 0, 12).await;
    bob.send(&conversation, 12, "an answer").await;
    for cursor in 0..=13_u64 {
        let cursors = Cursors::from([(conversation.clone(), cursor)]);
        let (entries, more) = sync(&mut bob, &cursors).await;
        let places: Vec<_> = entries
            .iter()
            .map(|it| it["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(
            places,
            (cursor + 1..=13).collect::<Vec<_>>(),
            "above {cursor}"
        );
        assert!(!more);
    }
    // A cursor from nowhere, above everything, has nothing above it.
    let cursors = Cursors::from([(conversation, u64::MAX)]);
    assert_eq!(sync(&mut bob, &cursors).await, (Vec::new(), false));
    stage.close().await;
}

#[tokio::test]
async fn whoever_goes_on_while_there_is_more_has_everything_once() {
    let stage = Stage::open().await;
    let (mut alice, first) = alone(&stage).await;
    let second = open_key(&mut alice, "bob", "second").await;
    for conversation in [&first, &second] {
        talk(&stage, &mut alice, conversation, 0, 115).await;
    }
    let mut bob = stage.provider("bob", "phone").await;
    // A frame holds neither all of both nor, in one read, all of one.
    for behind in [[(&first, 0), (&second, 0)], [(&first, 0), (&second, 115)]] {
        let behind = behind.map(|(id, cursor)| (id.clone(), cursor));
        let kept = catch_up(&mut bob, Cursors::from(behind.clone())).await;

        for (conversation, cursor) in behind {
            let whole = log(&mut alice, &conversation).await;
            assert_eq!(whole.len(), 115);
            let missing: Vec<_> = whole
                .into_iter()
                .filter(|it| it["seq"].as_u64() > Some(cursor))
                .collect();
            assert_eq!(
                kept.get(&conversation).cloned().unwrap_or_default(),
                missing
            );
        }
    }
    stage.close().await;
}

#[tokio::test]
async fn a_conversation_that_is_new_to_the_device_comes_along() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    talk(&stage, &mut alice, &conversation, 0, 3).await;
    let unheard_of = open_key(&mut alice, "bob", "new").await;
    talk(&stage, &mut alice, &unheard_of, 0, 2).await;

    let cursors = Cursors::from([(conversation, 3)]);
    let (entries, more) = sync(&mut bob, &cursors).await;

    assert!(!more);
    assert_eq!(entries, log(&mut bob, &unheard_of).await);
    stage.close().await;
}

#[tokio::test]
async fn cursors_are_checked() {
    let stage = Stage::open().await;
    let (mut alice, conversation) = alone(&stage).await;
    for cursors in [
        json!(null),
        json!([]),
        json!({"no ulid": 1}),
        json!({&conversation: -1}),
        json!({&conversation: "1"}),
        json!({&conversation: null}),
    ] {
        let frame = json!({"action": "sync", "cursors": cursors});
        assert_eq!(alice.refused(frame).await, "bad_request", "{cursors}");
    }
    stage.close().await;
}
