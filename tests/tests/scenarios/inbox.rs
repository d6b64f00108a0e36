//! `inbox`: every conversation once, by the time of its newest entry, newest first, page after page.
//!
//! The stored list trails the logs by up to half an hour, so the order is tested with conversations whose last
//! entries lie within and beyond that.

use serde_json::{Value, json};
use switchboard::ports::store::LIST_STEP_MS;
use switchboard_tests::{Actor, Stage};

use crate::common::{alone, ids, list, meet, open_key};

/// All conversations, page by page, as (id, `last_at`).
async fn pages(actor: &mut Actor, limit: usize) -> Vec<(String, u64)> {
    let (mut found, mut next) = (Vec::new(), Value::Null);
    loop {
        let frame = json!({"action": "inbox", "limit": limit, "next": next});
        let inbox = actor.ask(frame).await;
        assert_eq!(inbox["event"], "inbox", "{inbox}");
        let page = list(&inbox["conversations"]);
        let time = |it: &Value| it["last_at"].as_u64().unwrap();
        found.extend(
            ids(&inbox["conversations"])
                .into_iter()
                .zip(page.iter().map(time)),
        );
        let Some(place) = inbox.get("next") else {
            return found;
        };
        assert_eq!(page.len(), limit, "only the last page is short");
        next = place.clone();
    }
}

async fn open_many(alice: &mut Actor, count: usize) -> Vec<String> {
    let mut opened = Vec::new();
    for number in 0..count {
        opened.push(open_key(alice, "bob", &format!("key {number}")).await);
    }
    opened
}

#[tokio::test]
async fn conversations_of_one_instant_are_each_listed_once() {
    let stage = Stage::open().await;
    let (mut alice, plain) = alone(&stage).await;
    let mut opened = open_many(&mut alice, 24).await;
    opened.push(plain);
    // Some have an entry, of the same instant.
    for conversation in opened.iter().step_by(3) {
        alice.send(conversation, 0, "now").await;
    }
    stage.delivered().await;
    opened.sort_unstable();
    for limit in [1, 4, 5, 24, 25, 26, 50] {
        let mut found: Vec<_> = pages(&mut alice, limit)
            .await
            .into_iter()
            .map(|it| it.0)
            .collect();
        found.sort_unstable();
        assert_eq!(found, opened, "in pages of {limit}");
    }
    let first = alice.ask(json!({"action": "inbox"})).await;
    assert_eq!(
        list(&first["conversations"]).len(),
        20,
        "twenty where nothing is said"
    );
    assert!(first.get("next").is_some());
    stage.close().await;
}

#[tokio::test]
async fn the_order_is_that_of_the_newest_entries_however_the_list_trails() {
    let stage = Stage::open().await;
    let (mut alice, plain) = alone(&stage).await;
    let mut opened = open_many(&mut alice, 24).await;
    opened.push(plain);
    let mut newest_first = Vec::new();
    let mut say = async |conversation: &String, newest_first: &mut Vec<(String, u64)>| {
        let sent = alice.send(conversation, 0, "now").await;
        stage.delivered().await;
        newest_first.retain(|it| it.0 != *conversation);
        newest_first.insert(0, (conversation.clone(), sent["ts"].as_u64().unwrap()));
    };
    // Three times as long as the list may trail, in an order of its own.
    for number in 0..25 {
        stage.clock.advance(3 * LIST_STEP_MS / 25);
        say(&opened[number * 7 % 25], &mut newest_first).await;
    }
    // Then some that the list has far below, too recently moved to be moved again.
    for place in [5, 4, 5, 3] {
        stage.clock.advance(9_000);
        let conversation = newest_first[place].0.clone();
        say(&conversation, &mut newest_first).await;
    }

    let mut bob = stage.provider("bob", "phone").await;
    for limit in [1, 2, 3, 7, 20, 50] {
        assert_eq!(
            pages(&mut alice, limit).await,
            newest_first,
            "in pages of {limit}"
        );
        assert_eq!(
            pages(&mut bob, limit).await,
            newest_first,
            "in pages of {limit}, to bob"
        );
    }
    let welcome = bob.ask(json!({"action": "hello"})).await;
    let newest: Vec<_> = newest_first
        .iter()
        .take(20)
        .map(|it| it.0.clone())
        .collect();
    assert_eq!(ids(&welcome["conversations"]), newest);
    stage.close().await;
}

#[tokio::test]
async fn an_entry_moves_its_conversation_to_the_top_at_once() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, first) = meet(&stage).await;
    stage.clock.advance(1_000);
    let second = open_key(&mut alice, "bob", "second").await;
    let before = alice.ask(json!({"action": "inbox"})).await;
    assert_eq!(
        ids(&before["conversations"]),
        [&second, &first].map(String::clone)
    );
    stage.clock.advance(1_000);

    let sent = bob.send(&first, 0, "hello").await;

    let after = alice.ask(json!({"action": "inbox"})).await;
    assert_eq!(ids(&after["conversations"]), [first, second]);
    let top = &after["conversations"][0];
    assert_eq!(
        (&top["last_at"], &top["last_seq"]),
        (&sent["ts"], &json!(1))
    );
    stage.close().await;
}

#[tokio::test]
async fn nobody_else_is_listed() {
    let stage = Stage::open().await;
    let (_alice, mut bob, conversation) = meet(&stage).await;
    let mut carla = stage.customer("carla", "phone").await;
    let inbox = carla.ask(json!({"action": "inbox"})).await;
    assert_eq!(inbox, json!({"event": "inbox", "conversations": []}));
    let hers = carla.open("bob").await;
    assert_eq!(pages(&mut carla, 1).await.len(), 1);
    let his: Vec<_> = pages(&mut bob, 1)
        .await
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert!(his.contains(&hers) && his.contains(&conversation));
    stage.close().await;
}

#[tokio::test]
async fn a_page_is_asked_for_within_bounds() {
    let stage = Stage::open().await;
    let (mut alice, _) = alone(&stage).await;
    for wrong in [
        json!({"action": "inbox", "limit": 0}),
        json!({"action": "inbox", "limit": 51}),
        json!({"action": "inbox", "next": ""}),
        json!({"action": "inbox", "next": "somewhere"}),
        json!({"action": "inbox", "next": 7}),
    ] {
        assert_eq!(alice.refused(wrong.clone()).await, "bad_request", "{wrong}");
    }
    stage.close().await;
}
