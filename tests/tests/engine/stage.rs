//! An outbox at work, and the function that it hands records to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use switchboard_local::engine::Engine;
use switchboard_local::outbox::{Outbox, Progress, Sink};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::common::HastyClock;

/// A function that notes what it processed and fails on demand.
#[derive(Default)]
pub(crate) struct Function {
    seen: Mutex<Vec<(String, String)>>,
    pub(crate) batches: Mutex<Vec<usize>>,
    /// Sort key to the attempts on it that fail by name.
    pub(crate) failing: Mutex<BTreeMap<String, u32>>,
    /// Sort keys whose presence breaks the whole batch.
    pub(crate) poison: Mutex<Vec<String>>,
    /// Told when a call begins that will never end.
    stuck: Option<Arc<Notify>>,
}

#[async_trait::async_trait]
impl Sink for Function {
    async fn deliver(&self, event_json: String) -> Result<String, String> {
        let event: Value = serde_json::from_str(&event_json).unwrap();
        let records = event["Records"].as_array().unwrap();
        self.batches.lock().unwrap().push(records.len());
        if let Some(stuck) = &self.stuck {
            stuck.notify_one();
            std::future::pending::<()>().await;
        }
        let sort = |record: &Value| {
            record["dynamodb"]["Keys"]["sk"]["S"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let poison = self.poison.lock().unwrap().clone();
        assert!(!poison.contains(&"panic".to_owned()), "told to");
        if records.iter().any(|it| poison.contains(&sort(it))) {
            return Err("poisoned".into());
        }
        for record in records {
            assert_eq!(record["eventName"], "INSERT");
            assert_eq!(
                record["dynamodb"]["NewImage"]["sk"],
                record["dynamodb"]["Keys"]["sk"]
            );
            if let Some(left) = self.failing.lock().unwrap().get_mut(&sort(record))
                && *left > 0
            {
                *left -= 1;
                let id = record["dynamodb"]["SequenceNumber"].clone();
                return Ok(json!({"batchItemFailures": [{"itemIdentifier": id}]}).to_string());
            }
            let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap();
            self.seen
                .lock()
                .unwrap()
                .push((pk.to_owned(), sort(record)));
        }
        Ok(String::new())
    }
}

impl Function {
    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn sorts(&self) -> Vec<String> {
        self.seen().into_iter().map(|(_, sort)| sort).collect()
    }
}

/// An outbox at work.
pub(crate) struct Stage {
    pub(crate) function: Arc<Function>,
    pub(crate) clock: Arc<HastyClock>,
    pub(crate) progress: Progress,
    shutdown: CancellationToken,
    pub(crate) tasks: JoinSet<()>,
}

impl Stage {
    pub(crate) async fn open(engine: &Engine) -> Self {
        Self::with(engine, Function::default()).await
    }

    pub(crate) async fn with(engine: &Engine, function: Function) -> Self {
        let (function, clock) = (Arc::new(function), Arc::<HastyClock>::default());
        let stream = engine.stream("chat").unwrap();
        let outbox = Outbox::open(stream, function.clone(), clock.clone())
            .await
            .unwrap();
        let shutdown = CancellationToken::new();
        let progress = outbox.progress();
        let mut tasks = JoinSet::new();
        tasks.spawn(outbox.run(shutdown.clone()));
        Self {
            function,
            clock,
            progress,
            shutdown,
            tasks,
        }
    }

    pub(crate) async fn close(mut self) {
        self.shutdown.cancel();
        self.tasks.join_next().await.unwrap().unwrap();
    }
}

/// A function that never answers, and the sign that it was called.
pub(crate) fn stuck() -> (Arc<Notify>, Function) {
    let stuck = Arc::new(Notify::new());
    let function = Function {
        stuck: Some(Arc::clone(&stuck)),
        ..Function::default()
    };
    (stuck, function)
}
