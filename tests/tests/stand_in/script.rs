//! Functions that answer what the test says.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::{Value, json};
use switchboard_local::apigw::{FunctionError, Functions};
use tokio::sync::{mpsc, oneshot};

pub(crate) const ALLOW: &str = r#"{"principalId":"alice","policyDocument":{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]},"context":{"role":"customer","exp":7}}"#;

pub(crate) type Answer = Result<String, FunctionError>;

pub(crate) fn fails(message: &str) -> Answer {
    Err(FunctionError {
        message: message.to_owned(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "an answer, like a failure")]
pub(crate) fn status(code: u16) -> Answer {
    Ok(json!({"statusCode": code}).to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "an answer, like a failure")]
pub(crate) fn says(body: &str) -> Answer {
    Ok(json!({"statusCode": 200, "body": body}).to_string())
}

/// An invocation that waits for the test's answer.
pub(crate) struct Call {
    pub(crate) event: Value,
    answer: oneshot::Sender<Answer>,
}

impl Call {
    pub(crate) fn answer(self, answer: Answer) {
        self.answer
            .send(answer)
            .expect("the gateway waits for the answer");
    }

    /// Whether the gateway has given up on it.
    pub(crate) fn is_dropped(&self) -> bool {
        self.answer.is_closed()
    }
}

/// Functions with fixed answers for some names; the others ask the test.
#[derive(Debug)]
pub(crate) struct Script {
    fixed: Mutex<BTreeMap<&'static str, Answer>>,
    events: Mutex<BTreeMap<&'static str, Value>>,
    asked: mpsc::UnboundedSender<(&'static str, Call)>,
}

impl Script {
    /// Functions that let everybody connect, and the questions that they ask the test.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<(&'static str, Call)>) {
        let fixed = BTreeMap::from([
            ("authorize", Ok(ALLOW.to_owned())),
            ("connect", status(200)),
        ]);
        let (asked, questions) = mpsc::unbounded_channel();
        (
            Self {
                fixed: Mutex::new(fixed),
                events: Mutex::default(),
                asked,
            },
            questions,
        )
    }

    /// From now on `function` answers this, and the test is not asked.
    pub(crate) fn fix(&self, function: &'static str, answer: Answer) {
        self.fixed.lock().unwrap().insert(function, answer);
    }

    /// From now on the test is asked what `function` answers.
    pub(crate) fn ask(&self, function: &'static str) {
        self.fixed.lock().unwrap().remove(function);
    }

    /// The last event of a function.
    pub(crate) fn event(&self, function: &str) -> Value {
        self.events.lock().unwrap()[function].clone()
    }

    async fn run(&self, function: &'static str, event: String) -> Answer {
        let event = serde_json::from_str::<Value>(&event).unwrap();
        self.events.lock().unwrap().insert(function, event.clone());
        if let Some(answer) = self.fixed.lock().unwrap().get(function).cloned() {
            return answer;
        }
        let (answer, answered) = oneshot::channel();
        self.asked.send((function, Call { event, answer })).unwrap();
        answered.await.unwrap_or_else(|_| fails("the test is over"))
    }
}

#[async_trait]
impl Functions for Script {
    async fn authorize(&self, event: String) -> Answer {
        self.run("authorize", event).await
    }
    async fn connect(&self, event: String) -> Answer {
        self.run("connect", event).await
    }
    async fn disconnect(&self, event: String) -> Answer {
        self.run("disconnect", event).await
    }
    async fn message(&self, event: String) -> Answer {
        assert!(!event.contains("panic please"), "a function that panics");
        self.run("message", event).await
    }
}
