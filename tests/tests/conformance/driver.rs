//! The reference client over real sockets.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use switchboard::Clock;
use switchboard_local::conformance::Handshake;
use switchboard_tests::client::LinkId;
use switchboard_tests::{TestClock, web};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::device::{Device, Does, USER};
use crate::tamper::Tamper;

/// How much of its time a test lets pass in a millisecond.
const STEP_MS: u64 = 10;

/// What happens to a link.
#[derive(Debug)]
enum Happened {
    Opened,
    Refused(u16),
    Heard(String),
    Closed,
}

/// What is done to a link.
#[derive(Debug)]
enum Ordered {
    Say(String),
    Close,
}

/// A client that plays over sockets, until it is dropped.
pub(crate) async fn drive(
    address: SocketAddr,
    play: &str,
    seed: u64,
    tamper: Tamper,
    clock: &dyn Clock,
) {
    let mut device = Device::new(seed, tamper, clock.now_ms());
    let (happens, mut happened) = mpsc::channel::<(LinkId, Happened)>(64);
    let mut links: BTreeMap<LinkId, mpsc::UnboundedSender<Ordered>> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    let mut token = String::new();
    loop {
        for does in device.does() {
            match does {
                Does::Connect { link, fresh } => {
                    if fresh || token.is_empty() {
                        token = fetch_token(address, play).await;
                    }
                    let handshake = device.handshake(&token);
                    let (orders, ordered) = mpsc::unbounded_channel();
                    links.insert(link, orders);
                    let url = format!("ws://{address}/{play}");
                    tasks.spawn(connect(
                        address,
                        url,
                        handshake,
                        link,
                        happens.clone(),
                        ordered,
                    ));
                }
                Does::Say { link, text } => order(&links, link, Ordered::Say(text)),
                Does::Close { link } => order(&links, link, Ordered::Close),
            }
        }
        let due = device.next_tick(clock.now_ms());
        let sleep = async {
            match due {
                Some(at) => clock.sleep(at.saturating_sub(clock.now_ms())).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = happened.recv() => {
                let (link, what) = event.expect("this end has a sender as well");
                let now = clock.now_ms();
                match what {
                    Happened::Opened => device.opened(link, now),
                    Happened::Refused(status) => device.refused(link, status, now),
                    Happened::Heard(text) => device.heard(link, &text, now),
                    Happened::Closed => device.closed(link, now),
                }
            }
            () = sleep => device.tick(clock.now_ms()),
        }
    }
}

/// Lets a test's time pass for as long as some work takes. When the machine stalls, time does too.
pub(crate) async fn flow<T>(clock: &TestClock, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = ticks.tick() => clock.advance(STEP_MS),
        }
    }
}

async fn fetch_token(address: SocketAddr, play: &str) -> String {
    let url = format!("http://{address}/{play}/token");
    let answer = web::post_json(&url, &json!({"user": USER, "role": "customer"})).await;
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// A link that is gone is no news: the client hears of it in its turn.
fn order(links: &BTreeMap<LinkId, mpsc::UnboundedSender<Ordered>>, link: LinkId, ordered: Ordered) {
    if let Some(link) = links.get(&link) {
        drop(link.send(ordered));
    }
}

/// One connection, from its handshake to its end.
async fn connect(
    address: SocketAddr,
    url: String,
    handshake: Handshake,
    link: LinkId,
    happens: mpsc::Sender<(LinkId, Happened)>,
    mut ordered: mpsc::UnboundedReceiver<Ordered>,
) {
    let tell = async |what| drop(happens.send((link, what)).await);
    let device = handshake.device.as_deref().unwrap_or_default();
    let mut request = format!("{url}?device={device}")
        .into_client_request()
        .unwrap();
    if let Some(token) = &handshake.token {
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
    }
    let Ok(tcp) = TcpStream::connect(address).await else {
        return tell(Happened::Closed).await;
    };
    tcp.set_nodelay(true).unwrap();
    let mut socket = match client_async(request, tcp).await {
        Ok((socket, _)) => socket,
        Err(Error::Http(response)) => {
            return tell(Happened::Refused(response.status().as_u16())).await;
        }
        Err(_) => return tell(Happened::Closed).await,
    };
    tell(Happened::Opened).await;
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => tell(Happened::Heard(text.to_string())).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            it = ordered.recv() => {
                let sent = match it {
                    Some(Ordered::Say(text)) => socket.send(Message::text(text)).await,
                    Some(Ordered::Close) | None => socket.close(None).await,
                };
                if sent.is_err() {
                    break;
                }
            }
        }
    }
    drop(socket.flush().await);
    tell(Happened::Closed).await;
}
