//! Goal: whatever text a client sends, the connection survives, every frame that must be answered is answered once,
//! and a frame that is refused has written nothing.
//! Method: 200 frames from a fixed seed over one socket of one stage: garbage, deep JSON, valid frames with something
//! broken. Frames are dealt with one after the other, so that the answer to a probe comes after the frame's own.

use std::cell::{Cell, RefCell};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use switchboard_local::apigw::{Invocations, Limits};
use switchboard_tests::{Actor, Setting, Stage, ulid};
use tokio::runtime::Runtime;

/// Every run is this one.
const SEED: [u8; 32] = *b"switchboard: frames of any shape";
const CASES: u32 = 200;
const FRAME_BYTES_MAX: usize = 32_768;

/// What is replaced by the id of a conversation that there is.
const CONVERSATION: &str = "01AAAAAAAAAAAAAAAAAAAAAAAA";

/// A valid frame of each action, and the event of its reply where it has one.
fn valid() -> Vec<(Value, Option<&'static str>)> {
    let body = json!({"kind": "text", "text": "hello"});
    vec![
        (json!({"action": "hello"}), Some("welcome")),
        (json!({"action": "ping"}), Some("pong")),
        (
            json!({"action": "open", "with": "bob", "key": "k"}),
            Some("opened"),
        ),
        (
            json!({"action": "send", "conversation": CONVERSATION, "id": ulid(), "after": 0,
                "body": body, "reply_to": 1}),
            Some("sent"),
        ),
        (
            json!({"action": "send", "conversation": CONVERSATION, "id": ulid(), "after": 0,
                "body": {"kind": "custom", "type": "offer", "data": {"price": 7}}}),
            Some("sent"),
        ),
        (
            json!({"action": "receipt", "receipts": [{"conversation": CONVERSATION, "recv": 1, "read": 1}]}),
            None,
        ),
        (
            json!({"action": "typing", "conversation": CONVERSATION, "on": true}),
            None,
        ),
        (
            json!({"action": "history", "conversation": CONVERSATION, "after": 0, "limit": 9}),
            Some("page"),
        ),
        (
            json!({"action": "sync", "cursors": {CONVERSATION: 0}}),
            Some("synced"),
        ),
        (json!({"action": "inbox", "limit": 3}), Some("inbox")),
        (
            json!({"action": "presence", "users": ["bob"]}),
            Some("presence"),
        ),
        (
            json!({"action": "device", "platform": "fcm", "token": "t0", "device": "d", "locale": "de"}),
            Some("device"),
        ),
        (
            json!({"action": "settings", "conversation": CONVERSATION, "muted_until": 9}),
            Some("settings"),
        ),
    ]
}

/// How a valid frame is broken.
#[derive(Clone, Debug)]
enum Harm {
    None,
    Drop(prop::sample::Index),
    Replace(prop::sample::Index, Value),
    Add(String, Value),
    Action(&'static str),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, char),
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        vec(any::<char>(), 0..40).prop_map(|it| Value::from(String::from_iter(it))),
        Just(json!(u64::MAX)),
        Just(json!("x".repeat(9_000))),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        let name = vec(any::<char>(), 0..6).prop_map(String::from_iter);
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name, inner), 0..6).prop_map(|it| Value::Object(Map::from_iter(it))),
        ]
    })
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<prop::sample::Index>;
    let name = prop_oneof![
        Just("ref".to_owned()),
        Just("from".to_owned()),
        vec(any::<char>(), 0..9).prop_map(String::from_iter)
    ];
    prop_oneof![
        4 => Just(Harm::None),
        3 => place().prop_map(Harm::Drop),
        6 => (place(), any_json()).prop_map(|(place, value)| Harm::Replace(place, value)),
        2 => (name, any_json()).prop_map(|(name, value)| Harm::Add(name, value)),
        1 => prop::sample::select(vec!["$connect", "$disconnect", "$default", "", "SEND"])
            .prop_map(Harm::Action),
        2 => place().prop_map(Harm::Cut),
        2 => (place(), any::<char>()).prop_map(|(place, letter)| Harm::Insert(place, letter)),
    ]
}

