//! What users do not see: rows that outlive their connections, the census, dead push tokens, logs, a second release.

use http::Method;
use serde_json::{Value, json};
use switchboard::Metric;
use switchboard::protocol::Role;
use switchboard_tests::venue::{Venue as _, connect};

use crate::aws::Aws;
use crate::deployment::{Deployment, ENVIRONMENT};
use crate::logs::is_in_the_table;
use crate::tables::{earlier, text, until};

/// Longer than a handshake may take: before that, 410 says nothing.
const OLD_MS: u64 = 120_000;
/// Longer than a connection lives.
const DEAD_MS: u64 = 3 * 3_600_000;
const FUNCTIONS: [&str; 8] = [
    "applications",
    "authorize",
    "census",
    "connect",
    "deliver",
    "disconnect",
    "feedback",
    "message",
];

/// A socket vanished and nobody was told: the send succeeds, and the row goes with the first post that answers 410.
pub(crate) async fn stale(deployment: &Deployment) {
    let alice = deployment.guest("alice", Role::Customer).await;
    let bob = deployment.guest("bob", Role::Provider).await;
    let bobs = connect(deployment, &bob, "phone").await;
    let mut alices = connect(deployment, &alice, "phone").await;
    let conversation = alices.open(&bob.id).await;
    let mut row = deployment
        .row(&bob.id, "phone")
        .await
        .expect("bob is there");
    bobs.leave().await;
    until("bob's row is removed", async || {
        deployment
            .row(&bob.id, "phone")
            .await
            .is_none()
            .then_some(())
    })
    .await;
    // As if `$disconnect` had never come.
    earlier(&mut row, "connected_at", OLD_MS);
    deployment.put_row(&row).await;

    let sent = alices.send(&conversation, 0, "is anybody there?").await;
    assert_eq!(sent["seq"], 1);
    let left = deployment.row(&bob.id, "phone").await;
    assert_eq!(left, None, "the stale row is still there");
    alices.leave().await;
}

/// The census counts who is there by role, and removes rows that are past their life and those of ghosts.
pub(crate) async fn census(deployment: &Deployment) {
    until("everybody has left", async || {
        deployment.rows().await.is_empty().then_some(())
    })
    .await;
    let alice = deployment.guest("alice", Role::Customer).await;
    let bob = deployment.guest("bob", Role::Provider).await;
    let phone = connect(deployment, &alice, "phone").await;
    let tablet = connect(deployment, &alice, "tablet").await;
    let bobs = connect(deployment, &bob, "phone").await;

    let row = deployment
        .row(&bob.id, "phone")
        .await
        .expect("bob is there");
    let plant = |device: &str, id: &str, ages: &[(&str, u64)]| {
        let mut planted = row.clone();
        planted["sk"]["S"] = json!(format!("D#{device}"));
        planted["connection_id"]["S"] = json!(id);
        for (name, by_ms) in ages {
            earlier(&mut planted, name, *by_ms);
        }
        planted
    };
    let ghost = plant("ghost", "Z2hvc3Q=", &[("connected_at", OLD_MS)]);
    let dead = plant(
        "dead",
        "ZGVhZA==",
        &[("connected_at", DEAD_MS), ("expires_at", DEAD_MS)],
    );
    for planted in [&ghost, &dead] {
        deployment.put_row(planted).await;
    }
    let schedule = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    deployment.invoke("census", &schedule).await;
    let devices: Vec<String> = deployment
        .rows()
        .await
        .iter()
        .map(|it| text(it, "sk").to_owned())
        .collect();
    assert_eq!(devices.len(), 3, "{devices:?}");

    // A line may be in the log only after the next invocation. The emulator's own schedule may have come first.
    let wanted = [("customer", 2), ("provider", 1)];
    until("the census is in the log", async || {
        deployment.invoke("census", &schedule).await;
        let gauges = deployment.numbers("census", Metric::OpenConnections).await;
        let of = |role: &str| gauges.iter().rev().find(|(_, line)| line["Role"] == role);
        let all = wanted
            .iter()
            .all(|(role, open)| of(role).is_some_and(|(it, _)| it == open));
        all.then_some(())
    })
    .await;
    assert_eq!(deployment.total("census", Metric::RowsExpired).await, 1);
    assert_eq!(deployment.total("census", Metric::GhostsRemoved).await, 1);
    for actor in [phone, tablet, bobs] {
        actor.leave().await;
    }
}

