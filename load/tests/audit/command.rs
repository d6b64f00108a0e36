//! The command line: what it writes, how it stops, and what it refuses in a line.

use std::process::Command;

use crate::gateway::Gateway;
use crate::tool::Tool;

fn refused(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard-load"))
        .args(args)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_ends_with_its_audit() {
    let mut gateway = Gateway::open(None).await;
    let tool = Tool::start(&gateway, "relay --pairs 2 --rate 20 --duration 10h");
    gateway.heard(10).await;
    tool.signal("INT").await;
    let ended = tool.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let report = ended.report();
    assert!(
        report.notes.iter().any(|it| it.starts_with("Stopped")),
        "{:?}",
        report.notes
    );
    assert!(report.audit.sent >= 10);
    assert_eq!(report.audit.sent, gateway.stored());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_needs_nothing_from_elsewhere_and_two_runs_are_compared() {
    let gateway = Gateway::open(None).await;
    let ended = Tool::run(
        &gateway,
        "relay --pairs 2 --rate 20 --duration 1s --warmup 0s",
    )
    .await;
    let page = std::fs::read_to_string(ended.file("html")).unwrap();
    for elsewhere in ["src=", "href=", "@import", "url(", "fetch(", "{{"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    assert!(page.contains(r#""schema": "switchboard-load/1""#));
    let (json, html) = (ended.file("json"), ended.file("compare.html"));
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard-load"))
        .arg("compare")
        .args([&json, &json])
        .arg("--html")
        .arg(&html)
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("received p99, ms") && text.contains("1.00×"),
        "{text}"
    );
    assert!(!text.contains("not the same"), "{text}");
    assert!(
        std::fs::read_to_string(html)
            .unwrap()
            .contains(r#""comparison":{"#)
    );
}

#[test]
fn what_cannot_be_done_is_said_in_a_line() {
    let out = tempfile::TempDir::new().unwrap();
    let out = out.path().to_str().unwrap();
    let table: [(&[&str], &str); 6] = [
        (&["relay", "--pairs", "0"], "--pairs must be 1 to"),
        (
            &["relay", "--url", "http://127.0.0.1/"],
            "--url must be ws://",
        ),
        (
            &["relay", "--url", "ws://127.0.0.1:1/local", "--out", out],
            "failed to reach ws://127.0.0.1:1/local",
        ),
        (&["idle", "--rate", "3"], "--rate means nothing in idle"),
        (
            &["relay", "--profile", "/nowhere.toml"],
            "failed to read the profile /nowhere.toml",
        ),
        (
            &["compare", "/nowhere.json", "/nowhere.json"],
            "failed to read /nowhere.json",
        ),
    ];
    for (args, expected) in table {
        let said = refused(args);
        assert!(said.contains(expected), "{args:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
}

#[test]
fn a_report_of_this_schema_is_still_read() {
    let text = include_str!("report-1.json");
    let report = switchboard_load::report::Report::from_json(text).unwrap();
    assert_eq!(report.scenario, "relay");
    let other = text.replace("switchboard-load/1", "switchboard-load/2");
    let refused = switchboard_load::report::Report::from_json(&other).unwrap_err();
    assert!(refused.contains("switchboard-load/2"), "{refused}");
}
