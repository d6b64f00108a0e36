//! Calling a function: no longer than allowed, and never with its panic.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

use crate::apigw::edge::Edge;
use crate::apigw::functions::FunctionError;
use switchboard::Clock;

/// How an invocation fails.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It ended without a result.
    Failed(FunctionError),
    /// It did not end in time.
    TimedOut,
}

/// Runs an invocation to its result, its failure or its timeout; the account of `payer` pays for it.
pub(crate) async fn call(
    edge: &Edge,
    payer: &str,
    invocation: impl Future<Output = Result<String, FunctionError>>,
) -> Result<String, Failure> {
    // A function that panics is a failed invocation: what its connection holds must outlive it.
    let guarded = AssertUnwindSafe(invocation).catch_unwind();
    let bounded = within(&*edge.clock, edge.limits.integration_timeout_ms, guarded);
    let account = edge.meter.account(payer);
    match account.pays(&*edge.clock, bounded).await {
        Some(Ok(result)) => result.map_err(Failure::Failed),
        Some(Err(_panic)) => Err(Failure::Failed(FunctionError {
            message: "the function panicked".to_owned(),
        })),
        None => Err(Failure::TimedOut),
    }
}

/// What `work` comes to, unless `ms` pass first.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    ms: u64,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), clock.sleep(ms)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
