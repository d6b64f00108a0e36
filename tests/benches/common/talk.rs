//! Two people in one conversation, taking turns: the events that their frames come in.

use serde_json::{Value, json};
use switchboard_tests::{events::Peer, ulid};

/// As people write.
const TEXT: &str = "On my way, be there in about ten minutes";

/// Who is talking, and how far the conversation is.
#[derive(Debug)]
pub(crate) struct Talk {
    peers: [Peer; 2],
    pub(crate) conversation: String,
    /// The newest entry's `seq`.
    pub(crate) last: u64,
}

impl Talk {
    pub(crate) fn new(connected_at: u64) -> Self {
        let peer = |user: &str, role, connection: &str| Peer {
            user: user.to_owned(),
            role,
            device: "phone".to_owned(),
            connection: connection.to_owned(),
            connected_at,
        };
        Self {
            peers: [
                peer("alice", "customer", "L0SM9cOFIAMCIdw="),
                peer("bob", "provider", "L0SMxcJPIAMCJhw="),
            ],
            conversation: String::new(),
            last: 0,
        }
    }

    /// Both.
    pub(crate) fn peers(&self) -> &[Peer; 2] {
        &self.peers
    }

    /// Both connect anew, with new tokens.
    pub(crate) fn reconnect(&mut self, at: u64) {
        for peer in &mut self.peers {
            peer.connected_at = at;
        }
    }

    /// Who writes the entry of that `seq`; the other one reads it.
    fn author(&self, seq: u64) -> &Peer {
        &self.peers[usize::from(seq.is_multiple_of(2))]
    }

    /// The event of the message that becomes the entry of that `seq`.
    pub(crate) fn send(&self, seq: u64) -> String {
        self.author(seq).message(&json!({
            "action": "send", "ref": "17", "conversation": self.conversation,
            "id": ulid(), "after": seq - 1, "body": {"kind": "text", "text": TEXT},
        }))
    }

    /// The event of the receipt that confirms an entry.
    pub(crate) fn receipt(&self, seq: u64) -> String {
        let mark = json!({"conversation": self.conversation, "recv": seq, "read": seq});
        self.author(seq + 1)
            .message(&json!({"action": "receipt", "receipts": [mark]}))
    }

    /// Reads an answer: the entry is in the log.
    pub(crate) fn sent(&mut self, response: &str) {
        let frame = switchboard_tests::events::frame(response);
        assert_eq!(frame["event"], "sent", "{frame}");
        self.last += 1;
        assert_eq!(frame["seq"], Value::from(self.last));
    }
}
