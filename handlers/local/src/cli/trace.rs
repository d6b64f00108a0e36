//! `switchboard trace`: where a message is, by a gateway or by logs.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use http::StatusCode;
use serde_json::Value;

use super::ask::get;
use super::run::{Failed, operator_token, say};
use super::{Trace, ask};
use crate::trace::{Timeline, logs};

const NO_ENTRY: &str = "there is no such entry";

/// Prints where it is.
pub(super) fn run(trace: &Trace) -> Result<(), Failed> {
    match &trace.logs {
        Some(file) if file.as_os_str() == "-" => read(trace, io::stdin().lock()),
        Some(file) => {
            let open = File::open(file);
            let open = open.map_err(|error| format!("--logs {}: {error}", file.display()))?;
            read(trace, BufReader::new(open))
        }
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(asked(trace))
        }
    }
}

/// By logs: what they do not hold nobody knows.
fn read(trace: &Trace, source: impl BufRead) -> Result<(), Failed> {
    let steps = logs::steps(source, &trace.conversation, trace.seq);
    let steps = steps.map_err(|error| format!("--logs: {error}"))?;
    let timeline = Timeline::logged(trace.conversation.clone(), trace.seq, steps);
    let timeline = timeline.ok_or("these logs name no such entry")?;
    say(&if trace.json {
        timeline.json().to_string()
    } else {
        timeline.text()
    });
    Ok(())
}

async fn asked(trace: &Trace) -> Result<(), Failed> {
    let token = trace.operator_token.as_deref().map(operator_token);
    let token = token.transpose()?;
    let form = if trace.json { "json" } else { "text" };
    let (conversation, seq) = (&trace.conversation, trace.seq);
    let path = format!("/_local/trace?conversation={conversation}&seq={seq}&as={form}");
    let answer = get(&trace.url, &path, token.as_ref()).await?;
    let body = String::from_utf8_lossy(&answer.body);
    if answer.status == StatusCode::OK {
        say(&body);
        return Ok(());
    }
    Err(refusal(&trace.url, &answer, &body).into())
}

fn refusal(url: &http::Uri, answer: &ask::Answer, body: &str) -> String {
    let said: Option<Value> = serde_json::from_str(body).ok();
    let message = said.as_ref().and_then(|it| it["message"].as_str());
    match (answer.status, message) {
        (StatusCode::NOT_FOUND, Some(_)) => NO_ENTRY.to_owned(),
        (_, Some(message)) => message.to_owned(),
        (StatusCode::UNAUTHORIZED, None) => {
            format!("{url} wants another operator's token: --operator-token FILE")
        }
        (StatusCode::NOT_FOUND, None) => {
            format!("{url} answers operators on its own machine alone, or there is no gateway")
        }
        (status, None) => format!("{url} answers {status}"),
    }
}