fn broken((mut frame, _): (Value, Option<&'static str>), harm: Harm) -> String {
    let fields = frame.as_object_mut().unwrap();
    let names: Vec<String> = fields.keys().cloned().collect();
    match harm {
        Harm::None => {}
        Harm::Drop(place) => drop(fields.remove(place.get(&names))),
        Harm::Replace(place, value) => drop(fields.insert(place.get(&names).clone(), value)),
        Harm::Add(name, value) => drop(fields.insert(name, value)),
        Harm::Action(name) => drop(fields.insert("action".to_owned(), json!(name))),
        Harm::Cut(place) => {
            let text: Vec<char> = frame.to_string().chars().collect();
            return text[..place.index(text.len())].iter().collect();
        }
        Harm::Insert(place, letter) => {
            let mut text: Vec<char> = frame.to_string().chars().collect();
            text.insert(place.index(text.len()), letter);
            return text.iter().collect();
        }
    }
    frame.to_string()
}

fn deep() -> impl Strategy<Value = String> {
    let shapes = prop::sample::select(vec![
        ("[", "]"),
        (r#"{"action":"#, "}"),
        (r#"{"a":["#, "]}"),
    ]);
    let nested = (shapes, 1..1_600_usize)
        .prop_map(|((open, close), depth)| open.repeat(depth) + "0" + &close.repeat(depth));
    (nested, any::<bool>()).prop_map(|(nested, alone)| {
        if alone {
            return nested;
        }
        let id = ulid();
        format!(
            r#"{{"action":"send","conversation":"{CONVERSATION}","id":"{id}","after":0,"body":{{"kind":"custom","type":"t","data":{{"a":{nested}}}}}}}"#
        )
    })
}

fn frames() -> impl Strategy<Value = String> {
    let garbage = vec(any::<char>(), 0..3_000).prop_map(String::from_iter);
    prop_oneof![
        2 => garbage,
        2 => any_json().prop_map(|it| it.to_string()),
        2 => deep(),
        14 => (prop::sample::select(valid()), harm()).prop_map(|(frame, harm)| broken(frame, harm)),
    ]
    .prop_filter("longer ones close the socket", |it| {
        it.len() <= FRAME_BYTES_MAX
    })
}

/// Says the frame, then a probe, and returns what came before the probe's answer.
async fn answers(alice: &mut Actor, frame: &str, probe: &str) -> Vec<Value> {
    alice.say_text(frame).await;
    alice
        .say(json!({"action": "presence", "users": ["nobody"], "ref": probe}))
        .await;
    let mut answers = Vec::new();
    loop {
        let heard = alice.hear().await;
        if heard["ref"] == probe {
            return answers;
        }
        answers.push(heard);
    }
}

/// What is wrong with the answers to a frame.
fn wrong(frame: &str, answers: &[Value]) -> Option<String> {
    let value: Value = serde_json::from_str(frame).unwrap_or_default();
    let action = value["action"].as_str().unwrap_or_default();
    let known = valid().into_iter().find(|(it, _)| it["action"] == action);
    let reply = known.as_ref().and_then(|(_, reply)| *reply);
    let answer = match answers {
        [answer] => answer,
        [] if known.is_some() && reply.is_none() => return None,
        other => return Some(format!("{} answers", other.len())),
    };
    let is_error = answer["event"] == "error" && answer["code"].is_string();
    if !is_error && reply.is_none_or(|reply| answer["event"] != reply) {
        return Some("an answer of another action".to_owned());
    }
    if answer["code"] == "unavailable" {
        return Some("a frame of a client's made the gateway fail".to_owned());
    }
    let reference = value["ref"].as_str().filter(|it| it.len() <= 64);
    if action != "ping" && answer["ref"].as_str() != reference {
        return Some("another ref".to_owned());
    }
    None
}

/// One case: says the frame, judges the answers and what was written. Says whether the frame was refused.
async fn play(stage: &Stage, alice: &mut Actor, frame: &str) -> Result<bool, TestCaseError> {
    // So that the limit on sends is not what is tested.
    stage.clock.advance(1_000);
    stage.wire.forget();
    let answers = answers(alice, frame, &format!("probe-{}", ulid())).await;
    let problem = wrong(frame, &answers);
    prop_assert!(problem.is_none(), "{problem:?} in {answers:?}");
    let refused = answers.first().is_some_and(|it| it["event"] == "error");
    if refused {
        let observed = stage.wire.observed();
        let written = observed
            .iter()
            .find(|it| it.writes() && it.status == 200)
            .map(|it| &it.operation);
        prop_assert!(written.is_none(), "{written:?} for {answers:?}");
    } else {
        stage.delivered().await;
    }
    Ok(refused)
}

#[test]
fn no_frame_breaks_the_connection_or_writes_while_it_is_refused() {
    let runtime = Runtime::new().unwrap();
    let (stage, alice, conversation) = runtime.block_on(async {
        let limits = Limits {
            invocations: Invocations::Serial,
            ..Limits::default()
        };
        let stage = Stage::set(Setting {
            limits,
            ..Setting::default()
        })
        .await;
        stage.provider("bob", "web").await.leave().await;
        let mut alice = stage.customer("alice", "phone").await;
        let conversation = alice.open("bob").await;
        alice.send(&conversation, 0, "first").await;
        stage.delivered().await;
        (stage, alice, conversation)
    });
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let alice = RefCell::new(alice);
    let (refused, done) = (Cell::new(0), Cell::new(0));
    let outcome = TestRunner::new_with_rng(config, rng).run(&frames(), |frame| {
        let frame = frame.replace(CONVERSATION, &conversation);
        let is_refused = runtime.block_on(play(&stage, &mut alice.borrow_mut(), &frame))?;
        let counter = if is_refused { &refused } else { &done };
        counter.set(counter.get() + 1);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("seed {SEED:?}: {error}");
    }
    println!("{} refused, {} done", refused.get(), done.get());
    assert!(
        refused.get() >= 50 && done.get() >= 40,
        "the frames are all of a kind"
    );
    runtime.block_on(stage.close());
}
