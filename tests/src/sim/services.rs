//! SNS and the management API at the ends of their wires.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use switchboard_local::sns::Sns;

use super::executor::{Executor, TaskId};
use super::fault::{Fault, Plan};
use super::platform::Platform;
use super::wire::{Service, Then, Way, answer_of};
use super::world::Event;

/// How late SNS answers at most: longer than its client waits.
const PUSH_LATE_MAX: u64 = 8_000_000;

/// SNS.
#[derive(Debug)]
pub struct PushService {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    connector: SharedHttpConnector,
}

impl PushService {
    /// The stand-in, behind what goes wrong on the way to it.
    pub fn new(executor: &Executor<Event>, plan: &Arc<Plan>, sns: &Sns) -> Self {
        let settings = HttpConnectorSettings::builder().build();
        let components = RuntimeComponentsBuilder::for_tests().build();
        let components = components.expect("failed to build components");
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            connector: sns.http_client().http_connector(&settings, &components),
        }
    }
}

impl Service for PushService {
    fn way(&self, _request: &HttpRequest) -> Way {
        let dice = self.executor.dice();
        let mut way = Way {
            there: 2_000 + dice % 20_000,
            then: Then::Serve,
            back: 2_000 + (dice >> 32) % 20_000,
        };
        if self.plan.strikes(Fault::PushRefused) {
            let xml = "<ErrorResponse><Error><Type>Receiver</Type><Code>InternalError</Code><Message>injected</Message></Error></ErrorResponse>";
            way.then = Then::Answer(500, xml.to_owned());
        } else if self.plan.strikes(Fault::PushAnswerLost) {
            way.then = Then::ServeAndLose;
        } else if self.plan.strikes(Fault::PushLate) {
            way.back += self.plan.amount(Fault::PushLate, PUSH_LATE_MAX);
        }
        way
    }

    fn serve(&self, request: HttpRequest, _caller: Option<TaskId>) -> (u16, String) {
        answer_of(&self.connector, request)
    }
}

/// The management API.
#[derive(Debug)]
pub struct RelayService {
    executor: Executor<Event>,
    plan: Arc<Plan>,
    platform: Arc<Platform>,
}

impl RelayService {
    /// The platform's, behind what goes wrong on the way to it.
    pub fn new(executor: &Executor<Event>, plan: &Arc<Plan>, platform: &Arc<Platform>) -> Self {
        Self {
            executor: executor.clone(),
            plan: Arc::clone(plan),
            platform: Arc::clone(platform),
        }
    }
}

impl Service for RelayService {
    fn way(&self, request: &HttpRequest) -> Way {
        let dice = self.executor.dice();
        let then = if request.method() != "POST" {
            Then::Serve
        } else if self.plan.strikes(Fault::PostThrottled) {
            Then::Answer(429, String::new())
        } else if self.plan.strikes(Fault::PostBroken) {
            Then::Answer(500, String::new())
        } else if self.plan.strikes(Fault::PostSilent) {
            Then::Silence
        } else {
            Then::Serve
        };
        Way {
            there: 500 + dice % 5_000,
            then,
            back: 500 + (dice >> 32) % 3_000,
        }
    }

    fn serve(&self, request: HttpRequest, _caller: Option<TaskId>) -> (u16, String) {
        let path = request.uri().rsplit('/').next().unwrap_or_default();
        let id = path.replace("%3D", "=");
        let status = if request.method() == "POST" {
            let bytes = request.body().bytes().unwrap_or_default();
            self.platform.post(&id, &String::from_utf8_lossy(bytes))
        } else {
            self.platform.delete(&id)
        };
        (status, String::new())
    }
}