/// SNS says that a push token is dead: the topic's event reaches the function, and the device is forgotten.
pub(crate) async fn feedback(deployment: &Deployment) {
    let bob = deployment.guest("bob", Role::Provider).await;
    let mut bobs = connect(deployment, &bob, "phone").await;
    let device = json!({"action": "device", "device": "phone", "platform": "fcm", "token": format!("push-token-of-{}", bob.id)});
    assert_eq!(bobs.ask(device).await["registered"], true);
    let items = deployment.items_of(&bob.id).await;
    let device = items.iter().find_map(|it| it["endpoint"]["S"].as_str());
    let endpoint = device.expect("bob has no device").to_owned();

    let event = json!({
        "EventType": "DeliveryFailure",
        "EndpointArn": endpoint,
        "FailureType": "InvalidPlatformToken",
        "FailureMessage": "Platform token associated with the endpoint is not valid",
        "Service": "SNS",
        "Resource": deployment.output("push", "FcmApplicationArn"),
        // Later than the device registered: what is older tells of a token that it had before.
        "Time": "2099-01-01T00:00:00.000Z",
        "MessageId": "0f4d8d8f-1f0c-5bd0-9a5c-d8c2a2b0e2b5",
    });
    let message = event.to_string();
    let topic = deployment.output("push", "PushEventsArn");
    let parameters = [
        ("Action", "Publish"),
        ("TopicArn", topic),
        ("Message", &message),
    ];
    let publish = async || {
        let published = deployment.aws.query("sns", "2010-03-31", &parameters).await;
        published.unwrap_or_else(|failure| panic!("the event was not published: {failure:?}"));
    };
    publish().await;
    until("the device is forgotten", async || {
        let items = deployment.items_of(&bob.id).await;
        let gone = items
            .iter()
            .all(|it| it["endpoint"]["S"] != endpoint.as_str());
        gone.then_some(())
    })
    .await;
    // SNS may say it again, and nothing more comes of it. A line may be in the log only after the next invocation.
    until("it is counted once", async || {
        publish().await;
        let dead = deployment.total("feedback", Metric::PushesDead).await;
        (dead == 1).then_some(())
    })
    .await;
    bobs.leave().await;
}

/// The custom resource made the platform application, and SNS tells its topic what becomes of endpoints.
pub(crate) async fn application(deployment: &Deployment) {
    let application = deployment.output("push", "FcmApplicationArn");
    assert!(application.contains(":app/GCM/"), "{application}");
    let parameters = [
        ("Action", "GetPlatformApplicationAttributes"),
        ("PlatformApplicationArn", application),
    ];
    let xml = deployment.aws.query("sns", "2010-03-31", &parameters).await;
    let xml = xml.unwrap();
    let topic = deployment.output("push", "PushEventsArn");
    for attribute in ["EventDeliveryFailure", "EventEndpointDeleted"] {
        let entry = format!("<entry><key>{attribute}</key><value>{topic}</value></entry>");
        assert!(xml.contains(&entry), "{attribute} is not {topic}: {xml}");
    }
}

/// Requests are held against policies here, so that what the functions' roles allow is enough, as it was seen to be.
pub(crate) async fn strangers(deployment: &Deployment) {
    let stranger = Aws::stranger(&deployment.machine.endpoint());
    let table = json!({"TableName": deployment.output("data", "ConnectionsTableName")});
    let scan = stranger.try_json("dynamodb", "DynamoDB_20120810.Scan", &table);
    let refused = scan.await.expect_err("a stranger reads the table");
    assert!(refused.0.contains("UnrecognizedClient"), "{refused:?}");
}

