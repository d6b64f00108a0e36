//! The tables: the embedded engine, and a second one that lags behind it for reads that may be stale.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use switchboard_local::engine::{Durability, Engine, Place};
use switchboard_local::template;

use super::executor::{Executor, Micros, TaskId};
use super::fault::{Fault, Plan};
use super::oracle::Oracle;
use super::wire::{Service, Then, Way, answer_of};
use super::world::Event;

/// How far eventually consistent reads lag at most.
const LAG_MAX: Micros = 900_000;
/// An attempt's time (`DynamoStore`), and by how much one that is late misses it.
const ATTEMPT: Micros = 600_000;
const LATE_MAX: Micros = 1_200_000;
/// How long a burst of throttling lasts at most.
const BURST_MAX: Micros = 5_000_000;

/// One database.
#[derive(Debug)]
struct Copy {
    /// Dropped last: it owns the files.
    connector: SharedHttpConnector,
    _engine: Engine,
}

/// Both tables.
#[derive(Debug)]
pub struct Tables {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    oracle: Arc<Oracle>,
    truth: Copy,
    replica: Option<Copy>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    throttled_until: Micros,
    /// When the newest write reaches the replica.
    replicated_at: Micros,
}

impl Copy {
    fn open() -> Self {
        let engine =
            Engine::open(&Place::Memory, Durability::Process).expect("failed to open the engine");
        let tables = template::tables().expect("failed to read the template");
        engine
            .ensure_tables(&[tables.chat, tables.connections])
            .expect("failed to make the tables");
        let settings = HttpConnectorSettings::builder().build();
        let components = RuntimeComponentsBuilder::for_tests().build();
        let components = components.expect("failed to build components");
        let connector = engine.http_client().http_connector(&settings, &components);
        Self {
            connector,
            _engine: engine,
        }
    }
}

impl Tables {
    /// Empty tables.
    pub fn new(executor: &Executor<Event>, plan: &Arc<Plan>, oracle: &Arc<Oracle>) -> Self {
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            oracle: Arc::clone(oracle),
            truth: Copy::open(),
            replica: plan.has(Fault::ReadStale).then(Copy::open),
            state: Mutex::default(),
        }
    }

    fn replicate(self: &Arc<Self>, request: HttpRequest) {
        if self.replica.is_none() {
            return;
        }
        let now = self.executor.now();
        let mut state = self.state.lock().unwrap();
        // In the order of the writes, as a replica does.
        let lag = self.executor.dice() % LAG_MAX;
        let at = (now + lag).max(state.replicated_at + 1);
        state.replicated_at = at;
        let tables = Arc::clone(self);
        self.executor.call_after(at - now, move || {
            if let Some(replica) = &tables.replica {
                answer_of(&replica.connector, request);
            }
        });
    }
}

/// The service is shared, and schedules itself.
#[derive(Debug)]
pub struct TableService(pub Arc<Tables>);

impl Service for TableService {
    fn way(&self, _request: &HttpRequest) -> Way {
        let (plan, executor) = (&self.0.plan, &self.0.executor);
        let dice = executor.dice();
        let mut way = Way {
            there: 500 + dice % 4_000,
            then: Then::Serve,
            back: 500 + (dice >> 32) % 3_000,
        };
        let mut state = self.0.state.lock().unwrap();
        if plan.strikes(Fault::TableThrottles) {
            let burst = plan.amount(Fault::TableThrottles, BURST_MAX);
            state.throttled_until = executor.now() + burst;
        }
        if executor.now() < state.throttled_until {
            way.then = refusal(400, "ProvisionedThroughputExceededException");
        } else if plan.strikes(Fault::TableRefuses) {
            way.then = refusal(500, "InternalServerError");
        } else if plan.strikes(Fault::TableAnswerLost) {
            way.then = Then::ServeAndLose;
        } else if plan.strikes(Fault::TableLate) {
            let late = ATTEMPT + plan.amount(Fault::TableLate, LATE_MAX);
            // The request, or the answer.
            if late.is_multiple_of(2) {
                way.there += late;
            } else {
                way.back += late;
            }
        }
        way
    }

    fn serve(&self, request: HttpRequest, caller: Option<TaskId>) -> (u16, String) {
        let tables = &self.0;
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let bytes = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(bytes).into_owned();
        let reads = matches!(operation.as_str(), "GetItem" | "Query" | "BatchGetItem");
        if reads
            && let Some(replica) = &tables.replica
            && !body.contains("\"ConsistentRead\":true")
            && tables.plan.strikes(Fault::ReadStale)
        {
            let answer = answer_of(&replica.connector, request);
            tables
                .oracle
                .served(caller, &operation, &body, answer.0, &answer.1);
            return answer;
        }
        let copy = (!reads && tables.replica.is_some()).then(|| request.try_clone());
        let answer = answer_of(&tables.truth.connector, request);
        if answer.0 == 200
            && let Some(copy) = copy.flatten()
        {
            tables.replicate(copy);
        }
        tables
            .oracle
            .served(caller, &operation, &body, answer.0, &answer.1);
        answer
    }
}

fn refusal(status: u16, kind: &str) -> Then {
    let json =
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"injected"}}"#);
    Then::Answer(status, json)
}
