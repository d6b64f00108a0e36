//! Goal: the load tool and the gateway understand each other in every scenario, and the audit finds nothing.
//! Method: the tool as a user runs it, against the whole gateway with the real clock, for a moment each.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use switchboard::PushText;
use switchboard_handlers::aws::clock::SystemClock;
use switchboard_local::apigw::Limits;
use switchboard_local::engine::{Durability, Place};
use switchboard_local::host::{Host, Options};
use switchboard_local::http::Reach;
use switchboard_tests::program;
use tempfile::TempDir;
use tokio::process::Command;

/// Plays a scenario and returns its report, which is clean.
async fn played(args: &str) -> Value {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    let tool = TOOL.get_or_init(|| {
        let name = "switchboard-load";
        program::build(env!("CARGO_TARGET_TMPDIR"), &[name])[name].clone()
    });
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
    });
    let host = host.await.expect("failed to start the host");
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
    host.stop().await;
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
