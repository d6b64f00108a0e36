//! Where a play is given: the local host, the emulator, AWS itself. They differ in their URL, in who vouches for users,
//! and in where a push can be seen; what is said and heard is the same.

use serde_json::Value;
use switchboard::protocol::Role;

use crate::actor::{Actor, Refused};

/// Somebody whom the venue's issuer vouches for.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The id: the token's `sub`.
    pub id: String,
    /// A token that is good for as long as a play lasts.
    pub token: String,
}

/// A gateway with an issuer.
#[async_trait::async_trait]
pub trait Venue: Sync {
    /// The stage's URL, without a query.
    fn url(&self) -> String;

    /// Somebody new, in the group of their role.
    async fn guest(&self, name: &str, role: Role) -> Guest;

    /// Waits for the push that tells of an entry and returns the message that SNS was given.
    async fn push(&self, conversation: &str, seq: u64) -> Value;

    /// Sees to it that at least so much time passes for the gateway; need not wait for it.
    async fn passes(&self, ms: u64);
}

/// Connects a device of somebody's.
pub async fn connect(venue: &dyn Venue, guest: &Guest, device: &str) -> Actor {
    let connected = handshake(venue, &guest.token, device).await;
    connected.unwrap_or_else(|refused| panic!("{} was refused: {refused:?}", guest.id))
}

/// A handshake with a token, whatever comes of it.
pub async fn handshake(venue: &dyn Venue, token: &str, device: &str) -> Result<Actor, Refused> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    Actor::dial(&venue.url(), &format!("device={device}"), &headers).await
}
