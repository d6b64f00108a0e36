#![no_main]
//! Goal: whatever bytes a peer sends, what it is answered is HTTP and RFC 6455, the connection comes to an end when the
//! peer goes, and the listener serves whoever comes next.
//! Method: the first byte says where the rest goes: to the listener (`h`), or behind a good handshake of a peer that
//! then ends its side (`w`) or vanishes (`v`); the second byte how many bytes are written at a time, 0 for all at once.
//! Time stands still while anything can happen, so whoever waits in vain is found at once, without waiting.

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::{Corpus, fuzz_target};
use switchboard_fuzz::clock::runtime;
use switchboard_fuzz::door::{Door, HEARD, PONG};
use switchboard_fuzz::frames::{Heard, heard};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, split};
use tokio::runtime::Runtime;
use tokio::time::{advance, timeout};

/// Longer than anything that the gateway waits for when its peer has gone: a closing socket lingers for five seconds.
const PATIENCE: Duration = Duration::from_secs(20);

const HANDSHAKE: &str = "GET /local HTTP/1.1\r\nHost: gateway.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/// RFC 6455's own example: what a server answers to that key.
const ACCEPT: &str = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

struct World {
    door: Door,
    runtime: Runtime,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = runtime();
    let door = runtime.block_on(async { Door::open() });
    World { door, runtime }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let [kind @ (b'h' | b'w' | b'v'), pace, bytes @ ..] = data else {
        return Corpus::Reject;
    };
    let world = &*WORLD;
    world.runtime.block_on(async {
        // Two seconds fill the buckets of both throttles.
        advance(Duration::from_secs(2)).await;
        let pace = if *pace == 0 {
            bytes.len().max(1)
        } else {
            usize::from(*pace)
        };
        match kind {
            b'h' => stranger(&world.door, bytes, pace).await,
            b'w' => guest(&world.door, bytes, pace).await,
            _ => vanisher(&world.door, bytes, pace).await,
        }
        well_formed(&world.door).await;
        empty(&world.door).await;
    });
    Corpus::Keep
});

/// Bytes instead of a handshake.
async fn stranger(door: &Door, bytes: &[u8], pace: usize) {
    let answer = said(door.knock(), bytes, pace).await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1."),
        "no HTTP: {answer:?}"
    );
    let Some((head, rest)) = head_and_rest(&answer) else {
        return;
    };
    if head.starts_with(b"HTTP/1.1 101 ") {
        heard(rest);
    }
}

/// Bytes behind a good handshake.
async fn guest(door: &Door, bytes: &[u8], pace: usize) {
    let mut pipe = door.knock();
    shake_hands(&mut pipe).await;
    let answer = said(pipe, bytes, pace).await;
    let Heard { texts, closed: _ } = heard(&answer);
    for text in texts {
        let platforms = text.starts_with(r#"{"message": ""#) && text.contains(r#""requestId":""#);
        assert!(
            text == PONG || text == HEARD || platforms,
            "nobody said {text}"
        );
    }
}

/// The same, of a peer that does not listen and is gone in the middle.
async fn vanisher(door: &Door, bytes: &[u8], pace: usize) {
    let mut pipe = door.knock();
    shake_hands(&mut pipe).await;
    for piece in bytes.chunks(pace) {
        // It may have been closed already.
        if timeout(PATIENCE, pipe.write_all(piece)).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
}

/// A peer that does everything right: it is let in, asks, is answered, and takes its leave.
async fn well_formed(door: &Door) {
    let mut pipe = door.knock();
    shake_hands(&mut pipe).await;
    let ping = masked(0x81, br#"{"action":"ping"}"#);
    let hello = masked(0x81, b"hello");
    let close = masked(0x88, &1000_u16.to_be_bytes());
    pipe.write_all(&ping).await.expect("a ping is taken");
    let mut reply = vec![0; 2 + PONG.len()];
    read(&mut pipe, &mut reply).await;
    assert_eq!(heard(&reply).texts, [PONG]);
    let beat = masked(0x89, b"beat");
    pipe.write_all(&beat)
        .await
        .expect("a control frame is taken");
    let mut echo = [0; 6];
    read(&mut pipe, &mut echo).await;
    assert_eq!(&echo, b"\x8a\x04beat", "a ping's own pong");
    pipe.write_all(&hello).await.expect("a text is taken");
    let mut answer = vec![0; 2 + HEARD.len()];
    read(&mut pipe, &mut answer).await;
    assert_eq!(heard(&answer).texts, [HEARD]);
    let rest = said(pipe, &close, close.len()).await;
    assert_eq!(heard(&rest).closed, Some(1000));
}

/// Nobody is left inside.
async fn empty(door: &Door) {
    let emptied = async {
        while door.gateway.open_connections() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, emptied)
        .await
        .expect("a connection whose peer has gone stays open");
}

/// Writes, ends its side, and hears the other's to its end.
async fn said(pipe: DuplexStream, bytes: &[u8], pace: usize) -> Vec<u8> {
    let (mut reader, mut writer) = split(pipe);
    let mut answer = Vec::new();
    let speak = async {
        for piece in bytes.chunks(pace) {
            // The gateway may have closed, and rightly.
            if writer.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        if writer.shutdown().await.is_err() {}
    };
    let listen = reader.read_to_end(&mut answer);
    let both = timeout(PATIENCE, async { tokio::join!(speak, listen) }).await;
    let ((), ended) = both.expect("the connection does not end");
    assert!(ended.is_ok(), "a pipe does not fail");
    answer
}

async fn shake_hands(pipe: &mut DuplexStream) {
    pipe.write_all(HANDSHAKE.as_bytes())
        .await
        .expect("a handshake is taken");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        read(pipe, &mut byte).await;
        head.extend(byte);
    }
    let head = String::from_utf8(head).expect("a head is ASCII");
    assert!(
        head.starts_with("HTTP/1.1 101 ") && head.contains(ACCEPT),
        "not let in: {head}"
    );
}

async fn read(pipe: &mut DuplexStream, buffer: &mut [u8]) {
    let read = timeout(PATIENCE, pipe.read_exact(buffer)).await;
    read.expect("nothing was answered")
        .expect("the connection ended");
}

fn head_and_rest(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n")?;
    Some(answer.split_at(end + 4))
}

/// A short frame of a client, masked with zeros.
fn masked(head: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).expect("a short frame");
    [&[head, 0x80 | len, 0, 0, 0, 0], payload].concat()
}
