//! Two people who take turns: the next message follows when the last one has arrived and, where a peer says so, was accepted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use ulid::Ulid;

use crate::Failed;
use crate::latency::Latencies;
use crate::peer::{Peer, Running};
use crate::socket::Socket;
use crate::wire::{Heard, Wire, Words};

/// Messages of one conversation: twenty of each side, which is what one may send within ten seconds.
pub(crate) const TALK: usize = 40;
/// A device tells at most so often how far its user has read.
const RECEIPT: Duration = Duration::from_secs(1);
/// A bound: a message that takes so long is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// One side.
#[derive(Debug)]
struct Side {
    name: String,
    socket: Socket,
    told_at: Instant,
}

/// Two people.
#[derive(Debug)]
pub(crate) struct Pair {
    wire: Wire,
    sides: [Side; 2],
    conversations: Vec<String>,
    body: Value,
    /// Messages so far.
    said: usize,
    /// From the send to its arrival at the other's, in microseconds.
    pub(crate) arrival: Latencies,
    /// From the send to the word that it was accepted.
    pub(crate) acceptance: Latencies,
}

impl Pair {
    /// Connects two people who have so many messages to exchange.
    pub(crate) async fn meet(
        running: &Running,
        number: usize,
        messages: usize,
        body_bytes: usize,
    ) -> Result<Self, Failed> {
        let names = [format!("customer-{number}"), format!("provider-{number}")];
        let mut provider = running.connect(&names[1], "provider", &names[0]).await?;
        let mut customer = running.connect(&names[0], "customer", &names[1]).await?;
        let count = messages.div_ceil(TALK);
        let conversations = running
            .conversations(&mut customer, number, &names[1], count)
            .await?;
        if running.peer == Peer::Switchboard {
            for _ in 0..count {
                provider.hear().await?;
            }
        }
        let [first, second] = names;
        let side = |name, socket| Side {
            name,
            socket,
            told_at: Instant::now(),
        };
        Ok(Self {
            wire: running.peer.wire(),
            sides: [side(first, customer), side(second, provider)],
            conversations,
            body: json!({"kind": "text", "text": "x".repeat(body_bytes)}),
            said: 0,
            arrival: Latencies::default(),
            acceptance: Latencies::default(),
        })
    }

    /// Exchanges so many messages.
    pub(crate) async fn talk(&mut self, messages: usize) -> Result<(), Failed> {
        for _ in 0..messages {
            timeout(PATIENCE, self.exchange())
                .await
                .map_err(|_| "a message was lost")??;
        }
        Ok(())
    }

    async fn exchange(&mut self) -> Result<(), Failed> {
        let (id, wire) = (ulid(), self.wire);
        let conversation = &self.conversations[self.said / TALK];
        let after = (self.said % TALK) as u64;
        let [first, second] = &mut self.sides;
        let (from, to) = if self.said.is_multiple_of(2) {
            (first, second)
        } else {
            (second, first)
        };
        let text = wire.say(&Words {
            conversation,
            from: &from.name,
            to: &to.name,
            id: &id,
            after,
            body: &self.body,
        });
        let began = Instant::now();
        from.socket.say(text).await?;
        let (mut arrived, mut accepted) = (false, !wire.accepts());
        while !(arrived && accepted) {
            let (side, text) = tokio::select! {
                text = to.socket.next() => (&mut *to, text?),
                text = from.socket.next() => (&mut *from, text?),
            };
            match wire.hear(&text) {
                Heard::Entry(heard) if heard == id => {
                    arrived = true;
                    self.arrival.record(began);
                }
                Heard::Accepted(heard) if heard == id => {
                    accepted = true;
                    self.acceptance.record(began);
                }
                Heard::Answer(answer) => side.socket.say(answer.to_owned()).await?,
                // An entry that was not confirmed in time may come again.
                Heard::Other | Heard::Entry(_) => {}
                Heard::Accepted(_) | Heard::Refused(_) => {
                    return Err(format!("{} heard {text}", side.name).into());
                }
            }
        }
        let last = self.said % TALK == TALK - 1;
        if wire == Wire::Switchboard && (last || to.told_at.elapsed() >= RECEIPT) {
            to.told_at = Instant::now();
            to.socket.say(receipt(conversation, after + 1)).await?;
        }
        self.said += 1;
        Ok(())
    }

    /// Whoever heard the last message of a conversation says so, as a device does.
    pub(crate) async fn confirm(&mut self) -> Result<(), Failed> {
        if self.wire != Wire::Switchboard || self.said == 0 {
            return Ok(());
        }
        let last = self.said - 1;
        let text = receipt(&self.conversations[last / TALK], (last % TALK) as u64 + 1);
        self.sides[usize::from(last.is_multiple_of(2))]
            .socket
            .say(text)
            .await
    }

    /// Forgets what was measured so far.
    pub(crate) fn reset(&mut self) {
        self.arrival = Latencies::default();
        self.acceptance = Latencies::default();
    }

    /// Both leave.
    pub(crate) async fn part(self) {
        for side in self.sides {
            side.socket.close().await;
        }
    }
}

fn receipt(conversation: &str, seq: u64) -> String {
    let mark = json!({"conversation": conversation, "recv": seq, "read": seq});
    json!({"action": "receipt", "receipts": [mark]}).to_string()
}

/// An id as a device makes it. Its time is nobody's business.
fn ulid() -> String {
    const MADE_AT_MS: u64 = 1_767_225_600_000;
    Ulid::from_parts(MADE_AT_MS, fastrand::u128(..)).to_string()
}
