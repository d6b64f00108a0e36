//! The trail: whatever a device was told is in the log, an operator who asks for it is told, too.

use std::sync::Arc;

use switchboard::trail::{Step, Trail, What};

use super::Oracle;

/// Steps on their way to the judge.
#[derive(Debug)]
pub struct Steps(pub Arc<Oracle>);

impl Trail for Steps {
    fn note(&self, step: Step) {
        // A duplicate's answer says as well as the first that the entry stands.
        if matches!(step.what, What::Stored | What::Repeated) {
            let place = (step.conversation.as_str().to_owned(), step.last);
            self.0.state().told.insert(place);
        }
    }
}

impl Oracle {
    /// Every entry that was acknowledged to a device has its step, whichever function died and whatever got lost.
    pub fn check_told(&self) {
        let mut state = self.state();
        let known = |(conversation, seq): &(&String, u64)| {
            state.told.contains(&((*conversation).clone(), *seq))
        };
        let accepted = state.accepted.iter();
        let mut places = accepted.map(|((conversation, _), (seq, _))| (conversation, *seq));
        let untold = places.find(|it| !known(it));
        if let Some((conversation, seq)) = untold {
            let what =
                format!("{seq} of {conversation} was acknowledged, and its trail does not say so");
            state.breaks(what);
        }
    }
}
