//! The deployed tables, looked at and tampered with from outside.

use std::time::Duration;

use serde_json::{Value, json};

use crate::deployment::Deployment;

/// How often something is asked that tells of nothing by itself, and how many times: a bound on real time, of a minute.
const ASK_EVERY: Duration = Duration::from_millis(50);
const ASKS_MAX: usize = 1_200;

impl Deployment {
    /// The row of a device's connection.
    pub(crate) async fn row(&self, user: &str, device: &str) -> Option<Value> {
        let key = json!({"pk": {"S": format!("U#{user}")}, "sk": {"S": format!("D#{device}")}});
        let table = self.output("data", "ConnectionsTableName");
        let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let answer = self.dynamodb("GetItem", &request).await;
        answer.get("Item").cloned()
    }

    /// Puts a row as if a connection's end had never been told of.
    pub(crate) async fn put_row(&self, row: &Value) {
        let table = self.output("data", "ConnectionsTableName");
        let request = json!({"TableName": table, "Item": row});
        self.dynamodb("PutItem", &request).await;
    }

    /// Every row of the connections.
    pub(crate) async fn rows(&self) -> Vec<Value> {
        let table = self.output("data", "ConnectionsTableName");
        let request = json!({"TableName": table, "ConsistentRead": true});
        let answer = self.dynamodb("Scan", &request).await;
        answer["Items"].as_array().unwrap().clone()
    }

    /// A user's items in the log's table.
    pub(crate) async fn items_of(&self, user: &str) -> Vec<Value> {
        let request = json!({
            "TableName": self.output("data", "ChatTableName"),
            "KeyConditionExpression": "pk = :user",
            "ExpressionAttributeValues": {":user": {"S": format!("U#{user}")}},
            "ConsistentRead": true,
        });
        let answer = self.dynamodb("Query", &request).await;
        answer["Items"].as_array().unwrap().clone()
    }

    async fn dynamodb(&self, action: &str, request: &Value) -> Value {
        let target = format!("DynamoDB_20120810.{action}");
        self.aws.json("dynamodb", &target, request).await
    }
}

/// Asks until the answer is the one that is waited for. Only for what tells of nothing by itself.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(ASK_EVERY);
    for _ in 0..ASKS_MAX {
        ticks.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
    }
    panic!("it did not come to it that {what}");
}

/// The text of an attribute.
pub(crate) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// A row's time, moved back.
pub(crate) fn earlier(row: &mut Value, name: &str, by_ms: u64) {
    let time: u64 = row[name]["N"].as_str().unwrap().parse().unwrap();
    row[name]["N"] = json!((time - by_ms).to_string());
}
