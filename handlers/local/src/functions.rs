//! The functions, called in process with the events that AWS would have sent.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard::auth::Verifier;
use switchboard::census::Census;
use switchboard::{Clock, Gateway, Tally};
use switchboard_handlers::event::{AuthorizerEvent, StreamEvent, WebSocketEvent};
use switchboard_handlers::{authorize, census, connect, deliver, disconnect, message};

use crate::apigw::{FunctionError, Functions};
use crate::haste::without_haste;
use crate::meter::{Account, Unit, charge};
use crate::outbox::Sink;

mod counted;

pub use counted::{BOUNDS_MS, Counted, Histogram};

/// The functions and what they counted.
#[derive(Debug)]
pub struct LocalFunctions {
    gateway: Gateway,
    verifier: Verifier,
    census: Census,
    counted: Mutex<Counted>,
}

impl LocalFunctions {
    /// The functions around a gateway.
    pub fn new(gateway: Gateway, verifier: Verifier, census: Census) -> Arc<Self> {
        Arc::new(Self {
            gateway,
            verifier,
            census,
            counted: Mutex::default(),
        })
    }

    /// The gateway around which they are.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The counts and gauges since the start.
    pub fn counted(&self) -> Tally {
        self.everything_counted().tally
    }

    /// Everything that was counted and timed since the start.
    pub fn everything_counted(&self) -> Counted {
        self.counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes a census, as a schedule does in AWS.
    pub async fn census(&self) -> census::Report {
        let mut tally = Tally::default();
        let report = census::handle(&self.census, &mut tally).await;
        self.count(tally);
        report
    }

    fn count(&self, tally: Tally) {
        self.counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(tally);
    }
}

#[async_trait::async_trait]
impl Functions for LocalFunctions {
    async fn authorize(&self, event: String) -> Result<String, FunctionError> {
        let event: AuthorizerEvent = read(&event)?;
        let mut tally = Tally::default();
        let policy = authorize::handle(&self.verifier, &event, &mut tally).await;
        self.count(tally);
        policy.map_err(failed).and_then(|policy| write(&policy))
    }

    async fn connect(&self, event: String) -> Result<String, FunctionError> {
        let event: WebSocketEvent = read(&event)?;
        let mut tally = Tally::default();
        let response = connect::handle(&self.gateway, &event, &mut tally).await;
        self.count(tally);
        response
            .map_err(failed)
            .and_then(|response| write(&response))
    }

    async fn disconnect(&self, event: String) -> Result<String, FunctionError> {
        let event: WebSocketEvent = read(&event)?;
        let mut tally = Tally::default();
        let response = disconnect::handle(&self.gateway, &event, &mut tally).await;
        self.count(tally);
        response
            .map_err(failed)
            .and_then(|response| write(&response))
    }

    async fn message(&self, event: String) -> Result<String, FunctionError> {
        let event: WebSocketEvent = read(&event)?;
        let mut tally = Tally::default();
        let response = message::handle(&self.gateway, &event, &mut tally).await;
        self.count(tally);
        response
            .map_err(failed)
            .and_then(|response| write(&response))
    }
}

/// `deliver` as the outbox calls it, and who pays for that.
#[derive(Debug)]
pub struct Delivery {
    /// The functions.
    pub functions: Arc<LocalFunctions>,
    /// Whose account it is.
    pub account: Arc<Account>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl Sink for LocalFunctions {
    async fn deliver(&self, event_json: String) -> Result<String, String> {
        let event: StreamEvent = read(&event_json).map_err(|error| error.message)?;
        charge(Unit::StreamRecords, event.records.len() as u64);
        let mut tally = Tally::default();
        let failures = deliver::handle(&self.gateway, &event, &mut tally).await;
        self.count(tally);
        write(&failures).map_err(|error| error.message)
    }
}

#[async_trait::async_trait]
impl Sink for Delivery {
    async fn deliver(&self, event_json: String) -> Result<String, String> {
        // Nobody waits for it: senders do not stand behind what they have caused.
        let delivered = without_haste(self.functions.deliver(event_json));
        self.account.pays(&*self.clock, delivered).await
    }
}

fn read<E: DeserializeOwned>(event: &str) -> Result<E, FunctionError> {
    serde_json::from_str(event).map_err(failed)
}

fn write<R: Serialize>(response: &R) -> Result<String, FunctionError> {
    serde_json::to_string(response).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> FunctionError {
    FunctionError {
        message: error.to_string(),
    }
}
