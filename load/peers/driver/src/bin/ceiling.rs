//! The ceiling: tokio-tungstenite, and what comes in on one socket goes out on its partner's, unread.
//!
//! Nothing is parsed, stored, authenticated or acknowledged. Whoever does more costs more; how much, is the question.
//! It listens on `127.0.0.1` at the port that is given, and ends with its standard input.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Frames that may wait for one reader.
const WAITING_MAX: usize = 256;

type Users = Arc<Mutex<BTreeMap<String, mpsc::Sender<Utf8Bytes>>>>;

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.expect("a port")));
    let listener = TcpListener::bind(address).await.expect("failed to listen");
    let (users, mut sockets) = (Users::default(), JoinSet::new());
    let mut stdin = tokio::io::stdin();
    let mut nothing = [0; 16];
    loop {
        tokio::select! {
            read = stdin.read(&mut nothing) => if read.unwrap_or(0) == 0 { return },
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("failed to accept");
                sockets.spawn(serve(stream, Arc::clone(&users)));
            }
            Some(_) = sockets.join_next() => {}
        }
    }
}

/// Serves one socket; an error of any kind is its end.
async fn serve(stream: TcpStream, users: Users) {
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .max_message_size(Some(32 * 1024));
    let (mut user, mut partner) = (String::new(), String::new());
    #[expect(
        clippy::result_large_err,
        reason = "the callback's type is the library's"
    )]
    let named = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let query = request.uri().query().unwrap_or_default();
        for (name, value) in query.split('&').filter_map(|it| it.split_once('=')) {
            match name {
                "user" => value.clone_into(&mut user),
                "to" => value.clone_into(&mut partner),
                _ => {}
            }
        }
        Ok(response)
    };
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Ok(socket) = accept_hdr_async_with_config(stream, named, Some(config)).await else {
        return;
    };
    let (mut sink, mut source) = socket.split();
    let (sender, mut queue) = mpsc::channel(WAITING_MAX);
    users.lock().unwrap().insert(user.clone(), sender);
    loop {
        tokio::select! {
            frame = source.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let to = users.lock().unwrap().get(&partner).cloned();
                    if let Some(to) = to && to.try_send(text).is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            Some(text) = queue.recv() => {
                if sink.send(Message::Text(text)).await.is_err() {
                    break;
                }
            }
        }
    }
    users.lock().unwrap().remove(&user);
}
