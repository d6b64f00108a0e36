//! Plays that can be given at every venue.
//!
//! They assume nothing that a venue may do differently: no order among frames of different connections, no status of a
//! refused handshake, no time but the protocol's own.

mod away;
mod door;
mod talk;

use serde_json::json;

use crate::actor::Actor;

pub use away::{offline, silent};
pub use door::door;
pub use talk::talk;

/// Waits until the gateway knows that somebody has left, as a member of their conversation sees it.
async fn has_left(seen_by: &mut Actor, user: &str) {
    loop {
        let answer = seen_by
            .ask(json!({"action": "presence", "users": [user]}))
            .await;
        let online = &answer["users"][user]["online"];
        if online == false {
            return;
        }
        assert_eq!(online, true, "{answer}");
    }
}
