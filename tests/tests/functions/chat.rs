//! `connect`, `message`, `disconnect`: a session from its beginning to its end.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use switchboard_tests::ulid;

use crate::authorize;
use crate::cloud::{Cloud, now_ms};
use crate::function::Function;

/// A text that nobody may find in a log.
pub(crate) const TEXT: &str = "the-code-of-the-door-is-4711";

/// A user's connection: what goes into its events.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) connection: String,
    pub(crate) authorizer: Value,
}

impl Caller {
    /// A connection that an authorizer has let in.
    pub(crate) fn new(user: &str, role: &str, connection: &str) -> Self {
        let expires_at = (now_ms() + 3_600_000).to_string();
        let authorizer = json!({"principalId": user, "role": role, "expires_at": expires_at,
            "device": format!("{user}-phone")});
        Self {
            connection: connection.to_owned(),
            authorizer,
        }
    }

    fn event(&self, recorded: &str) -> Value {
        let mut event: Value = serde_json::from_str(recorded).unwrap();
        let context = &mut event["requestContext"];
        context["connectionId"] = json!(self.connection);
        // Longer ago than a handshake may take: a 410 means it.
        context["connectedAt"] = json!(now_ms() - 60_000);
        context["authorizer"] = self.authorizer.clone();
        event
    }

    pub(crate) fn connects(&self) -> Value {
        self.event(include_str!("events/connect.json"))
    }

    pub(crate) fn disconnects(&self) -> Value {
        self.event(include_str!("events/disconnect.json"))
    }

    pub(crate) fn says(&self, frame: &Value) -> Value {
        let mut event = self.event(include_str!("events/message.json"));
        event["requestContext"]["routeKey"] = frame["action"].clone();
        event["body"] = json!(frame.to_string());
        event
    }
}

/// Says a frame and returns the reply.
pub(crate) async fn ask(message: &mut Function, caller: &Caller, frame: Value) -> Value {
    let answer = message.invoke(&caller.says(&frame)).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let body = answer["body"]
        .as_str()
        .expect("a two-way route has a reply");
    serde_json::from_str(body).unwrap()
}

pub(crate) fn send(conversation: &str) -> Value {
    json!({"action": "send", "ref": "7", "conversation": conversation, "id": ulid(), "after": 0,
        "body": {"kind": "text", "text": TEXT}})
}

/// Connects and returns what the handshake is answered.
pub(crate) async fn connect(cloud: &Cloud, callers: &[&Caller]) {
    let mut connect = Function::start("connect", cloud).await;
    for caller in callers {
        let answer = connect.invoke(&caller.connects()).await.unwrap();
        assert_eq!(answer, json!({"statusCode": 200}));
    }
    let counts = connect.end(&[]).await;
    assert_eq!(counts["Connects"], callers.len() as u64);
    let customers = callers
        .iter()
        .filter(|it| it.authorizer["role"] == "customer");
    let counted = counts.get("Connects/customer").copied().unwrap_or(0);
    assert_eq!(counted, customers.count() as u64);
}

async fn connection_of(cloud: &Cloud, user: &str) -> Option<String> {
    let sk = format!("D#{user}-phone");
    let id = cloud
        .stored("connections", &format!("U#{user}"), &sk, "connection_id")
        .await;
    id.map(|it| it.as_s().unwrap().clone())
}

