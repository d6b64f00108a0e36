//! The local host as a venue: what the emulator is held to holds there too, word for word.

use serde_json::Value;
use switchboard::protocol::Role;
use switchboard_tests::plays;
use switchboard_tests::venue::{Guest, Venue};
use switchboard_tests::{Stage, ulid};

/// How long a live connection has to confirm an entry.
const GRACE_MS: u64 = 3_000;

struct Local(Stage);

#[async_trait::async_trait]
impl Venue for Local {
    fn url(&self) -> String {
        format!("ws://{}/local", self.0.address())
    }

    async fn guest(&self, name: &str, role: Role) -> Guest {
        let id = format!("{name}-{}", ulid());
        let token = self.0.token(&id, role.as_str());
        Guest { id, token }
    }

    async fn push(&self, conversation: &str, seq: u64) -> Value {
        // Whoever has not confirmed in a play before is waited for.
        self.passes(GRACE_MS).await;
        self.0.delivered().await;
        let pushes = self.0.get_json("/_local/pushes").await;
        let told = pushes.as_array().unwrap().iter();
        let mut told = told.filter(|it| it["conversation"] == conversation && it["seq"] == seq);
        told.next().expect("nobody was told")["message"].clone()
    }

    async fn passes(&self, ms: u64) {
        self.0.clock.advance(ms);
    }
}

#[tokio::test]
async fn the_plays_are_the_same_on_the_local_host() {
    let venue = Local(Stage::open().await);
    Box::pin(plays::door(&venue)).await;
    Box::pin(plays::talk(&venue)).await;
    Box::pin(plays::offline(&venue)).await;
    Box::pin(plays::silent(&venue)).await;
    venue.0.close().await;
}
