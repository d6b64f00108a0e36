//! `census`: the schedule's event becomes gauges by role, and the rows of the dead go.

use serde_json::json;

use crate::chat::{Caller, connect};
use crate::cloud::Cloud;
use crate::function::Function;

#[tokio::test]
async fn the_living_are_counted_and_the_dead_removed() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    let ghost = Caller::new("carol", "provider", "Carol07eCbtjMCJ=");
    let expired = Caller::new("dave", "customer", "Dave007eCbtjMCJ=");
    let mut long_ago = expired.connects();
    long_ago["requestContext"]["connectedAt"] = json!(1_742_085_982_306_u64);
    connect(&cloud, &[&alice, &bob, &ghost]).await;
    let mut first = Function::start("connect", &cloud).await;
    first.invoke(&long_ago).await.unwrap();
    first.end(&[]).await;
    cloud.lose(&ghost.connection);
    let mut census = Function::start("census", &cloud).await;
    // What EventBridge sends; nothing of it is looked at.
    let event = json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
        "time": "2026-11-28T12:00:00Z", "detail": {}});

    let report = census.invoke(&event).await.unwrap();

    assert_eq!(report, json!({"complete": true}));
    for (user, stays) in [
        ("alice", true),
        ("bob", true),
        ("carol", false),
        ("dave", false),
    ] {
        let (pk, sk) = (format!("U#{user}"), format!("D#{user}-phone"));
        let row = cloud.stored("connections", &pk, &sk, "role").await;
        assert_eq!(row.is_some(), stays, "{user}");
    }
    assert_eq!(cloud.calls("GET").len(), 3);
    let tables = cloud
        .calls("Scan")
        .into_iter()
        .map(|it| it.body["TableName"].clone());
    assert!(tables.eq([json!("connections")]));
    let counts = census.end(&["alice", "carol", &alice.connection]).await;
    let expected = [
        ("GhostChecks", 3),
        ("GhostsRemoved", 1),
        ("OpenConnections", 2),
        ("OpenConnections/customer", 1),
        ("OpenConnections/provider", 1),
        ("RowsExpired", 1),
    ];
    assert_eq!(
        counts,
        expected
            .map(|(name, number)| (name.to_owned(), number))
            .into()
    );
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_no_gauge_and_no_crash() {
    let cloud = Cloud::open().await;
    let mut census = Function::start("census", &cloud).await;
    cloud.break_dynamodb(true);
    let report = census.invoke(&json!({})).await.unwrap();
    assert_eq!(report, json!({"complete": false}));
    cloud.break_dynamodb(false);
    let report = census.invoke(&json!(null)).await.unwrap();
    assert_eq!(report, json!({"complete": true}));
    let counts = census.end(&[]).await;
    let expected = [
        "OpenConnections",
        "OpenConnections/customer",
        "OpenConnections/provider",
    ];
    assert_eq!(counts, expected.map(|name| (name.to_owned(), 0)).into());
}
