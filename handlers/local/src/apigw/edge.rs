//! What all connections of a gateway share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::apigw::chaos::Chaos;
use crate::apigw::counts::Counters;
use crate::apigw::event::Events;
use crate::apigw::functions::Functions;
use crate::apigw::limits::Limits;
use crate::apigw::registry::Registry;
use crate::apigw::routes::Routes;
use crate::apigw::throttle::TokenBucket;
use crate::meter::Meter;
use switchboard::Clock;

/// One deployed stage at work.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) routes: Routes,
    pub(crate) limits: Limits,
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Events,
    pub(crate) connections: Arc<Registry>,
    pub(crate) counters: Counters,
    pub(crate) meter: Meter,
    pub(crate) chaos: Chaos,
    /// New connections.
    pub(crate) connects: TokenBucket,
    /// Frames and management calls: they share one quota.
    pub(crate) requests: TokenBucket,
    /// One task for each connection, from its handshake to the end of its `$disconnect`.
    pub(crate) tasks: TaskTracker,
    /// Ends the tasks that a shutdown waited for in vain.
    pub(crate) abandon: CancellationToken,
}

impl Edge {
    pub(crate) fn new(
        routes: Routes,
        limits: Limits,
        functions: Arc<dyn Functions>,
        clock: Arc<dyn Clock>,
        domain_name: String,
    ) -> Self {
        let now = clock.now_ms();
        let connections = Arc::new(Registry::default());
        Self {
            events: Events {
                domain_name,
                stage: routes.stage.clone(),
                api_id: routes.api_id.clone(),
            },
            chaos: Chaos::new(Arc::clone(&connections)),
            connects: TokenBucket::new(limits.connects_per_s, limits.connects_per_s, now),
            requests: TokenBucket::new(limits.requests_per_s, limits.requests_burst, now),
            connections,
            counters: Counters::default(),
            meter: Meter::new(routes.keys.keys()),
            tasks: TaskTracker::new(),
            abandon: CancellationToken::new(),
            routes,
            limits,
            functions,
            clock,
        }
    }
}
