//! What happens without anybody asking: deliveries, feedback, the census.

use std::sync::Arc;

use serde_json::json;
use switchboard::census::Census;
use switchboard::ports::store::Devices;
use switchboard::protocol::Role;
use switchboard::session::Ending;
use switchboard::{Metric, PushText, Session, Tally};

use super::{DAY_MS, MINUTE_MS, Play, TOKEN};
use crate::tap::Absent;

impl Play {
    /// An entry for a member who is connected, says nothing, and has another connection, which has gone.
    pub(super) async fn redeliver(&mut self, alice: &Session, bob: &Session, conversation: &str) {
        // Long enough for the conversation to move up in its members' lists.
        self.bare.clock.advance(600_000);
        let gone = self.bare.session("bob", Role::Provider, "gone");
        self.bare.connect(&gone).await;
        self.bare.connect(bob).await;
        self.bare.clock.advance(MINUTE_MS);
        self.forget();
        self.say(alice, conversation, "there?").await;
        let event = self.bare.stream();
        // The send took the row of the connection that had gone. For deliver there is another.
        self.bare.connect(&gone).await;
        self.bare.clock.advance(MINUTE_MS);
        self.deliver(&event).await;
        for session in [bob, &gone] {
            let gateway = &self.bare.gateway;
            let mut tally = Tally::default();
            let ended = gateway.disconnect(session, Ending::Client, &mut tally);
            ended.await.expect("failed to disconnect");
        }
    }

    /// An entry for a member who is not connected. Returns the endpoint that was pushed to.
    pub(super) async fn push(
        &mut self,
        alice: &Session,
        bob: &Session,
        conversation: &str,
    ) -> String {
        self.forget();
        self.say(alice, conversation, "anybody?").await;
        let event = self.bare.stream();
        self.deliver(&event).await;
        let published = self.bare.sns.published();
        let endpoint = published.first().expect("nothing was pushed");
        assert_eq!(endpoint.token, TOKEN, "{} has another phone", bob.user);
        endpoint.target_arn.clone()
    }

    /// A device is dead: by what SNS says of it afterwards, and by what it says to a push.
    pub(super) async fn bury(
        &mut self,
        alice: &Session,
        bob: &Session,
        conversation: &str,
        endpoint: &str,
    ) {
        self.forget();
        let devices: &dyn Devices = &*self.bare.gateway.store;
        let mut tally = Tally::default();
        let forgotten = switchboard::feedback::forget_dead(devices, endpoint, u64::MAX, &mut tally);
        forgotten.await.expect("failed to forget a device");
        assert_eq!(tally.of(Metric::PushesDead), 1);
        self.heard("feedback");

        let device =
            json!({"action": "device", "platform": "fcm", "token": TOKEN, "device": "desk"});
        self.ask(bob, device).await;
        assert!(self.bare.sns.disable(endpoint));
        // The text is shown, though it is none of the newest any more.
        self.bare.gateway.push_text = PushText::Preview;
        self.forget();
        self.say(alice, conversation, "still?").await;
        let event = self.bare.stream();
        for _ in 0..4 {
            self.say(alice, conversation, "?").await;
        }
        self.deliver(&event).await;
    }

    async fn deliver(&mut self, event: &str) {
        self.forget();
        let failures = self.bare.deliver(event).await;
        assert_eq!(failures["batchItemFailures"], json!([]));
        self.heard("deliver");
    }

    /// A census that finds rows past their life, rows of connections that have gone, and others.
    pub(super) async fn count(&mut self) {
        let census = Census {
            roll: Arc::new(self.bare.roll()),
            relay: Arc::new(Absent(self.tap.clone())),
            clock: Arc::clone(&self.bare.gateway.clock),
        };
        let carol = self.bare.session("carol", Role::Customer, "old");
        self.bare.connect(&carol).await;
        self.bare.clock.advance(DAY_MS);
        let gone = self.bare.session("bob", Role::Provider, "gone");
        self.bare.connect(&gone).await;
        self.bare.clock.advance(MINUTE_MS);
        self.forget();
        let mut tally = Tally::default();
        switchboard_handlers::census::handle(&census, &mut tally).await;
        assert!(tally.of(Metric::RowsExpired) > 0 && tally.of(Metric::GhostsRemoved) > 0);
        self.heard("census");
    }
}
