//! Many at the same time.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard_tests::{Actor, Stage, ulid};

use crate::cast::{both_there, log, text};

const DEVICES: usize = 5;
/// Together as many as the rate allows each user.
const SENDS: usize = 4;
const TOTAL: usize = 2 * DEVICES * SENDS;

/// What a device knows of a log: the id at each place.
type Known = BTreeMap<u64, String>;

/// A device sends one entry after the other, again where it is told to, then listens until it has everything.
async fn play(mut actor: Actor, conversation: &str) -> (Actor, Known) {
    let mut known = Known::new();
    for _ in 0..SENDS {
        let id = ulid();
        let frame = text(conversation, &id, 0, &id);
        let sent = loop {
            let answer = actor.ask(frame.clone()).await;
            if answer["event"] == "sent" {
                break answer;
            }
            assert_eq!(answer["code"], "unavailable", "{answer}");
        };
        assert_eq!(sent["id"], id.as_str());
        note(&mut known, &sent);
    }
    while known.len() < TOTAL {
        note(&mut known, &actor.hear_event("entry").await);
    }
    (actor, known)
}

fn note(known: &mut Known, told: &Value) {
    let seq = told["seq"].as_u64().unwrap();
    let id = told["id"].as_str().unwrap().to_owned();
    let before = known.insert(seq, id.clone());
    assert!(before.is_none_or(|it| it == id), "two entries at {seq}");
}

#[tokio::test]
async fn everybody_writes_at_once_and_everybody_sees_the_same_log() {
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        let device = format!("device-{number}");
        devices.push(stage.customer("alice", &device).await);
        devices.push(stage.provider("bob", &device).await);
    }

    let plays = devices.into_iter().map(|it| play(it, &conversation));
    let played = stage.clock.flow(join_all(plays)).await;

    let stored = log(&mut alice, &conversation).await;
    let seqs: Vec<u64> = stored.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!(seqs, (1..=TOTAL as u64).collect::<Vec<_>>());
    let ids: BTreeSet<&String> = stored.iter().map(|(_, id, _)| id).collect();
    assert_eq!(ids.len(), TOTAL);
    let stored: Known = stored
        .iter()
        .map(|(seq, id, _)| (*seq, id.clone()))
        .collect();
    for (_device, known) in &played {
        assert_eq!(*known, stored);
    }
    stage.close().await;
}

#[tokio::test]
async fn everybody_opens_the_same_conversation_at_once() {
    let stage = Stage::open().await;
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        let device = format!("device-{number}");
        devices.push((stage.customer("alice", &device).await, "bob"));
        devices.push((stage.provider("bob", &device).await, "alice"));
    }
    let opens = devices.into_iter().map(|(mut actor, with)| async move {
        let opened = actor.ask(json!({"action": "open", "with": with})).await;
        (actor, opened)
    });
    let opened = stage.clock.flow(join_all(opens)).await;
    let ids: BTreeSet<_> = opened
        .iter()
        .map(|(_, it)| it["conversation"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let created = opened.iter().filter(|(_, it)| it["created"] == true);
    assert_eq!(created.count(), 1);
    stage.close().await;
}

#[tokio::test]
async fn everybody_comes_back_at_once_and_misses_nothing() {
    const EACH: usize = 20;
    let stage = Stage::open().await;
    let (mut alice, _bob, conversation) = both_there(&stage).await;
    for after in 0..3 {
        alice.send(&conversation, after, "before").await;
    }
    let connect = || {
        let devices = (0..2 * EACH).map(|number| {
            let (user, role) = [("alice", "customer"), ("bob", "provider")][number % 2];
            let stage = &stage;
            async move { stage.connect(user, role, &format!("device-{number}")).await }
        });
        join_all(devices)
    };
    let mut devices = connect().await;
    let api = &stage.host().site().api;
    for number in 0..2 * EACH {
        let user = ["alice", "bob"][number % 2];
        let id = stage.connection_id(user, &format!("device-{number}"));
        assert!(api.chaos().go_away(&id));
    }
    for device in &mut devices {
        assert_eq!(device.closed().await.0, 1001);
    }
    stage.wire.forget();

    let mut devices = connect().await;
    // A connect reads nothing: a crowd at the door is writes alone.
    let observed = stage.wire.observed();
    assert!(observed.iter().all(switchboard_tests::Observed::writes));
    let rows = observed
        .iter()
        .filter(|it| it.is("PutItem", "\"connections\""));
    assert_eq!(rows.count(), 2 * EACH);

    let syncs = devices.iter_mut().map(|device| async {
        device.ask(json!({"action": "hello"})).await;
        device.ask(json!({"action": "sync", "cursors": {}})).await
    });
    for synced in join_all(syncs).await {
        assert_eq!(synced["entries"].as_array().unwrap().len(), 3);
        assert_eq!(synced["more"], false);
    }
    alice.send(&conversation, 3, "after").await;
    for device in &mut devices {
        let entry = device.hear_where(|it| it["seq"] == 4).await;
        assert_eq!(entry["body"]["text"], "after");
    }
    stage.close().await;
}
