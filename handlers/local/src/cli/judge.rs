//! `switchboard conformance`: a line for every play that ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchboard_handlers::aws::clock::SystemClock;
use tokio::signal::unix::{SignalKind, signal};

use super::Conformance;
use super::run::{Failed, say};
use crate::conformance::{Kit, KitOptions, PLAYS, Play, Verdict};

/// Judges clients until it is stopped or, once is enough, until every play has ended.
pub(super) async fn clients(conformance: Conformance) -> Result<(), Failed> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let mut plays: Vec<&'static Play> = if conformance.plays.is_empty() {
        PLAYS.iter().collect()
    } else {
        conformance.plays
    };
    plays.sort_by_key(|it| it.name);
    plays.dedup_by_key(|it| it.name);
    let options = KitOptions {
        listen: conformance.listen,
        plays: plays.clone(),
        clock: Arc::new(SystemClock),
    };
    let mut kit = Kit::start(options).await?;
    let address = kit.address();
    say(&format!(
        "switchboard conformance: {} plays are on",
        plays.len()
    ));
    say(&format!("  how to     http://{address}/"));
    say(&format!("  WebSocket  ws://{address}/PLAY?device=phone-1"));
    say("  Stop: Ctrl-C");
    let mut ended = BTreeMap::new();
    while !conformance.once || plays.iter().any(|it| !ended.contains_key(it.name)) {
        let verdict = tokio::select! {
            verdict = kit.verdict() => verdict,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        let Some(verdict) = verdict else {
            break;
        };
        tell(&verdict);
        ended.entry(verdict.play).or_insert(verdict.passed);
    }
    kit.stop().await;
    let passed = ended.values().filter(|passed| **passed).count();
    if conformance.once && passed < plays.len() {
        let message = format!("{passed} of {} plays passed", plays.len());
        return Err(message.into());
    }
    Ok(())
}

fn tell(verdict: &Verdict) {
    if verdict.passed {
        return say(&format!("{}: passed", verdict.play));
    }
    say(&format!("{}: broken", verdict.play));
    for breach in &verdict.broken {
        let (rule, section, why) = (breach.rule, breach.section, &breach.why);
        say(&format!("  {rule} ({section}): {}", breach.sentence));
        say(&format!("      after {} ms: {why}", breach.at));
    }
}
