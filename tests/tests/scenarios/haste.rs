//! Who waits goes first: what `deliver` and the routes without a response ask for has time, and nothing else has.

use serde_json::json;

use crate::common::{meet, orderly, talk};

#[tokio::test]
async fn receipts_and_deliveries_have_time_and_a_send_has_not() {
    let stage = orderly().await;
    let (mut alice, mut bob, conversation) = meet(&stage).await;
    stage.wire.forget();
    talk(&stage, &mut alice, &conversation, 0, 1).await;
    bob.hear_event("entry").await;
    let receipts = json!([{"conversation": conversation, "recv": 1, "read": 1}]);
    bob.say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    alice.hear_event("receipt").await;
    // Both look at the end of the log as it was a moment ago, and nobody else does.
    let glance = r#""ConsistentRead":false"#;
    stage.wire.saw(2, |it| it.is("Query", glance)).await;

    let observed = stage.wire.observed();
    let have_time = |operation: &str, containing: &str| -> Vec<bool> {
        let those = observed.iter().filter(|it| it.is(operation, containing));
        those.map(|it| it.has_time).collect()
    };
    assert_eq!(have_time("PutItem", "E#"), [false]);
    assert_eq!(have_time("UpdateItem", "SET recv"), [true]);
    assert!(have_time("Query", glance).iter().all(|has_time| *has_time));
    stage.close().await;
}
