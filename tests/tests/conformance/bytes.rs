//! Whatever a client sends, in whatever order, the kit comes to a verdict and does not fall over.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use switchboard_local::conformance::{Answer, Deed, Handshake, Heard, PLAYS, Run};

/// What a client that knows no rule does.
#[derive(Clone, Debug)]
enum Act {
    Knocks { token: bool, device: String },
    Says { connection: u64, text: String },
    Offends { connection: u64, code: u16 },
    Leaves { connection: u64 },
    Waits { ms: u64 },
}

/// Stands for the play's conversation in what is said.
const HERE: &str = "HERE";
/// No play lasts longer, however long a client keeps it.
const LONGEST_MS: u64 = 60 * 60 * 1_000;

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..6_u64, 1 => any::<u64>()]
}

fn body() -> impl Strategy<Value = Value> {
    let seq = number().prop_map(|seq| json!({"kind": "delete", "of": seq}));
    let edit = number().prop_map(|seq| json!({"kind": "edit", "of": seq, "text": "other"}));
    let report = prop::collection::vec((number(), "[a-z]{0,3}"), 0..4).prop_map(
        |shown| json!({"kind": "custom", "type": "conformance.report", "data": {"shown": shown}}),
    );
    let strange =
        Just(json!({"kind": "custom", "type": "conformance.report", "data": {"shown": [[null]]}}));
    let text = prop_oneof![Just("one"), Just("two"), Just("ÿ")];
    let text = text.prop_map(|text| json!({"kind": "text", "text": text}));
    prop_oneof![seq, edit, report, strange, text]
}

fn frame() -> impl Strategy<Value = String> {
    let id = (0..4_u8).prop_map(|it| format!("0000000000000000000000000{it}"));
    let send = (id, number(), body()).prop_map(|(id, after, body)| {
        json!({"action": "send", "conversation": HERE, "id": id, "after": after, "body": body})
    });
    let receipt = (number(), number()).prop_map(|(recv, read)| {
        json!({"action": "receipt", "receipts": [{"conversation": HERE, "recv": recv, "read": read}]})
    });
    let sync = number().prop_map(|it| json!({"action": "sync", "cursors": {HERE: it}}));
    let history = (number(), prop_oneof![Just("after"), Just("before")])
        .prop_map(|(seq, from)| json!({"action": "history", "conversation": HERE, from: seq}));
    let others = prop_oneof![
        Just(json!({"action": "hello", "ref": "1"})),
        Just(json!({"action": "sync", "cursors": {}})),
        Just(json!({"action": "inbox"})),
        Just(json!({"action": "ping"})),
        Just(json!({"action": "open", "with": "peer"})),
        Just(json!({"action": "presence", "users": ["peer", "nobody"]})),
        Just(json!({"action": "typing", "conversation": HERE, "on": true})),
        Just(json!({"action": "device", "device": "d", "remove": true})),
        Just(json!({"action": "settings", "conversation": HERE, "muted_until": 1})),
    ];
    let known = prop_oneof![3 => send, 2 => receipt, 2 => sync, 2 => history, 3 => others];
    prop_oneof![9 => known.prop_map(|it| it.to_string()), 1 => any::<String>()]
}

fn act() -> impl Strategy<Value = Act> {
    let connection = 0..5_u64;
    prop_oneof![
        2 => (prop::bool::weighted(0.9), prop_oneof![Just("d".to_owned()), any::<String>()])
            .prop_map(|(token, device)| Act::Knocks { token, device }),
        12 => (connection.clone(), frame()).prop_map(|(connection, text)| Act::Says { connection, text }),
        1 => (connection.clone(), any::<u16>()).prop_map(|(connection, code)| Act::Offends { connection, code }),
        1 => connection.prop_map(|connection| Act::Leaves { connection }),
        2 => (0..20_000_u64).prop_map(|ms| Act::Waits { ms }),
    ]
}

/// The play's conversation, once somebody was told of it.
fn conversation(deeds: &[Deed]) -> Option<String> {
    deeds.iter().find_map(|it| match it {
        Deed::Post { text, .. } => {
            let frame: Value = serde_json::from_str(text).expect("the gateway says JSON");
            let named = frame["conversations"][0]["conversation"].as_str();
            named.map(str::to_owned)
        }
        Deed::Close { .. } | Deed::Cut { .. } => None,
    })
}

/// No files beside the tests, and the same clients every time.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_client_gets_a_verdict(
        play in prop::sample::select(PLAYS.iter().collect::<Vec<_>>()),
        acts in prop::collection::vec(act(), 1..120),
        begins in prop::bool::weighted(0.9),
    ) {
        let mut run = Run::new(play, 1, 1);
        let mut now = 1_767_225_600_000;
        let mut here = String::new();
        let handshake = |token: bool, device: &str| Handshake {
            token: token.then(|| "token".to_owned()),
            device: Some(device.to_owned()),
            ..Handshake::default()
        };
        let greeting = [
            Act::Knocks { token: true, device: "d".to_owned() },
            Act::Says { connection: 1, text: json!({"action": "hello"}).to_string() },
        ];
        for act in greeting.into_iter().filter(|_| begins).chain(acts) {
            match act {
                Act::Knocks { token, device } => {
                    let answer = run.knock(&handshake(token, &device), now);
                    prop_assert!(token || answer != Answer::Admitted(1));
                }
                Act::Says { connection, text } => {
                    run.heard(connection, Heard::Text(&text.replace(HERE, &here)), now);
                }
                Act::Offends { connection, code } => run.heard(connection, Heard::Offence(code), now),
                Act::Leaves { connection } => run.left(connection, 1006, now),
                Act::Waits { ms } => {
                    now += ms;
                    run.tick(now);
                }
            }
            if let Some(named) = conversation(&run.deeds()) {
                here = named;
            }
        }
        run.knock(&handshake(true, "d"), now);
        let end = now + LONGEST_MS;
        while let Some(at) = run.next_tick() {
            prop_assert!(at < end, "{:?}", run.verdict());
            now = at.max(now);
            run.tick(now);
        }
        let verdict = run.verdict();
        prop_assert!(verdict.done, "{verdict:?}");
        prop_assert!(serde_json::to_string(&verdict).is_ok());
    }
}
