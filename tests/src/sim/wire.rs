//! The way of a request to a service and back: the HTTP client of an SDK, with latency, and with what goes wrong there.
//!
//! A request that is on its way arrives, whether or not its caller still waits: a function that died, or an attempt that
//! was given up, may still write.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::executor::{Executor, Micros, TaskId};
use super::world::Event;

/// What the caller meets, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How long the request takes to arrive.
    pub there: Micros,
    /// What becomes of it.
    pub then: Then,
    /// How long the answer takes to come back.
    pub back: Micros,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is served.
    Serve,
    /// It is served, and the answer gets lost.
    ServeAndLose,
    /// It is answered so, without being served.
    Answer(u16, String),
    /// It is never answered.
    Silence,
}

/// A service at the other end.
pub trait Service: Debug + Send + Sync + 'static {
    /// How a request fares, decided when it leaves.
    fn way(&self, request: &HttpRequest) -> Way;

    /// Serves a request that has arrived: status and body.
    fn serve(&self, request: HttpRequest, caller: Option<TaskId>) -> (u16, String);
}

/// A service as the HTTP client of an SDK.
#[derive(Debug)]
pub struct Wired<S> {
    executor: Executor<Event>,
    service: Arc<S>,
}

impl<S> Wired<S> {
    /// The way to a service.
    pub fn new(executor: &Executor<Event>, service: &Arc<S>) -> Self {
        Self {
            executor: executor.clone(),
            service: Arc::clone(service),
        }
    }
}

impl<S> Clone for Wired<S> {
    fn clone(&self) -> Self {
        Self::new(&self.executor, &self.service)
    }
}

/// Where the answer will lie.
#[derive(Debug, Default)]
struct Slot {
    answer: Option<Result<(u16, String), ConnectorError>>,
    waker: Option<Waker>,
}

impl<S: Service> HttpClient for Wired<S> {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<S: Service> HttpConnector for Wired<S> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let slot = Arc::new(Mutex::new(Slot::default()));
        let (wired, answer) = (self.clone(), Arc::clone(&slot));
        wired.dispatch(request, answer);
        HttpConnectorFuture::new(std::future::poll_fn(move |context| {
            let mut slot = slot.lock().unwrap();
            if let Some(answer) = slot.answer.take() {
                Poll::Ready(answer.and_then(respond))
            } else {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }))
    }
}

impl<S: Service> Wired<S> {
    fn dispatch(self, request: HttpRequest, slot: Arc<Mutex<Slot>>) {
        let Way { there, then, back } = self.service.way(&request);
        let caller = self.executor.running();
        let executor = self.executor.clone();
        executor.call_after(there, move || {
            let answer = match then {
                Then::Silence => return,
                Then::Answer(status, body) => Ok((status, body)),
                Then::Serve => Ok(self.service.serve(request, caller)),
                Then::ServeAndLose => {
                    self.service.serve(request, caller);
                    Err(ConnectorError::io("injected: connection lost".into()))
                }
            };
            self.executor.call_after(back, move || {
                let mut slot = slot.lock().unwrap();
                slot.answer = Some(answer);
                let waker = slot.waker.take();
                drop(slot);
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
        });
    }
}

fn respond((status, body): (u16, String)) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}

/// What an in-process HTTP client answers; it never waits for anything but its own turn.
pub fn answer_of(client: &SharedHttpConnector, request: HttpRequest) -> (u16, String) {
    let mut future = client.call(request);
    let mut context = std::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = std::pin::Pin::new(&mut future).poll(&mut context) {
            let response = answer.expect("failed to ask the stand-in");
            let status = response.status().as_u16();
            let body = response.body().bytes().unwrap_or_default();
            return (status, String::from_utf8_lossy(body).into_owned());
        }
    }
}
