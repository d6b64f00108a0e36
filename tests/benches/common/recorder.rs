//! What went over the wire to the tables, so that it can be said again without the layers above or below.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_local::engine::{Answer, Call, Fault, Faults};

/// A request, and what it was answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) operation: String,
    pub(crate) request: String,
    pub(crate) answer: String,
}

/// Takes notes while it is told to.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    on: AtomicBool,
    taken: Mutex<Vec<Exchange>>,
}

impl Recorder {
    pub(crate) fn begin(&self) {
        self.on.store(true, Ordering::Relaxed);
    }

    /// What was said since the beginning.
    pub(crate) fn end(&self) -> Vec<Exchange> {
        self.on.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.taken.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl Faults for Recorder {
    async fn after(&self, call: &Call<'_>, answer: &Answer<'_>) -> Option<Fault> {
        if self.on.load(Ordering::Relaxed) {
            assert_eq!(answer.status, 200, "{} {}", call.body, answer.body);
            self.taken.lock().unwrap().push(Exchange {
                operation: call.operation.to_owned(),
                request: call.body.to_owned(),
                answer: answer.body.to_owned(),
            });
        }
        None
    }
}
