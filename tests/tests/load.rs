//! Goal: the load tool and the gateway understand each other in every scenario, and the audit finds nothing.
//! Method: the tool as a user runs it, against the whole gateway with the real clock, for a moment each.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use switchboard::{Clock as _, PushText};
use switchboard_handlers::aws::clock::SystemClock;
use switchboard_local::apigw::Limits;
use switchboard_local::engine::{Durability, Place};
use switchboard_local::host::{Host, Options, STREAM_POLL_MS};
use switchboard_local::http::Reach;
use switchboard_local::issuer::{TokenRequest, TokenUse};
use switchboard_tests::{program, web};
use tempfile::TempDir;
use tokio::process::Command;

/// Plays a scenario and returns its report, which is clean.
async fn played(args: &str) -> Value {
    let host = opened().await;
    let report = played_on(&host, args).await;
    host.stop().await;
    report
}

/// The whole gateway, by the real clock.
async fn opened() -> Host {
    let host = Host::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        place: Place::Memory,
        durability: Durability::Process,
        reach: Reach::Loopback,
        operator_token: None,
        limits: Limits::default(),
        clock: Arc::new(SystemClock),
        push_text: PushText::default(),
        faults: None,
        census_ms: None,
        stream_poll_ms: STREAM_POLL_MS,
        prices: None,
    });
    host.await.expect("failed to start the host")
}

