//! Goal: what people touch works: the chat page, in a real browser, against the real executable.
//! Method: each play in `tests/browser/plays` is a program of its own, which starts the executable on a free port and
//! Chromium, and says what people see. `tests/browser/setup` installs what they need; a test without it fails.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use switchboard_tests::{Stage, program};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// A bound on real time: nothing waits for it, and a browser that hangs ends.
const PATIENCE: Duration = Duration::from_secs(280);

fn browser() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

/// Plays a play on a data directory.
async fn plays(name: &str, data: &Path, variables: &[(&str, &str)]) {
    let installed = browser().join("node_modules/playwright-core");
    assert!(
        installed.exists(),
        "the plays' libraries are not installed: run tests/browser/setup"
    );
    let built = program::build(env!("CARGO_TARGET_TMPDIR"), &["switchboard"]);
    let play = Command::new("node")
        .arg(browser().join("plays").join(name))
        .env("SWITCHBOARD", &built["switchboard"])
        .env("SWITCHBOARD_DATA", data)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(PATIENCE, play).await;
    let output = ended
        .expect("the play did not end")
        .expect("failed to run node");
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    println!("{out}");
    assert!(output.status.success(), "{}: {out}{err}", output.status);
}

/// Plays a play on an empty data directory.
async fn plays_anew(name: &str) {
    let data = TempDir::new().unwrap();
    plays(name, data.path(), &[]).await;
}

#[tokio::test]
async fn the_committed_page_is_what_its_sources_make() {
    plays_anew("bundle.js").await;
}

#[tokio::test]
async fn two_people_chat() {
    plays_anew("talk.js").await;
}

#[tokio::test]
async fn who_was_away_gets_a_push_and_then_everything_once() {
    plays_anew("away.js").await;
}

#[tokio::test]
async fn what_is_sent_during_an_outage_goes_out_after_it() {
    plays_anew("outage.js").await;
}

#[tokio::test]
async fn nobody_notices_that_tokens_expire() {
    plays_anew("token.js").await;
}

#[tokio::test]
async fn two_tabs_of_one_user_stay_in_step() {
    plays_anew("tabs.js").await;
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    plays_anew("keyboard.js").await;
}

#[tokio::test]
async fn nothing_keeps_anybody_out() {
    plays_anew("axe.js").await;
}

#[tokio::test]
async fn the_page_fits_and_does_not_jump() {
    plays_anew("layout.js").await;
}

#[tokio::test]
async fn an_operator_sees_what_is_going_on_and_where_a_message_is() {
    plays_anew("operator.js").await;
}

#[tokio::test]
async fn a_public_gateway_gives_the_page_no_tokens() {
    plays_anew("public.js").await;
}

#[tokio::test]
async fn a_thousand_messages_over_a_network_that_comes_and_goes() {
    plays_anew("thousand.js").await;
}

/// More than a screen holds, over several days, and no more in ten seconds than the gateway takes.
#[tokio::test]
async fn three_hundred_messages_of_history_are_scrolled() {
    const DAYS: u64 = 3;
    const A_DAY: u64 = 100;
    const BETWEEN_MS: u64 = 600;
    let data = TempDir::new().unwrap();
    let stage = Stage::on(data.path()).await;
    drop(stage.provider("bob", "seed").await);
    let conversation = stage.customer("alice", "seed").await.open("bob").await;
    for day in 0..DAYS {
        let mut bob = stage.provider("bob", "seed").await;
        for place in day * A_DAY..(day + 1) * A_DAY {
            let text = format!("message {}", place + 1);
            bob.send(&conversation, place, &text).await;
            stage.clock.advance(BETWEEN_MS);
        }
        drop(bob);
        stage.clock.advance(86_400_000);
    }
    stage.close().await;
    let messages = (DAYS * A_DAY).to_string();
    plays("history.js", data.path(), &[("MESSAGES", &messages)]).await;
}
