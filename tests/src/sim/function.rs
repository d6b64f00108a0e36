//! The functions, called with the events that the platform would have sent.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use switchboard::{Gateway, Tally};
use switchboard_handlers::{connect, deliver, disconnect, message};

use super::oracle::Oracle;
use super::world::{Event, Invocation};

/// Runs a function to its end.
pub(super) fn run(
    gateway: Gateway,
    invocation: Invocation,
    route: String,
    event: String,
    expired: Option<Arc<Oracle>>,
) -> BoxFuture<'static, Event> {
    async move {
        let response = answer(&gateway, &route, &event).await;
        if let (Some(oracle), Some(response)) = (expired, &response) {
            oracle.overstayed(response);
        }
        Event::Over {
            invocation,
            route,
            response,
        }
    }
    .boxed()
}

async fn answer(gateway: &Gateway, route: &str, event: &str) -> Option<String> {
    let mut tally = Tally::default();
    if route == "deliver" {
        let event = serde_json::from_str(event).expect("an event of the stream");
        let failures = deliver::handle(gateway, &event, &mut tally).await;
        return serde_json::to_string(&failures).ok();
    }
    let event = serde_json::from_str(event).expect("an event of the platform");
    let response = match route {
        "$connect" => connect::handle(gateway, &event, &mut tally).await,
        "$disconnect" => disconnect::handle(gateway, &event, &mut tally).await,
        _ => message::handle(gateway, &event, &mut tally).await,
    };
    let response = response.expect("a session");
    serde_json::to_string(&response).ok()
}
