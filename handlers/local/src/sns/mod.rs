//! A stand-in for the part of SNS that mobile push needs, as an HTTP client of
//! aws-sdk-sns: endpoints with AWS's rules, and publishes that end in a list.

mod connector;
mod endpoints;
mod wire;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_smithy_runtime_api::client::http::SharedHttpClient;

use self::{
    connector::Connector,
    endpoints::Endpoints,
    wire::{Form, Refusal},
};

use crate::meter::{Unit, charge};

/// Publishes that are kept. The oldest make room.
const PUBLISHED_MAX: usize = 10_000;

/// Longer messages are refused, as by SNS.
const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// A publish that SNS took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishCall {
    /// The endpoint.
    pub target_arn: String,
    /// The device token that the endpoint stands for.
    pub token: String,
    /// The whole message, with every platform's part where it is structured.
    pub message: String,
    /// The string attributes, as `AWS.SNS.MOBILE.APNS.COLLAPSE_ID`.
    pub attributes: BTreeMap<String, String>,
}

/// What the next publishes fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// 429 `Throttled`.
    Throttled,
    /// 500 `InternalError`.
    Broken,
}

/// Told of each publish, on the caller's task: it must not block.
type OnPublish = dyn Fn(&PublishCall) + Send + Sync;

/// The stand-in. Clones share one.
#[derive(Clone)]
pub struct Sns {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    on_publish: Option<Box<OnPublish>>,
}

#[derive(Debug, Default)]
struct State {
    endpoints: Endpoints,
    published: VecDeque<PublishCall>,
    published_total: u64,
    faults: Option<(u32, PublishFault)>,
}

impl Sns {
    /// A stand-in that knows no endpoint yet.
    pub fn new() -> Self {
        Self::with(None)
    }

    /// A stand-in that tells `hook` of each publish.
    pub fn on_publish(hook: impl Fn(&PublishCall) + Send + Sync + 'static) -> Self {
        Self::with(Some(Box::new(hook)))
    }

    fn with(on_publish: Option<Box<OnPublish>>) -> Self {
        let shared = Shared {
            state: Mutex::default(),
            on_publish,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The HTTP client for aws-sdk-sns that ends here.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector::new(self.clone()))
    }

    /// The publishes that were taken, oldest first, at most the last 10,000.
    pub fn published(&self) -> Vec<PublishCall> {
        self.state().published.iter().cloned().collect()
    }

    /// Disables an endpoint, as SNS does once a push service refuses its token.
    /// False when there is no such endpoint.
    pub fn disable(&self, endpoint_arn: &str) -> bool {
        self.state().endpoints.disable(endpoint_arn)
    }

    /// Lets the next `count` publishes fail.
    pub fn fail_next(&self, count: u32, fault: PublishFault) {
        self.state().faults = (count > 0).then_some((count, fault));
    }

    /// Answers one request with the inside of the action's result element.
    fn answer(&self, form: &Form) -> Result<String, Refusal> {
        match form.action() {
            "CreatePlatformEndpoint" => self.state().endpoints.create(form),
            "GetEndpointAttributes" => self.state().endpoints.attributes(form),
            "SetEndpointAttributes" => self.state().endpoints.set(form),
            "DeleteEndpoint" => self.state().endpoints.delete(form),
            "Publish" => self.publish(form),
            action => Err(Refusal::invalid_action(action)),
        }
    }

    fn publish(&self, form: &Form) -> Result<String, Refusal> {
        let (call, id) = self.state().publish(form)?;
        if let Some(hook) = &self.shared.on_publish {
            hook(&call);
        }
        Ok(wire::element("MessageId", &id))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn publish(&mut self, form: &Form) -> Result<(PublishCall, String), Refusal> {
        if let Some((count, fault)) = self.faults.take() {
            self.faults = (count > 1).then_some((count - 1, fault));
            return Err(Refusal::from(fault));
        }
        let target_arn = form.required("TargetArn")?;
        let message = form.required("Message")?;
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Refusal::invalid("Message too long"));
        }
        if form.get("MessageStructure") == Some("json") {
            check_structure(message)?;
        }
        let call = PublishCall {
            target_arn: target_arn.to_owned(),
            token: self.endpoints.publishable(target_arn)?.to_owned(),
            message: message.to_owned(),
            attributes: form.map("MessageAttributes", "Name", "Value.StringValue"),
        };
        self.published_total += 1;
        charge(Unit::Publishes, 1);
        let id = format!("00000000-0000-4000-8000-{:012x}", self.published_total);
        self.published.push_back(call.clone());
        if self.published.len() > PUBLISHED_MAX {
            self.published.pop_front();
        }
        Ok((call, id))
    }
}

/// A structured message is an object of strings with a default.
fn check_structure(message: &str) -> Result<(), Refusal> {
    let parts: BTreeMap<String, serde_json::Value> = serde_json::from_str(message)
        .map_err(|_| Refusal::invalid("Message Structure - JSON message body failed to parse"))?;
    if parts
        .get("default")
        .is_some_and(serde_json::Value::is_string)
    {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "Message Structure - No default entry in JSON message body",
        ))
    }
}

impl Default for Sns {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Sns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        f.debug_struct("Sns")
            .field("published_total", &state.published_total)
            .finish_non_exhaustive()
    }
}
