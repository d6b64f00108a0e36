//! `device`: registered, a device is pushed to while its user is away; removed, it is not. How pushes are made is
//! the play of `delivery`.

use serde_json::{Value, json};
use switchboard_tests::Stage;

use crate::common::{list, meet, nothing_written, part};

fn register(device: &str, platform: &str, token: &str) -> Value {
    json!({"action": "device", "device": device, "platform": platform, "token": token,
        "locale": "de-DE"})
}

#[tokio::test]
async fn a_device_is_pushed_to_from_its_registration_to_its_removal() {
    let stage = Stage::open().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    let devices = [
        ("phone", "apns"),
        ("debug", "apns_sandbox"),
        ("droid", "fcm"),
    ];
    for (device, platform) in devices {
        let answer = bob
            .ask(register(device, platform, &format!("token-of-{device}")))
            .await;
        assert_eq!(answer["event"], "device", "{answer}");
        assert_eq!(answer["device"], device);
    }
    let remove = json!({"action": "device", "device": "debug", "remove": true});
    let removed = bob.ask(remove.clone()).await;
    assert_eq!(
        (&removed["event"], &removed["device"]),
        (&json!("device"), &json!("debug"))
    );
    part(&stage, bob, "bob").await;

    alice.send(&conversation, 0, "are you there?").await;
    stage.delivered().await;

    let inbox = stage.pushes("bob").await;
    let mut pushed: Vec<_> = inbox
        .iter()
        .map(|it| it["device"].as_str().unwrap())
        .collect();
    pushed.sort_unstable();
    assert_eq!(pushed, ["droid", "phone"]);
    // One that is not there is as good as removed.
    let mut bob = stage.provider("bob", "web").await;
    assert_eq!(bob.ask(remove).await["event"], "device");
    stage.close().await;
}

#[tokio::test]
async fn registrations_are_checked() {
    let stage = Stage::open().await;
    let mut alice = stage.customer("alice", "phone").await;
    stage.wire.forget();
    let rows = json!([
        [register("phone", "pager", "t"), "platform"],
        [register("phone", "fcm", ""), "token"],
        [register("phone", "fcm", "with space"), "token"],
        [register("phone", "fcm", &"t".repeat(2_049)), "token"],
        [register("", "fcm", "t"), "device"],
        [register("a b", "fcm", "t"), "device"],
        [register(&"d".repeat(65), "fcm", "t"), "device"],
        [{"action": "device", "device": "phone"}, "platform"],
        [{"action": "device", "device": "phone", "platform": "fcm"}, "token"],
        [{"action": "device", "device": "phone", "remove": "yes"}, "remove"],
        [{"action": "device", "remove": true}, "device"],
    ]);
    for row in list(&rows) {
        let answer = alice.ask(row[0].clone()).await;
        assert_eq!(answer["code"], "bad_request", "{row}");
        let (message, field) = (
            answer["message"].as_str().unwrap(),
            row[1].as_str().unwrap(),
        );
        assert!(
            message.starts_with(field),
            "{message} does not name {field}"
        );
    }
    nothing_written(&stage);
    stage.close().await;
}
