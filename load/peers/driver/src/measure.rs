//! One peer in one round: messages, then idle connections.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep};

use crate::Failed;
use crate::latency::Latencies;
use crate::pair::{Pair, TALK};
use crate::peer::{Peer, Places};
use crate::server::cpu_s;

/// Connections that are being opened at once.
const OPENING: usize = 8;
/// How long memory is looked at before it is believed.
const SETTLE: Duration = Duration::from_secs(2);

/// How much of everything.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Amount {
    /// Pairs of people.
    pub(crate) pairs: usize,
    /// Messages of each pair.
    pub(crate) messages: usize,
    /// Bytes of a message's text.
    pub(crate) body_bytes: usize,
    /// Connections that say nothing.
    pub(crate) idle: usize,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) messages: usize,
    pub(crate) messages_per_s: f64,
    pub(crate) server_cpu_us: f64,
    pub(crate) client_cpu_us: f64,
    pub(crate) arrival_p50_us: u64,
    pub(crate) arrival_p99_us: u64,
    pub(crate) acceptance_p50_us: Option<u64>,
    pub(crate) acceptance_p99_us: Option<u64>,
}

/// Lets the pairs talk.
pub(crate) async fn messages(
    peer: Peer,
    places: &Places,
    round: usize,
    amount: Amount,
) -> Result<Measured, Failed> {
    let measured = peer.messages(amount.messages);
    // A conversation's worth, so that what is compiled or cached on the way is.
    let warm = peer.messages(TALK);
    let running = peer.start(places, round).await?;
    let meeting = stream::iter(0..amount.pairs)
        .map(|number| Pair::meet(&running, number, warm + measured, amount.body_bytes));
    let pairs: Vec<Pair> = meeting.buffer_unordered(OPENING).try_collect().await?;
    let mut pairs = all_talk(pairs, warm).await?;
    pairs.iter_mut().for_each(Pair::reset);
    let (server, client, began) = (running.cpu_s()?, cpu_s("self")?, Instant::now());
    let mut pairs = all_talk(pairs, measured).await?;
    let took = began.elapsed();
    for pair in &mut pairs {
        pair.confirm().await?;
    }
    let client = cpu_s("self")? - client;
    // What is still to be looked after belongs to these messages.
    running.drained().await?;
    let server = running.cpu_s()? - server;
    let (mut arrival, mut acceptance) = (Latencies::default(), Latencies::default());
    for pair in pairs {
        arrival.add(&pair.arrival);
        acceptance.add(&pair.acceptance);
        pair.part().await;
    }
    running.stop().await?;
    let messages = measured * amount.pairs;
    let each = |seconds: f64| seconds * 1e6 / count(messages);
    Ok(Measured {
        messages,
        messages_per_s: count(messages) / took.as_secs_f64(),
        server_cpu_us: each(server),
        client_cpu_us: each(client),
        arrival_p50_us: arrival.at(500).ok_or("nothing arrived")?,
        arrival_p99_us: arrival.at(990).ok_or("nothing arrived")?,
        acceptance_p50_us: acceptance.at(500),
        acceptance_p99_us: acceptance.at(990),
    })
}

/// KiB of resident memory per connection that says nothing.
pub(crate) async fn idle(
    peer: Peer,
    places: &Places,
    round: usize,
    connections: usize,
) -> Result<f64, Failed> {
    let running = peer.start(places, round).await?;
    let connect = |user: String| {
        let running = &running;
        async move { running.connect(&user, "customer", "nobody").await }
    };
    // What the first connections bring into memory is not theirs alone.
    let names = |kind: &'static str, many| (0..many).map(move |it| format!("{kind}-{it}"));
    let first = stream::iter(names("first", 50)).map(connect);
    let first: Vec<_> = first.buffer_unordered(OPENING).try_collect().await?;
    let before = running.server.rss_kib()?;
    let idle = stream::iter(names("idle", connections)).map(connect);
    let idle: Vec<_> = idle.buffer_unordered(OPENING).try_collect().await?;
    sleep(SETTLE).await;
    let grown = running.server.rss_kib()?.saturating_sub(before);
    drop((first, idle));
    running.stop().await?;
    Ok(grown_kib(grown) / count(connections))
}

/// All pairs at the same time.
async fn all_talk(pairs: Vec<Pair>, messages: usize) -> Result<Vec<Pair>, Failed> {
    let mut talking = JoinSet::new();
    for mut pair in pairs {
        talking.spawn(async move { pair.talk(messages).await.map(|()| pair) });
    }
    let mut pairs = Vec::new();
    while let Some(pair) = talking.join_next().await {
        pairs.push(pair??);
    }
    Ok(pairs)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn grown_kib(number: u64) -> f64 {
    number as f64
}
