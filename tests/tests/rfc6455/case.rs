//! A case: what a client says, and everything that it hears.

use crate::peer::{Delivery, Heard, Peer};
use crate::server::Server;

/// The final bit, and the opcodes of section 5.2.
pub(crate) const FIN: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// The mask of the examples in section 5.7.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// Longer cases are not played octet by octet: they would say nothing that shorter ones do not.
const OCTETS_MAX: usize = 512;

/// What a client says, and everything that it hears.
#[derive(Debug)]
pub(crate) struct Case {
    name: String,
    said: Vec<u8>,
    answers: Vec<Heard>,
    end: End,
}

#[derive(Debug)]
enum End {
    /// The connection stays open. To know that nothing else was said, the client closes it.
    Open,
    /// The server fails the connection with this code.
    Failed(u16),
    /// The server echoes the client's close frame.
    Echo(Vec<u8>),
}

/// A name, frames, and the answers that come before the connection's fate.
pub(crate) fn case<F: AsRef<[u8]>>(name: impl Into<String>, frames: &[F]) -> Case {
    Case {
        name: name.into(),
        said: frames.iter().flat_map(AsRef::as_ref).copied().collect(),
        answers: Vec::new(),
        end: End::Open,
    }
}

impl Case {
    /// A message comes back.
    pub(crate) fn echoes(mut self, text: impl Into<String>) -> Self {
        self.answers.push(Heard::Text(text.into()));
        self
    }

    /// A ping is answered.
    pub(crate) fn pongs(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.answers.push(Heard::Pong(payload.into()));
        self
    }

    /// The server fails the connection.
    pub(crate) fn fails(mut self, code: u16) -> Self {
        self.end = End::Failed(code);
        self
    }

    /// The server answers the close frame with its own payload.
    pub(crate) fn closes(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.end = End::Echo(payload.into());
        self
    }

    async fn play(&self, server: &Server, delivery: Delivery) {
        let context = || format!("{} ({delivery:?})", self.name);
        let mut peer = Peer::connect(server.address).await;
        peer.say(&self.said, delivery).await;
        if matches!(self.end, End::Open) {
            peer.say(&close(1000, ""), delivery).await;
        }
        let mut heard = Vec::new();
        let last = loop {
            match peer.hear().await {
                last @ (Heard::Close(_) | Heard::End) => break last,
                answer @ (Heard::Text(_) | Heard::Pong(_)) => heard.push(answer),
            }
        };
        let heard_all = format!("{}: {heard:?}, then {last:?}", context());
        assert!(heard == self.answers, "{heard_all}");
        match (&self.end, &last) {
            (End::Open, Heard::Close(payload)) => assert!(*payload == [3, 232], "{heard_all}"),
            (End::Echo(expected), Heard::Close(payload)) => {
                assert!(payload == expected, "{heard_all}");
            }
            (End::Failed(code), Heard::Close(payload)) => {
                assert!(payload.starts_with(&code.to_be_bytes()), "{heard_all}");
            }
            (end, _) => panic!("{heard_all}, not {end:?}"),
        }
        // 7.1.1: the server ends the TCP connection first, and says nothing after its close frame.
        assert!(peer.rest().await.is_empty(), "{}", context());
    }
}

/// Plays cases on one server, each in every delivery.
pub(crate) async fn play(cases: impl IntoIterator<Item = Case>) {
    let server = Server::start().await;
    for case in cases {
        case.play(&server, Delivery::Whole).await;
        case.play(&server, Delivery::Pieces).await;
        if case.said.len() <= OCTETS_MAX {
            case.play(&server, Delivery::Octets).await;
        }
    }
}

/// Plays cases in one write alone.
pub(crate) async fn play_whole(cases: impl IntoIterator<Item = Case>) {
    let server = Server::start().await;
    for case in cases {
        case.play(&server, Delivery::Whole).await;
    }
}

/// A masked frame with the shortest length: `head` is the final bit, the reserved bits and the opcode.
pub(crate) fn frame(head: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let length = payload.as_ref().len();
    let width = match length {
        0..=125 => Width::Seven,
        126..=0xffff => Width::Sixteen,
        _ => Width::SixtyFour,
    };
    frame_of(head, payload, width, MASK)
}

/// How many bits a length takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Width {
    Seven,
    Sixteen,
    SixtyFour,
}

/// A masked frame with a length of a chosen width.
pub(crate) fn frame_of(
    head: u8,
    payload: impl AsRef<[u8]>,
    width: Width,
    mask: [u8; 4],
) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = header(head, payload.len() as u64, width);
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// A frame's header up to its mask.
pub(crate) fn header(head: u8, length: u64, width: Width) -> Vec<u8> {
    let octets = length.to_be_bytes();
    let (marker, octets) = match width {
        Width::Seven => (octets[7], &octets[8..]),
        Width::Sixteen => (126, &octets[6..]),
        Width::SixtyFour => (127, &octets[..]),
    };
    [&[head, 0x80 | marker], octets].concat()
}

/// A whole text message.
pub(crate) fn text(payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | TEXT, payload)
}

/// A close frame with a code.
pub(crate) fn close(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | CLOSE, close_payload(code, reason))
}

/// A close frame's payload.
pub(crate) fn close_payload(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_ref()].concat()
}
