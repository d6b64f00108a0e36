//! What is billed.

/// API Gateway bills messages by the piece of this size, begun ones whole.
const MESSAGE_PIECE_BYTES: usize = 32 * 1024;

macro_rules! table {
    ($($name:ident: $text:literal, $sentence:literal;)+) => {
        /// One thing that is billed, or that something billed follows from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Unit {
            $(#[doc = $sentence] $name,)+
        }

        impl Unit {
            /// Every unit.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$name),+];

            /// Its name in `/_local/metrics`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

table! {
    MessagesIn: "messages_in", "Messages from clients to API Gateway, in pieces of 32 KB.";
    MessagesOut: "messages_out", "Messages from API Gateway to clients, in pieces of 32 KB: replies and posts.";
    ConnectionMs: "connection_ms", "Milliseconds that connections were open.";
    Invocations: "invocations", "Invocations of functions.";
    FunctionMs: "function_ms", "Milliseconds that functions ran, each invocation rounded up.";
    RoundTrips: "round_trips", "Times that a function waited for services: what it asks side by side it waits for once.";
    WriteUnits: "write_units", "DynamoDB write request units.";
    ReadHalves: "read_halves", "Halves of DynamoDB read request units: an eventually consistent read takes one.";
    StreamRecords: "stream_records", "Records of the table's stream that a function was handed.";
    Publishes: "publishes", "Publishes to SNS endpoints, and deliveries to phones.";
}

/// How many messages API Gateway counts one of `bytes` as.
pub(crate) fn pieces(bytes: usize) -> u64 {
    bytes.div_ceil(MESSAGE_PIECE_BYTES).max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_begun_piece_counts_whole() {
        let counted = [0, 1, 32_768, 32_769, 131_072].map(pieces);
        assert_eq!(counted, [1, 1, 1, 2, 4]);
    }
}
