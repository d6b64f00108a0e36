//! Who is served next.
//!
//! The engine serves one request at a time. Who waits here lets its thread do something else, where the engine's own
//! lock would put the thread to sleep. There are two queues, and they take turns: a burst of what has time does not
//! stand in front of a send, and a crowd of senders does not keep pushes away.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::locked;
use crate::haste::has_time;

/// Both queues. Clones are of the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody is being served.
    busy: bool,
    /// Who has time was served last.
    hurried_is_next: bool,
    hurried: VecDeque<oneshot::Sender<Turn>>,
    patient: VecDeque<oneshot::Sender<Turn>>,
}

/// Somebody's turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    /// It was passed on.
    is_over: bool,
}

impl Turns {
    /// Waits for one's turn.
    pub(super) async fn next(&self) -> Turn {
        loop {
            let place = {
                let mut state = locked(&self.state);
                if !state.busy {
                    state.busy = true;
                    return self.turn();
                }
                let (sender, place) = oneshot::channel();
                let queue = if has_time() {
                    &mut state.patient
                } else {
                    &mut state.hurried
                };
                queue.push_back(sender);
                place
            };
            // A turn that nobody takes over passes to the next, so this does not fail.
            if let Ok(turn) = place.await {
                return turn;
            }
        }
    }

    fn turn(&self) -> Turn {
        Turn {
            turns: self.clone(),
            is_over: false,
        }
    }
}

impl State {
    /// Whose turn it is now.
    fn call(&mut self) -> Option<oneshot::Sender<Turn>> {
        let patient =
            (!self.hurried_is_next && !self.patient.is_empty()) || self.hurried.is_empty();
        let queue = if patient {
            &mut self.patient
        } else {
            &mut self.hurried
        };
        let called = queue.pop_front()?;
        self.hurried_is_next = patient;
        Some(called)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        while !self.is_over {
            let called = {
                let mut state = locked(&self.turns.state);
                let called = state.call();
                state.busy = called.is_some();
                called
            };
            self.is_over = match called.map(|it| it.send(self.turns.turn())) {
                // Who has gone gives it back: the next one is called.
                Some(Err(mut turn)) => {
                    turn.is_over = true;
                    false
                }
                Some(Ok(())) | None => true,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::haste::without_haste;

    #[tokio::test]
    async fn both_queues_take_turns() {
        let turns = Turns::default();
        let served = Mutex::new(Vec::new());
        let request = async |name: &'static str| {
            let _turn = turns.next().await;
            served.lock().unwrap().push(name);
        };
        let patient = async |name| without_haste(request(name)).await;
        let first = turns.next().await;
        let finish = async { drop(first) };
        tokio::join!(
            patient("p1"),
            patient("p2"),
            patient("p3"),
            request("h1"),
            request("h2"),
            finish
        );
        let served = served.into_inner().unwrap();
        assert_eq!(served, ["p1", "h1", "p2", "h2", "p3"]);
    }

    #[tokio::test]
    async fn a_turn_passes_over_who_has_gone() {
        let turns = Turns::default();
        let first = turns.next().await;
        let (mut gone, mut waits) = (Box::pin(turns.next()), Box::pin(turns.next()));
        assert!((&mut gone).now_or_never().is_none() && (&mut waits).now_or_never().is_none());
        // One leaves before its turn, one when it has just got it.
        let mut called = Box::pin(turns.next());
        assert!((&mut called).now_or_never().is_none());
        drop(gone);
        drop(first);
        let second = waits.await;
        drop(second);
        drop(called);
        assert!(turns.next().now_or_never().is_some());
    }
}
