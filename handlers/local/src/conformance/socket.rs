//! One connection: frames go to the stage, and the stage's orders to the socket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use switchboard::protocol::limits::FRAME_BYTES_MAX;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::apigw::close::Close;
use crate::conformance::stage::{Call, Order, Place, Seat};

/// How long a client may take to read a frame, or to answer a close frame.
const LINGER: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Serves a connection until it ends.
pub(crate) async fn serve(upgraded: Upgraded, mut seat: Seat, calls: mpsc::Sender<Call>) {
    let config = WebSocketConfig::default()
        .max_frame_size(Some(FRAME_BYTES_MAX))
        .max_message_size(Some(FRAME_BYTES_MAX));
    let mut socket =
        Socket::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let place = seat.place;
    loop {
        let call = tokio::select! {
            biased;
            order = seat.orders.recv() => match order {
                Some(Order::Post(text)) => post(&mut socket, text, place).await,
                Some(Order::Close(code)) => return part(socket, code).await,
                Some(Order::Cut) | None => return,
            },
            message = socket.next() => read(message, place),
        };
        match call {
            Some(call @ Call::Left(..)) => {
                tell(&calls, call).await;
                return finish(socket).await;
            }
            Some(call @ Call::Offence(..)) => {
                tell(&calls, call).await;
                return obey(socket, seat).await;
            }
            Some(call) => tell(&calls, call).await,
            None => {}
        }
    }
}

async fn tell(calls: &mpsc::Sender<Call>, call: Call) {
    if calls.send(call).await.is_err() {
        tracing::debug!("the play is not on any more");
    }
}

async fn post(socket: &mut Socket, text: String, place: Place) -> Option<Call> {
    let posted = timeout(LINGER, socket.send(Message::text(text))).await;
    match posted {
        Ok(Ok(())) => None,
        Ok(Err(_)) | Err(_) => Some(Call::Left(place, Close::Lost.code())),
    }
}

/// What a message, or the end of all messages, tells the stage.
fn read(message: Option<Result<Message, Error>>, place: Place) -> Option<Call> {
    match message {
        Some(Ok(Message::Text(text))) => Some(Call::Text(place, text.to_string())),
        Some(Ok(Message::Binary(_))) => Some(Call::Offence(place, Close::Binary.code())),
        Some(Ok(Message::Close(frame))) => {
            let frame = frame.map(|it| (it.code.into(), it.reason.to_string()));
            Some(Call::Left(place, Close::ByClient(frame).code()))
        }
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => None,
        Some(Err(error)) => {
            let close = Close::from_error(&error);
            let code = close.code();
            Some(if close == Close::Lost {
                Call::Left(place, code)
            } else {
                Call::Offence(place, code)
            })
        }
        None => Some(Call::Left(place, Close::Lost.code())),
    }
}

/// After an offence nothing is read: the stage orders the end.
async fn obey(mut socket: Socket, mut seat: Seat) {
    while let Some(order) = seat.orders.recv().await {
        match order {
            Order::Post(text) => {
                if post(&mut socket, text, seat.place).await.is_some() {
                    return;
                }
            }
            Order::Close(code) => return part(socket, code).await,
            Order::Cut => return,
        }
    }
}

/// Says the close frame first, and hears the other's.
async fn part(mut socket: Socket, code: u16) {
    let frame = CloseFrame {
        code: code.into(),
        reason: "".into(),
    };
    let parting = async {
        socket.send(Message::Close(Some(frame))).await?;
        while let Some(message) = socket.next().await {
            if message?.is_close() {
                break;
            }
        }
        Ok::<(), Error>(())
    };
    if !matches!(timeout(LINGER, parting).await, Ok(Ok(()))) {
        tracing::debug!(code, "the socket did not end well");
    }
}

/// Sends the answer to the client's close frame.
async fn finish(mut socket: Socket) {
    if !matches!(timeout(LINGER, socket.close(None)).await, Ok(Ok(()))) {
        tracing::debug!("the socket did not end well");
    }
}
