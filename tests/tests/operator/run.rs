//! A run in real time: what the trace says of each message, beside what its sender and its receiver wrote down.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::{Clock as _, PushText};
use switchboard_handlers::aws::clock::SystemClock;
use switchboard_local::apigw::Limits;
use switchboard_local::engine::{Durability, Place};
use switchboard_local::host::{Host, Options, STREAM_POLL_MS};
use switchboard_local::http::Reach;
use switchboard_local::issuer::{TokenRequest, TokenUse};
use switchboard_tests::{Actor, web};

const PAIRS: usize = 16;
/// As many as one user may send in ten seconds.
const EACH: u64 = 20;

/// What the two ends saw of an entry, by the clock that the gateway has, too.
#[derive(Debug)]
struct Seen {
    seq: u64,
    sending: u64,
    acknowledged: u64,
    received: u64,
    confirming: u64,
}

async fn actor(host: &Host, user: &str, role: &str) -> Actor {
    let request = TokenRequest {
        user: user.to_owned(),
        role: role.to_owned(),
        expires_s: 3_600,
        token_use: TokenUse::Id,
        jti: SystemClock.dice(),
    };
    let site = host.site();
    let token = site.issuer.token(SystemClock.now_ms() / 1_000, &request);
    let bearer = format!("Bearer {}", token.unwrap());
    let headers = [("authorization", bearer.as_str())];
    let actor = Actor::connect(host.address(), "device=phone", &headers).await;
    actor.unwrap_or_else(|refused| panic!("{user} was refused: {refused:?}"))
}

/// One sends, the other receives and confirms, one after the other.
async fn pair(host: &Host, number: usize) -> (String, Vec<Seen>) {
    let now = || SystemClock.now_ms();
    let (customer, provider) = (format!("customer-{number}"), format!("provider-{number}"));
    let mut reader = actor(host, &provider, "provider").await;
    let mut writer = actor(host, &customer, "customer").await;
    let conversation = writer.open(&provider).await;
    let mut seen = Vec::new();
    for seq in 1..=EACH {
        let sending = now();
        let sent = writer.send(&conversation, seq - 1, "hello").await;
        let acknowledged = now();
        assert_eq!(sent["seq"], seq);
        let entry = reader.hear_event("entry").await;
        let received = now();
        assert_eq!(entry["seq"], seq);
        let confirming = now();
        let receipts = json!([{"conversation": conversation, "recv": seq}]);
        let receipt = json!({"action": "receipt", "receipts": receipts});
        reader.say(receipt).await;
        writer
            .hear_where(|it| it["event"] == "receipt" && it["recv"] == seq)
            .await;
        seen.push(Seen {
            seq,
            sending,
            acknowledged,
            received,
            confirming,
        });
    }
    (conversation, seen)
}

/// The one step of that kind.
fn step<'t>(timeline: &'t Value, event: &str) -> &'t Value {
    let steps = timeline["steps"].as_array().unwrap();
    let mut found = steps.iter().filter(|it| it["event"] == event);
    let step = found
        .next()
        .unwrap_or_else(|| panic!("no {event}: {timeline}"));
    assert!(found.next().is_none(), "{event} twice: {timeline}");
    step
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_answers_for_every_message_of_a_run_and_its_times_are_the_clients() {
    let host = Host::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        place: Place::Memory,
        durability: Durability::Process,
        reach: Reach::Loopback,
        operator_token: None,
        limits: Limits::default(),
        clock: Arc::new(SystemClock),
        push_text: PushText::default(),
        census_ms: None,
        stream_poll_ms: STREAM_POLL_MS,
        prices: None,
        faults: None,
    });
    let host = host.await.expect("failed to start the host");
    let runs = join_all((0..PAIRS).map(|number| pair(&host, number))).await;
    let mut told = 0;
    for (conversation, seen) in &runs {
        for it in seen {
            let seq = it.seq;
            let url = format!(
                "http://{}/_local/trace?conversation={conversation}&seq={seq}",
                host.address()
            );
            let response = web::get(&url).await;
            assert_eq!(response.status(), 200);
            let timeline: Value = serde_json::from_slice(response.body()).unwrap();
            let number = |event, field: &str| step(&timeline, event)[field].as_u64().unwrap();
            let (accepted, stored) = (number("accepted", "at"), number("stored", "at"));
            let (posted, answered) = (
                number("posted", "at"),
                number("posted", "at") + number("posted", "ms"),
            );
            let confirmed = number("confirmed", "at");
            let order = [
                ("sent", it.sending),
                ("accepted", accepted),
                ("stored", stored),
                ("posted", posted),
                ("answered", answered),
                ("acknowledged", it.acknowledged),
            ];
            assert!(order.is_sorted_by_key(|it| it.1), "{order:?}: {timeline}");
            let order = [
                ("posted", posted),
                ("received", it.received),
                ("confirming", it.confirming),
                ("confirmed", confirmed),
            ];
            assert!(order.is_sorted_by_key(|it| it.1), "{order:?}: {timeline}");
            let line = timeline["where"].as_str().unwrap();
            let later = confirmed - stored;
            let expected = format!(
                "confirmed by provider-{}'s phone {later} ms after it was stored",
                number_of(&timeline)
            );
            assert_eq!(line, expected);
            assert_eq!(timeline["torn"], false);
            told += 1;
        }
    }
    assert_eq!(told, PAIRS * usize::try_from(EACH).unwrap());
    host.stop().await;
}

fn number_of(timeline: &Value) -> &str {
    let to = timeline["entry"]["to"].as_str().unwrap();
    to.trim_start_matches("provider-")
}