async fn played_on(host: &Host, args: &str) -> Value {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    let tool = TOOL.get_or_init(|| {
        let name = "switchboard-load";
        program::build(env!("CARGO_TARGET_TMPDIR"), &[name])[name].clone()
    });
    let directory = TempDir::new().unwrap();
    let output = Command::new(tool)
        .args(args.split(' '))
        .args([
            "--url",
            &format!("ws://{}/local", host.address()),
            "--name",
            "run",
            "--out",
        ])
        .arg(directory.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("failed to run the tool");
    let words = [output.stdout, output.stderr]
        .map(|it| String::from_utf8(it).unwrap())
        .concat();
    assert!(output.status.success(), "{words}");
    let report = std::fs::read_to_string(directory.path().join("run.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["verdict"], "clean");
    report
}

/// Everything that was sent was acknowledged and heard by so many devices.
fn heard_by(report: &Value, devices: u64) {
    let audit = &report["audit"];
    let sent = audit["sent"].as_u64().unwrap();
    assert!(sent > 0, "{audit}");
    assert_eq!(audit["acknowledged"], sent, "{audit}");
    assert_eq!(audit["received"], sent * devices, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn relay() {
    let closed = "relay --pairs 5 --conversations 4 --duration 3s --warmup 0s";
    let report = played(closed).await;
    heard_by(&report, 1);
    assert!(
        report["errors"].as_object().unwrap().is_empty(),
        "{}",
        report["errors"]
    );
    assert!(
        report["counted"]["switchboard_handshakes_accepted_total"].is_null(),
        "nobody came late"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_by_the_clock() {
    let report = played("relay --pairs 5 --rate 40 --duration 3s --warmup 0s").await;
    heard_by(&report, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn burst() {
    let report = played("burst --pairs 5 --burst 4 --period 2s --duration 4s --warmup 0s").await;
    heard_by(&report, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle() {
    let report = played("idle --users 20 --duration 1s --warmup 0s").await;
    assert_eq!(report["connections"]["open_at_end"], 20);
    assert_eq!(report["connections"]["lost"], 0);
    assert_eq!(
        report["latency"]["hello"]["count"], 40,
        "everybody answers in the end, too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn storm() {
    let report = played("storm --users 20 --rounds 2").await;
    heard_by(&report, 1);
    assert_eq!(report["latency"]["back"]["count"], 2 * 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn offline() {
    let report = played("offline --pairs 3 --rate 6 --duration 3s").await;
    heard_by(&report, 1);
    assert_eq!(report["latency"]["push"]["count"], report["audit"]["sent"]);
    assert_eq!(
        report["window"]["caught_up"], report["audit"]["sent"],
        "nobody was there to hear"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fanout() {
    let report = played("fanout --pairs 2 --devices 4 --rate 6 --duration 3s --warmup 0s").await;
    heard_by(&report, 4);
    assert_eq!(
        report["latency"]["last_device"]["count"],
        report["audit"]["sent"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn soak() {
    let report = played("soak --pairs 5 --rate 20 --churn 2s --duration 4s --warmup 0s").await;
    heard_by(&report, 1);
    assert!(
        report["connections"]["opened"].as_u64().unwrap() > 10,
        "connections came and went"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_bare_relay() {
    let names = ["switchboard", "peers", "ceiling"];
    let programs = program::build(env!("CARGO_TARGET_TMPDIR"), &names);
    let directory = TempDir::new().unwrap();
    let json = directory.path().join("peers.json");
    // The two peers that nothing has to be installed for.
    let args = "--peer switchboard --peer ceiling --pairs 2 --messages 20 --rounds 2 --idle 20 --scripts ../load/peers --json";
    let output = Command::new(&programs["peers"])
        .args(args.split(' '))
        .arg(&json)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("failed to run the comparison");
    let words = [output.stdout, output.stderr]
        .map(|it| String::from_utf8(it).unwrap())
        .concat();
    assert!(output.status.success(), "{words}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{report}");
    for (row, messages) in rows.iter().zip([2 * 20, 2 * 100]) {
        let rounds = row["measured"]["rounds"].as_array().unwrap();
        assert_eq!(rounds.len(), 2, "{row}");
        for round in rounds {
            assert_eq!(round["messages"], messages, "{row}");
            assert!(round["arrival_p99_us"].as_u64() >= round["arrival_p50_us"].as_u64());
        }
        assert!(row["measured"]["idle_kib"].is_number(), "{row}");
    }
    // The gateway alone says that it has taken something.
    assert!(rows[0]["measured"]["rounds"][0]["acceptance_p50_us"].is_number());
    assert!(rows[1]["measured"]["rounds"][0]["acceptance_p50_us"].is_null());
}

/// The trace answers for every message of a run, and what it says of each is within what the tool measured around it.
///
/// The tool's time of a message begins before the gateway's and ends after it, so every quantile of the tool's is at
/// least the trail's: the order alone is asserted, not how fast anything was.
#[tokio::test(flavor = "multi_thread")]
async fn the_trace_agrees_with_the_tool_about_every_message() {
    const PAIRS: usize = 4;
    let host = opened().await;
    let customers: Vec<String> = (0..PAIRS).map(|it| format!("customer-{it}")).collect();
    let tokens = TempDir::new().unwrap();
    let tokens = tokens.path().join("tokens");
    let line = |user: &str, role: &str| {
        let request = TokenRequest {
            user: user.to_owned(),
            role: role.to_owned(),
            expires_s: 3_600,
            token_use: TokenUse::Id,
            jti: SystemClock.dice(),
        };
        let token = host
            .site()
            .issuer
            .token(SystemClock.now_ms() / 1_000, &request);
        format!("{user} {role} {}\n", token.unwrap())
    };
    let mut lines = String::new();
    for (number, customer) in customers.iter().enumerate() {
        lines += &line(customer, "customer");
        lines += &line(&format!("provider-{number}"), "provider");
    }
    std::fs::write(&tokens, lines).unwrap();
    let args = "relay --pairs 4 --conversations 4 --rate 60 --duration 4s --warmup 0s --tokens";
    let report = played_on(&host, &format!("{args} {}", tokens.display())).await;

    let (mut posted, mut told) = (Vec::new(), 0_usize);
    for customer in &customers {
        let url = format!(
            "http://{}/_local/operator/user?user={customer}",
            host.address()
        );
        let person = asked(&url).await;
        for conversation in person["conversations"].as_array().unwrap() {
            let id = conversation["conversation"].as_str().unwrap();
            for seq in 1..=conversation["last_seq"].as_u64().unwrap() {
                let query = format!("conversation={id}&seq={seq}");
                let url = format!("http://{}/_local/trace?{query}", host.address());
                posted.push(answered(&asked(&url).await));
                told += 1;
            }
        }
    }
    assert_eq!(json!(told), report["audit"]["sent"], "{}", report["audit"]);
    posted.sort_unstable();
    let received = &report["latency"]["received"];
    assert_eq!(received["count"], told);
    for (name, per_mille) in [("p50", 500), ("p90", 900), ("p99", 990), ("max", 1_000)] {
        let place = (told * per_mille).div_ceil(1_000).max(1) - 1;
        let tools = received[format!("{name}_us")].as_u64().unwrap();
        // A millisecond, because the trail's times are whole ones.
        let trails = posted[place].saturating_sub(1) * 1_000;
        assert!(
            trails <= tools,
            "{name}: {trails} µs by the trail, {tools} by the tool"
        );
    }
    host.stop().await;
}

async fn asked(url: &str) -> Value {
    let response = web::get(url).await;
    assert_eq!(response.status(), 200, "{url}");
    serde_json::from_slice(response.body()).unwrap()
}

/// From an entry's arrival to the moment at which its post began. Whatever the other member confirmed has that step, too:
/// of the last entries of a run, its people leave before they say so.
fn answered(timeline: &Value) -> u64 {
    let steps = timeline["steps"].as_array().unwrap();
    let at = |event: &str| {
        let step = steps.iter().find(|it| it["event"] == event);
        let step = step.unwrap_or_else(|| panic!("no {event}: {timeline}"));
        step["at"].as_u64().unwrap()
    };
    let order = ["accepted", "stored", "posted"].map(at);
    assert!(order.is_sorted(), "{timeline}");
    let members = timeline["entry"]["members"].as_array().unwrap();
    let mut theirs = members
        .iter()
        .filter(|it| it["user"] == timeline["entry"]["to"]);
    if theirs.any(|it| it["recv"].as_u64() >= timeline["seq"].as_u64()) {
        assert!(order[2] <= at("confirmed"), "{timeline}");
        let line = timeline["where"].as_str().unwrap();
        assert!(line.starts_with("confirmed by "), "{timeline}");
    }
    order[2] - order[0]
}
