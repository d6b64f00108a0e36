//! Events made by hand, for what the platform does twice, late or in another order.

use serde_json::{Value, json};

use crate::faults::Observed;

/// A connection as its events tell of it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The user.
    pub user: String,
    /// `customer` or `provider`.
    pub role: &'static str,
    /// The device.
    pub device: String,
    /// The platform's id of the connection.
    pub connection: String,
    /// When it was opened.
    pub connected_at: u64,
}

impl Peer {
    /// The event of `$connect` or `$disconnect`.
    pub fn lifecycle(&self, route: &str) -> String {
        json!({"headers": {}, "requestContext": self.context(route)}).to_string()
    }

    /// The event of a frame.
    pub fn message(&self, frame: &Value) -> String {
        let route = frame["action"].as_str().unwrap_or("$default");
        json!({"requestContext": self.context(route), "body": frame.to_string()}).to_string()
    }

    fn context(&self, route: &str) -> Value {
        let expires_at = self.connected_at + 86_400_000;
        json!({
            "routeKey": route,
            "connectionId": self.connection,
            "connectedAt": self.connected_at,
            "authorizer": {
                "principalId": self.user,
                "role": self.role,
                "device": self.device,
                "expires_at": expires_at.to_string(),
            },
        })
    }
}

/// The event of the stream for all entries that were put.
pub fn stream(observed: &[Observed]) -> String {
    let puts = observed.iter().filter(|it| it.is("PutItem", "\"E#"));
    let records: Vec<Value> = puts
        .enumerate()
        .map(|(place, put)| {
            let image = &put.request["Item"];
            json!({
                "eventName": "INSERT",
                "dynamodb": {
                    "SequenceNumber": format!("{place:021}"),
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": image,
                },
            })
        })
        .collect();
    json!({"Records": records}).to_string()
}

/// The frame in a function's answer.
pub fn frame(response: &str) -> Value {
    let response: Value = serde_json::from_str(response).unwrap();
    serde_json::from_str(response["body"].as_str().unwrap()).unwrap()
}
