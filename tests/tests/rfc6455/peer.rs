//! A client that writes bytes, and reads frames as strictly as a client may.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A bound on real time: nothing waits for it, and a case that hangs ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// The platform sends no longer frame.
const FRAME_BYTES_MAX: usize = 32 * 1024;

/// A handshake as section 1.2 has it.
pub(crate) const HANDSHAKE: &str = "GET /local HTTP/1.1\r\nHost: echo.test\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// How bytes come to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In one write.
    Whole,
    /// Every octet in a write of its own.
    Octets,
    /// So many at a time: a prime, so that pieces end anywhere.
    Pieces,
}

/// What a server says, in whole messages.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    Pong(Vec<u8>),
    /// A close frame's payload.
    Close(Vec<u8>),
    /// The end of the stream, without a close frame before it.
    End,
}

/// An open socket.
pub(crate) struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// A socket on which nothing was said.
    pub(crate) async fn dial(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// A socket after its handshake.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::dial(address).await.shaken().await
    }

    /// The same, with little room for what it has not read.
    pub(crate) async fn connect_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self { stream }.shaken().await
    }

    async fn shaken(self) -> Self {
        let mut peer = self;
        peer.say(HANDSHAKE.as_bytes(), Delivery::Whole).await;
        let head = peer.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        peer
    }

    /// Writes bytes.
    pub(crate) async fn say(&mut self, bytes: &[u8], delivery: Delivery) {
        let at_once = match delivery {
            Delivery::Whole => bytes.len().max(1),
            Delivery::Octets => 1,
            Delivery::Pieces => 997,
        };
        for piece in bytes.chunks(at_once) {
            let written = timeout(PATIENCE, self.stream.write_all(piece)).await;
            let written = written.expect("the server does not read");
            written.expect("failed to write");
            // The server, which runs on this thread, reads the piece before the next is written.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Repeats octets until the server has ended the connection, or has taken so many; says how many it took.
    pub(crate) async fn say_until_refused(&mut self, octets: &[u8], octets_max: usize) -> usize {
        let piece = octets.repeat(512);
        let mut taken = 0;
        while taken < octets_max && self.stream.write_all(&piece).await.is_ok() {
            taken += piece.len();
            tokio::task::yield_now().await;
        }
        taken
    }

    /// Reads the head of an HTTP response.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.octets(1).await.expect("the socket ended")[0]);
        }
        String::from_utf8(head).expect("a head is ASCII")
    }

    /// Ends the client's half of the TCP connection.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads until the socket ends.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        read.expect("the socket did not end").expect("it was reset");
        rest
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Heard {
        let mut text = Vec::new();
        let mut expected = 0x1;
        loop {
            let Some((head, payload)) = self.frame().await else {
                return Heard::End;
            };
            let (fin, opcode) = (head & 0x80 != 0, head & 0x0f);
            assert_eq!(head & 0x70, 0, "5.2: reserved bits are 0");
            match opcode {
                0x0 | 0x1 => {
                    assert_eq!(opcode, expected, "5.4: a message is in order");
                    expected = 0x0;
                    text.extend(payload);
                    if fin {
                        return Heard::Text(String::from_utf8(text).expect("8.1: text is UTF-8"));
                    }
                }
                0x8 if fin => return Heard::Close(payload),
                0xa if fin => return Heard::Pong(payload),
                _ => panic!("a server does not say {head:#x} {payload:?}"),
            }
        }
    }

    /// A frame: its first octet and its payload.
    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = self.octets(2).await?;
        assert_eq!(head[1] & 0x80, 0, "5.1: a server does not mask");
        let length = match head[1] {
            126 => {
                let octets = self.octets(2).await.expect("a whole header");
                let length = usize::from(u16::from_be_bytes([octets[0], octets[1]]));
                assert!(length > 125, "5.2: a server's lengths are minimal");
                length
            }
            127 => panic!("no frame of a server is above {FRAME_BYTES_MAX} octets"),
            length => usize::from(length),
        };
        assert!(length <= FRAME_BYTES_MAX, "{length}");
        let payload = self.octets(length).await.expect("a whole payload");
        Some((head[0], payload))
    }

    /// So many octets, or none where the stream has ended before them.
    async fn octets(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut octets = vec![0; count];
        let read = timeout(PATIENCE, self.stream.read_exact(&mut octets)).await;
        match read.expect("nothing came") {
            Ok(_) => Some(octets),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{error}");
                None
            }
        }
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                let start: String = text.chars().take(40).collect();
                write!(f, "Text({start:?}, {} octets)", text.len())
            }
            Self::Pong(payload) => write!(f, "Pong({})", payload.escape_ascii()),
            Self::Close(payload) => match payload.split_first_chunk() {
                Some((code, reason)) => {
                    let code = u16::from_be_bytes(*code);
                    write!(f, "Close({code}, {:?})", String::from_utf8_lossy(reason))
                }
                None => write!(f, "Close({payload:?})"),
            },
            Self::End => f.write_str("End"),
        }
    }
}
