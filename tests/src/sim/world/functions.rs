//! The functions: how they start, how they die, and where their answers go.

use std::sync::Arc;

use serde_json::Value;
use switchboard::Gateway;
use switchboard::protocol::Action;

use super::super::clock::SimClock;
use super::super::fault::Fault;
use super::super::function;
use super::{Event, Invocation, World};

/// Polls after which a function that is to die has died: more than any of them takes.
const DEATHS: u64 = 24;
/// By how much a function's clock may be off.
const SKEW_MS: u64 = 2_000;

impl World {
    pub(super) fn start(&mut self, invocation: Invocation, route: &str, event: String) {
        let skew = if self.plan.strikes(Fault::ClockSkew) {
            let skew = self.plan.amount(Fault::ClockSkew, 2 * SKEW_MS);
            i64::try_from(skew).unwrap_or(0) - i64::try_from(SKEW_MS).unwrap_or(0)
        } else {
            0
        };
        let gateway = Gateway {
            clock: SimClock::skewed(&self.executor, skew),
            ..self.gateway.clone()
        };
        let mortal = match invocation {
            Invocation::Batch(_) => Fault::DeliverDies,
            _ => Fault::FunctionDies,
        };
        let dies = self.plan.strikes(mortal).then(|| {
            let polls = 1 + self.plan.amount(mortal, DEATHS);
            let over = Event::Over {
                invocation: invocation.clone(),
                route: route.to_owned(),
                response: None,
            };
            (u32::try_from(polls).unwrap_or(1), over)
        });
        let frame: Value = if route == "send" {
            serde_json::from_str(&event).unwrap_or_default()
        } else {
            Value::Null
        };
        let judge = self
            .has_expired(&invocation, route)
            .then(|| Arc::clone(&self.oracle));
        let future = function::run(gateway, invocation, route.to_owned(), event, judge);
        let task = self.executor.spawn(future, dies);
        let body = frame["body"].as_str().unwrap_or_default();
        self.oracle.began(task, route, body);
    }

    /// Whether a frame that is answered came in with a token that every function knows to have expired.
    fn has_expired(&self, invocation: &Invocation, route: &str) -> bool {
        let Invocation::Frame(id) = invocation else {
            return false;
        };
        let peer = self.platform.peer(id);
        let late = self.now_ms() - SKEW_MS;
        Action::is_answered(route) && peer.is_some_and(|(peer, _)| peer.token_expires_at < late)
    }

    pub(super) fn over(&mut self, invocation: &Invocation, route: &str, response: Option<&str>) {
        if let Some(task) = self.executor.ended() {
            self.oracle.ended(task);
        }
        let end = if response.is_some() { "ends" } else { "dies" };
        self.note(
            format_args!("function"),
            format_args!("{route} {invocation:?} {end}"),
        );
        match invocation {
            Invocation::Connect(id) => {
                let response: Option<Value> =
                    response.and_then(|response| serde_json::from_str(response).ok());
                let status = response.and_then(|it| it["statusCode"].as_u64());
                let status = status.and_then(|status| u16::try_from(status).ok());
                self.platform.connected(id, status.unwrap_or(502));
            }
            Invocation::Frame(id) => self.platform.answered(id, route, response),
            Invocation::Batch(lane) => self.stream.finished(*lane, response),
            Invocation::Disconnect(_) | Invocation::Repeated => {}
        }
    }
}