#[tokio::test]
async fn a_session_from_handshake_to_goodbye() {
    let cloud = Cloud::open().await;
    let token = cloud.token("alice", "customer");
    let mut authorize = Function::start("authorize", &cloud).await;
    let policy = authorize.invoke(&authorize::event(&token)).await.unwrap();
    authorize.end(&[&token]).await;
    let mut alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    alice.authorizer = policy["context"].clone();
    alice.authorizer["principalId"] = policy["principalId"].clone();
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(&cloud, &[&alice, &bob]).await;
    assert_eq!(
        connection_of(&cloud, "alice").await,
        Some(alice.connection.clone())
    );
    let endpoint = cloud
        .stored("connections", "U#alice", "D#alice-phone", "endpoint")
        .await;
    let expected = AttributeValue::S(format!("http://{}/live", cloud.address));
    assert_eq!(endpoint, Some(expected));

    let mut message = Function::start("message", &cloud).await;
    let welcome = ask(&mut message, &alice, json!({"action": "hello", "ref": "1"})).await;
    assert_eq!(
        (&welcome["event"], &welcome["ref"]),
        (&json!("welcome"), &json!("1"))
    );
    assert_eq!(
        (&welcome["user"], &welcome["role"]),
        (&json!("alice"), &json!("customer"))
    );
    let opened = ask(
        &mut message,
        &alice,
        json!({"action": "open", "with": "bob"}),
    )
    .await;
    let conversation = opened["conversation"].as_str().unwrap();
    let sent = ask(&mut message, &alice, send(conversation)).await;
    assert_eq!(
        (&sent["event"], &sent["seq"], &sent["ref"]),
        (&json!("sent"), &json!(1), &json!("7"))
    );
    let refused = ask(&mut message, &alice, json!({"action": "dance"})).await;
    assert_eq!(refused["code"], "unknown_action");
    // One-way routes discard the answer, so a refusal is posted.
    let typing = json!({"action": "typing", "conversation": ulid(), "on": true});
    let answer = message.invoke(&alice.says(&typing)).await.unwrap();
    assert_eq!(answer, json!({"statusCode": 200}));
    let counts = message.end(&[&token, TEXT]).await;
    let heard = cloud.posts(&bob.connection);
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[0]["event"], "opened");
    assert_eq!(
        (&heard[1]["event"], &heard[1]["body"]["text"]),
        (&json!("entry"), &json!(TEXT))
    );
    let heard = cloud.posts(&alice.connection);
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["code"], "unknown_conversation");
    assert_eq!((counts["Sends"], counts["Refusals"]), (1, 2));
    let mut disconnect = Function::start("disconnect", &cloud).await;
    for _ in 0..2 {
        let answer = disconnect.invoke(&alice.disconnects()).await.unwrap();
        assert_eq!(answer, json!({"statusCode": 200}));
    }
    assert_eq!(connection_of(&cloud, "alice").await, None);
    assert_eq!(connection_of(&cloud, "bob").await, Some(bob.connection));
    let counts = disconnect.end(&[]).await;
    assert_eq!(
        counts["Disconnects/client"], 1,
        "the second time there was nothing to do"
    );
}

#[tokio::test]
async fn a_second_connection_of_a_device_replaces_the_first_and_a_late_goodbye_does_no_harm() {
    let cloud = Cloud::open().await;
    let first = Caller::new("alice", "customer", "First07eCbtjMCJ=");
    let second = Caller::new("alice", "customer", "Second7eCbtjMCJ=");
    connect(&cloud, &[&first, &second]).await;

    let mut disconnect = Function::start("disconnect", &cloud).await;
    disconnect.invoke(&first.disconnects()).await.unwrap();

    let closed: Vec<String> = cloud
        .calls("DELETE")
        .into_iter()
        .map(|it| it.connection)
        .collect();
    assert_eq!(closed, [first.connection]);
    assert_eq!(
        connection_of(&cloud, "alice").await,
        Some(second.connection)
    );
    assert!(disconnect.end(&[]).await.is_empty());
}

#[tokio::test]
async fn an_offered_subprotocol_is_chosen() {
    let cloud = Cloud::open().await;
    let token = cloud.token("alice", "customer");
    let mut event = Caller::new("alice", "customer", "Alice07eCbtjMCJ=").connects();
    let offered = format!("switchboard.v1, bearer.{token}");
    event["headers"]["Sec-WebSocket-Protocol"] = json!(offered);
    let mut connect = Function::start("connect", &cloud).await;

    let answer = connect.invoke(&event).await.unwrap();

    let chosen = json!({"Sec-WebSocket-Protocol": "switchboard.v1"});
    assert_eq!(answer, json!({"statusCode": 200, "headers": chosen}));
    connect.end(&[&token]).await;
}

#[tokio::test]
async fn a_connection_that_is_gone_loses_its_row_and_nothing_else_happens() {
    let cloud = Cloud::open().await;
    let alice = Caller::new("alice", "customer", "Alice07eCbtjMCJ=");
    let bob = Caller::new("bob", "provider", "Bob0007eCbtjMCJ=");
    connect(&cloud, &[&alice, &bob]).await;
    let mut message = Function::start("message", &cloud).await;
    let opened = ask(
        &mut message,
        &alice,
        json!({"action": "open", "with": "bob"}),
    )
    .await;
    let conversation = opened["conversation"].as_str().unwrap();
    cloud.lose(&bob.connection);

    let sent = ask(&mut message, &alice, send(conversation)).await;

    assert_eq!((&sent["event"], &sent["seq"]), (&json!("sent"), &json!(1)));
    assert_eq!(connection_of(&cloud, "bob").await, None);
    assert_eq!(connection_of(&cloud, "alice").await, Some(alice.connection));
    let counts = message.end(&[TEXT]).await;
    assert_eq!(counts["RelaysGone"], 1);
    assert!(!counts.contains_key("SendToRelay"), "nobody heard it");
}
