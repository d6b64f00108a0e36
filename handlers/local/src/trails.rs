//! The newest steps of all entries, in memory: what `trace` and the operator's page ask.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard::Clock;
use switchboard::protocol::{ConversationId, Seq, TimestampMs};
use switchboard::trail::{Step, Trail};

/// Steps that are kept: some 20,000 messages, in some 30 MB. The oldest make room.
pub const STEPS_MAX: usize = 100_000;

/// The newest steps. What falls out is also in the log, where the log is as loud as `info`.
#[derive(Debug)]
pub struct Trails {
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    steps: VecDeque<Step>,
    whole_since: TimestampMs,
}

/// What is kept of an entry.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its steps, in the order of their times.
    pub steps: Vec<Step>,
    /// Nothing is missing of what happened from here on.
    pub whole_since: TimestampMs,
}

impl Trails {
    /// Nothing yet.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let kept = Kept {
            steps: VecDeque::new(),
            whole_since: clock.now_ms(),
        };
        Self {
            kept: Mutex::new(kept),
        }
    }

    /// What is kept of an entry.
    pub fn of(&self, conversation: &ConversationId, seq: Seq) -> Record {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let steps = kept.steps.iter().filter(|it| it.is_of(conversation, seq));
        let mut steps: Vec<Step> = steps.cloned().collect();
        steps.sort_by_key(|it| it.at);
        Record {
            steps,
            whole_since: kept.whole_since,
        }
    }
}

impl Trail for Trails {
    fn note(&self, step: Step) {
        step.log();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.steps.len() == STEPS_MAX
            && let Some(oldest) = kept.steps.pop_front()
        {
            kept.whole_since = kept.whole_since.max(oldest.at + 1);
        }
        kept.steps.push_back(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::trail::What;
    use switchboard_handlers::aws::clock::SystemClock;

    #[test]
    fn the_oldest_make_room_and_that_is_said() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let trails = Trails::new(&clock);
        let conversation = "01JD8Z3KQ5W9T0000000000001".parse().unwrap();
        let start = trails.of(&conversation, 1).whole_since + 1;
        let most = STEPS_MAX as u64;
        for seq in 1..=most {
            trails.note(Step::new(What::Stored, &conversation, seq, start + seq));
        }
        let first = trails.of(&conversation, 1);
        assert_eq!((first.steps.len(), first.whole_since), (1, start - 1));
        trails.note(Step::new(What::Read, &conversation, most, start + most));
        let first = trails.of(&conversation, 1);
        assert_eq!((first.steps.len(), first.whole_since), (0, start + 2));
        assert_eq!(trails.of(&conversation, most).steps.len(), 2);
    }
}
