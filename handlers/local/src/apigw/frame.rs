//! The text messages that the gateway writes: its own error frames, and long ones in pieces.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::apigw::id::Id;

/// No route takes the frame.
pub(crate) const FORBIDDEN: &str = "Forbidden";
/// The function failed, or answered what no proxy integration may answer.
pub(crate) const INTERNAL: &str = "Internal server error";
/// The frame was one too many.
pub(crate) const LIMIT_EXCEEDED: &str = "Limit Exceeded";
/// The function took longer than an integration may.
pub(crate) const TIMED_OUT: &str = "Endpoint request timed out";

/// The platform's error frame, byte by byte: the uneven spaces are its own.
pub(crate) fn error(message: &str, connection_id: Id, request_id: Id) -> Utf8Bytes {
    let frame = format!(
        r#"{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}"#
    );
    frame.into()
}

/// A message as the frames that carry it, none of them above the bound.
pub(crate) fn fragments(text: Utf8Bytes, frame_bytes_max: usize) -> impl Iterator<Item = Message> {
    let whole = text.len() <= frame_bytes_max;
    let (single, mut rest) = if whole {
        (Some(Message::Text(text)), Bytes::new())
    } else {
        (None, Bytes::from(text))
    };
    let mut opcode = OpCode::Data(Data::Text);
    let pieces = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // A piece may end within a character: only the whole message is UTF-8.
        let piece = rest.split_to(rest.len().min(frame_bytes_max.max(1)));
        let frame = Frame::message(piece, opcode, rest.is_empty());
        opcode = OpCode::Data(Data::Continue);
        Some(Message::Frame(frame))
    });
    single.into_iter().chain(pieces)
}
