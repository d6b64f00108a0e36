//! Doing what the command line asks for.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use switchboard::Clock;
use switchboard::census::PERIOD_MS;
use switchboard_handlers::aws::clock::SystemClock;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Asked, Serve, Token, judge, trace};
use crate::apigw::Limits;
use crate::engine;
use crate::host::{Host, Options, STAGE, STREAM_POLL_MS};
use crate::http::{OperatorToken, Reach, TOKEN_S};
use crate::issuer::{Audience, Issuer, TokenRequest, TokenUse};

pub(super) type Failed = Box<dyn Error + Send + Sync>;

/// Does it. The error's chain is what the user is told.
pub fn run(asked: Asked) -> Result<(), Failed> {
    match asked {
        Asked::Say(text) => {
            say(text.trim_end());
            Ok(())
        }
        Asked::Token(token) => print_token(&token),
        Asked::Conformance(conformance) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(judge::clients(conformance))
        }
        Asked::Trace(trace) => trace::run(&trace),
        Asked::Serve(serve) => {
            let filter = EnvFilter::try_new(&serve.log)
                .map_err(|error| format!("--log {}: {error}", serve.log))?;
            // The SDK wants to close a connection after a failure, and the embedded engine has none to close.
            let needless = "aws_smithy_runtime::client::http::connection_poisoning=off".parse()?;
            tracing_subscriber::fmt()
                .json()
                .with_env_filter(filter.add_directive(needless))
                // A line that cannot be written would be complained about on the same full disk, with a panic.
                .log_internal_errors(false)
                .with_writer(std::io::stderr)
                .init();
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(serve_until_stopped(serve))
        }
    }
}

async fn serve_until_stopped(serve: Serve) -> Result<(), Failed> {
    if !serve.listen.ip().is_loopback() && serve.reach() == Reach::Loopback {
        let message = format!("{} is not a loopback address: add --public", serve.listen);
        return Err(message.into());
    }
    let operator_token = serve.operator_token.as_deref().map(operator_token);
    let operator_token = operator_token.transpose()?;
    // Before anything can be asked to stop.
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let began = clock.now_ms();
    let options = Options {
        listen: serve.listen,
        place: serve.place(),
        durability: serve.durability(),
        reach: serve.reach(),
        operator_token,
        limits: Limits {
            connects_per_s: serve.connects_per_second,
            ..Limits::default()
        },
        clock: Arc::clone(&clock),
        push_text: serve.push_text,
        census_ms: Some(PERIOD_MS),
        stream_poll_ms: STREAM_POLL_MS,
        prices: serve.prices.clone(),
        faults: None,
    };
    let host = Host::start(options).await?;
    greet(&host, &serve, clock.now_ms().saturating_sub(began))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    host.stop().await;
    Ok(())
}

/// The token in a file. What the file holds is nobody's business, not even in an error.
pub(super) fn operator_token(file: &Path) -> Result<OperatorToken, Failed> {
    let named =
        |why: &dyn std::fmt::Display| format!("the operator's token in {}: {why}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    Ok(OperatorToken::read(&text).map_err(|error| named(&error))?)
}

/// What a newcomer needs to send a first message.
fn greet(host: &Host, serve: &Serve, took_ms: u64) -> Result<(), Failed> {
    let address = host.address();
    let token = |user: &str, role: &str| {
        let site = host.site();
        let request = TokenRequest {
            user: user.to_owned(),
            role: role.to_owned(),
            expires_s: TOKEN_S,
            token_use: TokenUse::Id,
            jti: site.clock.dice(),
        };
        site.issuer.token(site.clock.now_ms() / 1_000, &request)
    };
    let (alice, bob) = (token("alice", "customer")?, token("bob", "provider")?);
    let version = env!("CARGO_PKG_VERSION");
    say(&format!(
        "switchboard {version} is ready after {took_ms} ms"
    ));
    say(&format!("  page       http://{address}/"));
    say(&format!(
        "  WebSocket  ws://{address}/{STAGE}?device=phone-1"
    ));
    if serve.reach() == Reach::Loopback || serve.operator_token.is_some() {
        say(&format!("  operator   http://{address}/_local/operator"));
    }
    say(&format!("  data       {}", serve.data.display()));
    say(&format!("  alice, a customer, for an hour:\n{alice}"));
    say(&format!("  bob, a provider, for an hour:\n{bob}"));
    say(
        "  Chat: npx wscat -c ws://… -H \"Authorization: Bearer <token>\", then {\"action\":\"hello\"}",
    );
    say("  Stop: Ctrl-C");
    Ok(())
}

fn print_token(token: &Token) -> Result<(), Failed> {
    if token.data.as_os_str() == ":memory:" {
        return Err(
            "a gateway without a data directory keeps its key to itself: \
                    ask it, with POST /_local/token"
                .into(),
        );
    }
    engine::check(&token.data)?;
    let issuer = Issuer::open(Some(&token.data), Audience::default())?;
    let request = TokenRequest {
        user: token.user.to_string(),
        role: token.role.to_string(),
        expires_s: token.expires,
        token_use: TokenUse::Id,
        jti: SystemClock.dice(),
    };
    say(&issuer.token(SystemClock.now_ms() / 1_000, &request)?);
    Ok(())
}

/// Says something on standard output. That its reader has gone, as `head -1` does, is no reason to stop.
pub(super) fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::warn!(%error, "nobody reads what is said on standard output");
    }
}