/// Every line of every function is JSON, metrics are those of the table, and nothing private stands in any.
pub(crate) async fn logs(deployment: &Deployment) {
    for function in FUNCTIONS {
        let lines = deployment.lines(function).await;
        for line in &lines {
            let text = line.to_string();
            for private in [
                "it drips",
                "on my way",
                "are you there",
                "push-token",
                "eyJ",
                "example.com",
            ] {
                assert!(!text.contains(private), "{function} wrote {text}");
            }
            if line.get("_aws").is_some() {
                is_in_the_table(function, line);
            }
            // A refused handshake is an error by the platform's rules, and the runtime calls it one.
            let refusal = function == "authorize" && line["fields"]["message"] == "Unauthorized";
            assert!(
                refusal || line["level"] != "ERROR",
                "{function} wrote {text}"
            );
        }
    }
    for (function, metric) in [
        ("authorize", Metric::AuthorizationsRefused),
        ("connect", Metric::Connects),
        ("disconnect", Metric::Disconnects),
        ("message", Metric::Sends),
        ("message", Metric::Duplicates),
        ("message", Metric::Refusals),
        ("message", Metric::RelaysDelivered),
        ("message", Metric::RelaysGone),
        ("deliver", Metric::Pushes),
        ("deliver", Metric::Redeliveries),
        ("feedback", Metric::PushesDead),
    ] {
        let total = deployment.total(function, metric).await;
        assert!(total > 0, "{function} has reported no {metric:?}");
    }
    let timed = deployment.numbers("message", Metric::SendToRelay).await;
    assert!(!timed.is_empty(), "no send was timed");
}

/// A second release goes over the first in place: connections, tables and users stay, and the functions are new.
pub(crate) async fn second_release(deployment: &mut Deployment) {
    let alice = deployment.guest("alice", Role::Customer).await;
    let bob = deployment.guest("bob", Role::Provider).await;
    let mut bobs = connect(deployment, &bob, "phone").await;
    let mut alices = connect(deployment, &alice, "phone").await;
    let conversation = alices.open(&bob.id).await;
    alices.send(&conversation, 0, "before").await;
    let before = live_versions(deployment).await;
    let api = deployment.output("app", "ApiId").to_owned();

    let told = deployment.release("second").await;
    for stack in ["foundation", "data", "identity"] {
        let unchanged = format!("switchboard-{ENVIRONMENT}-{stack}: nothing changes");
        assert!(told.contains(&unchanged), "{told}");
    }
    assert_eq!(deployment.output("app", "ApiId"), api);
    for ((function, old), (_, new)) in before.iter().zip(live_versions(deployment).await) {
        assert_ne!(*old, new, "{function} is the one of before");
    }
    let sent = alices.send(&conversation, 1, "after").await;
    assert_eq!(sent["seq"], 2);
    let second = |it: &Value| it["event"] == "entry" && it["seq"] == 2;
    bobs.hear_where(second).await;

    let told = deployment.release("second").await;
    assert_eq!(
        told.matches("nothing changes").count(),
        told.matches("switchboard-").count(),
        "{told}"
    );
    for actor in [alices, bobs] {
        actor.leave().await;
    }
}

/// The version that `live` is of each function.
async fn live_versions(deployment: &Deployment) -> Vec<(&'static str, String)> {
    let mut versions = Vec::new();
    for function in FUNCTIONS {
        let name = Deployment::function(function);
        let path = format!("/2015-03-31/functions/{name}/aliases/live");
        let alias = deployment
            .aws
            .rest("lambda", Method::GET, &path, &Value::Null);
        let version = alias.await["FunctionVersion"].as_str().unwrap().to_owned();
        versions.push((function, version));
    }
    versions
}
