//! Who is served next.
//!
//! The engine serves one request at a time. Who waits here lets its thread do something else, where the engine's own
//! lock would put the thread to sleep. There are two queues: a burst of what has time does not stand in front of a send,
//! and a crowd of senders does not keep pushes away.
//!
//! Who is called comes as soon as its task runs, which under load is a while. Somebody who is just there may go first
//! then, but once only: so the engine does not stand idle, and nobody waits for ever.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::locked;
use crate::haste::has_time;

/// How many who are in a hurry go before one who has time, if both wait.
const HURRIED_IN_A_ROW: u32 = 3;

/// Both queues. Clones are of the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody is being served.
    busy: bool,
    /// Who was called and has not come yet.
    called: Option<Waiting>,
    /// Somebody went before who was called.
    was_overtaken: bool,
    hurried: VecDeque<Waiting>,
    patient: VecDeque<Waiting>,
    /// How many who are in a hurry were called since the last one who has time, or since none waited.
    in_a_row: u32,
    tickets: u64,
}

/// Somebody who waits.
#[derive(Debug)]
struct Waiting {
    ticket: u64,
    waker: Waker,
}

/// Waits for one's turn.
#[derive(Debug)]
pub(super) struct Next<'a> {
    turns: &'a Turns,
    ticket: Option<u64>,
}

/// Somebody's turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
}

impl Turns {
    /// Waits for one's turn.
    pub(super) fn next(&self) -> Next<'_> {
        Next {
            turns: self,
            ticket: None,
        }
    }
}

impl State {
    /// Whether who asks without having waited is served at once.
    fn admits(&mut self) -> bool {
        if self.busy || (self.called.is_some() && self.was_overtaken) {
            return false;
        }
        self.was_overtaken = self.called.is_some();
        self.busy = true;
        true
    }

    /// Takes a place in a queue.
    fn wait(&mut self, waker: Waker) -> u64 {
        self.tickets += 1;
        let ticket = self.tickets;
        let queue = if has_time() {
            &mut self.patient
        } else {
            &mut self.hurried
        };
        queue.push_back(Waiting { ticket, waker });
        ticket
    }

    /// Whether who holds a ticket is served now.
    fn comes(&mut self, ticket: u64, waker: &Waker) -> bool {
        let called = self.called.take_if(|it| it.ticket == ticket && !self.busy);
        if called.is_some() {
            (self.busy, self.was_overtaken) = (true, false);
            return true;
        }
        let places = self.called.iter_mut().chain(&mut self.hurried);
        let own = places
            .chain(&mut self.patient)
            .find(|it| it.ticket == ticket);
        if let Some(own) = own {
            own.waker.clone_from(waker);
        }
        false
    }

    /// Gives up a place.
    fn leaves(&mut self, ticket: u64) {
        self.hurried.retain(|it| it.ticket != ticket);
        self.patient.retain(|it| it.ticket != ticket);
        if self.called.take_if(|it| it.ticket == ticket).is_some() {
            self.was_overtaken = false;
        }
    }

    /// Whose turn it is, if nobody is being served.
    fn call(&mut self) -> Option<Waker> {
        if self.busy {
            return None;
        }
        if self.called.is_none() {
            let is_due = self.in_a_row >= HURRIED_IN_A_ROW || self.hurried.is_empty();
            let patient = self.patient.pop_front_if(|_| is_due);
            self.in_a_row = if patient.is_some() || self.patient.is_empty() {
                0
            } else {
                self.in_a_row + 1
            };
            self.called = patient.or_else(|| self.hurried.pop_front());
        }
        self.called.as_ref().map(|it| it.waker.clone())
    }
}

impl Future for Next<'_> {
    type Output = Turn;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Turn> {
        let turns = self.turns;
        let mut state = locked(&turns.state);
        let served = match self.ticket {
            None => state.admits(),
            Some(ticket) => state.comes(ticket, context.waker()),
        };
        if served {
            self.ticket = None;
            return Poll::Ready(Turn {
                turns: turns.clone(),
            });
        }
        if self.ticket.is_none() {
            self.ticket = Some(state.wait(context.waker().clone()));
        }
        Poll::Pending
    }
}

impl Drop for Next<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else {
            return;
        };
        let called = {
            let mut state = locked(&self.turns.state);
            state.leaves(ticket);
            state.call()
        };
        if let Some(waker) = called {
            waker.wake();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let called = {
            let mut state = locked(&self.turns.state);
            state.busy = false;
            state.call()
        };
        if let Some(waker) = called {
            waker.wake();
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
    async fn neither_queue_keeps_the_other_away() {
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
            request("h3"),
            request("h4"),
            finish
        );
        let served = served.into_inner().unwrap();
        assert_eq!(served, ["h1", "h2", "h3", "p1", "h4", "p2", "p3"]);
    }

    #[tokio::test]
    async fn who_was_called_is_overtaken_once() {
        let turns = Turns::default();
        let first = turns.next().await;
        let mut called = Box::pin(turns.next());
        assert!((&mut called).now_or_never().is_none());
        drop(first);
        let overtakes = turns.next().now_or_never().unwrap();
        assert!((&mut called).now_or_never().is_none());
        drop(overtakes);
        let mut late = Box::pin(turns.next());
        assert!((&mut late).now_or_never().is_none());
        drop(called.await);
        drop(late.await);
    }

    #[tokio::test]
    async fn a_turn_passes_over_who_has_gone() {
        let turns = Turns::default();
        let first = turns.next().await;
        let mut gone = Box::pin(turns.next());
        let mut called = Box::pin(turns.next());
        let mut waits = Box::pin(turns.next());
        for waiting in [&mut gone, &mut called, &mut waits] {
            assert!(waiting.now_or_never().is_none());
        }
        // One leaves before its turn, one when it has just been called.
        drop(gone);
        drop(first);
        drop(called);
        drop(waits.await);
        assert!(turns.next().now_or_never().is_some());
    }
}
