//! A scheduler with a clock of its own: one thread, one queue of what is due, and dice for whatever is due at once.
//!
//! Everything that waits, waits for a moment of this clock; when nothing can run, the clock moves on to the next.
//! So a run needs no real time, and the same seed makes the same run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::future::BoxFuture;

/// Microseconds since the beginning of the run.
pub type Micros = u64;
/// A task, as an invocation of a function.
pub type TaskId = u64;

/// Something that is due at a moment.
enum Due<E> {
    Wake(Waker),
    Call(Box<dyn FnOnce() + Send>),
    Event(E),
}

struct Task<E> {
    future: BoxFuture<'static, E>,
    /// The poll before which the task is killed, and what is to happen then.
    killed: Option<(u32, E)>,
    polls: u32,
}

struct Inner<E> {
    now: Micros,
    /// Moment, dice, place in `due`.
    queue: BinaryHeap<Reverse<(Micros, u64, u64)>>,
    due: BTreeMap<u64, Due<E>>,
    next: u64,
    tasks: BTreeMap<TaskId, Task<E>>,
    running: Option<TaskId>,
    ended: Option<TaskId>,
    random: fastrand::Rng,
}

/// The scheduler. Clones share it. `E` is what the world is told of.
pub struct Executor<E> {
    inner: Arc<Mutex<Inner<E>>>,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl<E> Clone for Executor<E> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            ready: Arc::clone(&self.ready),
        }
    }
}

impl<E> std::fmt::Debug for Executor<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

struct TaskWaker {
    task: TaskId,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap();
        if !ready.contains(&self.task) {
            ready.push(self.task);
        }
    }
}

impl<E: Send + 'static> Executor<E> {
    /// A scheduler at the beginning of time.
    pub fn new(seed: u64) -> Self {
        let inner = Inner {
            now: 0,
            queue: BinaryHeap::new(),
            due: BTreeMap::new(),
            next: 0,
            tasks: BTreeMap::new(),
            running: None,
            ended: None,
            random: fastrand::Rng::with_seed(seed),
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            ready: Arc::default(),
        }
    }

    /// The time.
    pub fn now(&self) -> Micros {
        self.inner.lock().unwrap().now
    }

    /// A number of the scheduler's dice.
    pub fn dice(&self) -> u64 {
        self.inner.lock().unwrap().random.u64(..)
    }

    /// The task that is being polled.
    pub fn running(&self) -> Option<TaskId> {
        self.inner.lock().unwrap().running
    }

    /// The task that ended last, if nobody has asked for it.
    pub fn ended(&self) -> Option<TaskId> {
        self.inner.lock().unwrap().ended.take()
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.inner.lock().unwrap().tasks.len()
    }

    /// The world is told of `event` after so long.
    pub fn after(&self, micros: Micros, event: E) {
        self.inner.lock().unwrap().push(micros, Due::Event(event));
    }

    /// `call` happens after so long, whoever still waits for it.
    pub fn call_after(&self, micros: Micros, call: impl FnOnce() + Send + 'static) {
        let mut inner = self.inner.lock().unwrap();
        inner.push(micros, Due::Call(Box::new(call)));
    }

    /// Passes after so long.
    pub fn sleep(&self, micros: Micros) -> Sleep<E> {
        Sleep {
            executor: self.clone(),
            micros,
            place: None,
        }
    }

    /// Runs a task; the world is told of what it comes to. With `killed`, it ends before that poll, and that is told.
    pub fn spawn(&self, future: BoxFuture<'static, E>, killed: Option<(u32, E)>) -> TaskId {
        let mut inner = self.inner.lock().unwrap();
        inner.next += 1;
        let id = inner.next;
        let task = Task {
            future,
            killed,
            polls: 0,
        };
        inner.tasks.insert(id, task);
        drop(inner);
        self.ready.lock().unwrap().push(id);
        id
    }

    /// Runs until the world has to be told of something; nothing is due any more where there is nothing to tell.
    pub fn next(&self) -> Option<E> {
        loop {
            if let Some(event) = self.run_ready() {
                return Some(event);
            }
            let due = self.inner.lock().unwrap().pop()?;
            match due {
                Due::Wake(waker) => waker.wake(),
                Due::Call(call) => call(),
                Due::Event(event) => return Some(event),
            }
        }
    }

    /// Polls the tasks that can go on, in the order of the dice, until one is over.
    fn run_ready(&self) -> Option<E> {
        loop {
            let id = {
                let mut ready = self.ready.lock().unwrap();
                if ready.is_empty() {
                    return None;
                }
                let place = if ready.len() == 1 {
                    0
                } else {
                    let len = ready.len();
                    self.inner.lock().unwrap().random.usize(..len)
                };
                ready.swap_remove(place)
            };
            if let Some(event) = self.poll(id) {
                return Some(event);
            }
        }
    }

    fn poll(&self, id: TaskId) -> Option<E> {
        let mut task = {
            let mut inner = self.inner.lock().unwrap();
            let task = inner.tasks.remove(&id)?;
            inner.running = Some(id);
            task
        };
        task.polls += 1;
        if task
            .killed
            .as_ref()
            .is_some_and(|(at, _)| task.polls >= *at)
        {
            let (_, event) = task.killed.take()?;
            drop(task.future);
            let mut inner = self.inner.lock().unwrap();
            (inner.running, inner.ended) = (None, Some(id));
            return Some(event);
        }
        let waker = Waker::from(Arc::new(TaskWaker {
            task: id,
            ready: Arc::clone(&self.ready),
        }));
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        let mut inner = self.inner.lock().unwrap();
        inner.running = None;
        match polled {
            Poll::Ready(event) => {
                inner.ended = Some(id);
                Some(event)
            }
            Poll::Pending => {
                inner.tasks.insert(id, task);
                None
            }
        }
    }
}

impl<E> Inner<E> {
    fn push(&mut self, micros: Micros, due: Due<E>) -> u64 {
        self.next += 1;
        let (at, place) = (self.now + micros, self.next);
        let dice = self.random.u64(..);
        self.queue.push(Reverse((at, dice, place)));
        self.due.insert(place, due);
        place
    }

    fn pop(&mut self) -> Option<Due<E>> {
        while let Some(Reverse((at, _, place))) = self.queue.pop() {
            if let Some(due) = self.due.remove(&place) {
                self.now = at;
                return Some(due);
            }
        }
        None
    }
}

impl<E> std::fmt::Debug for Sleep<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}

/// A wait; who drops it no longer waits.
pub struct Sleep<E> {
    executor: Executor<E>,
    micros: Micros,
    place: Option<(u64, Micros)>,
}

impl<E> Future for Sleep<E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let executor = self.executor.clone();
        let mut inner = executor.inner.lock().unwrap();
        match self.place {
            None => {
                let at = inner.now + self.micros;
                let place = inner.push(self.micros, Due::Wake(context.waker().clone()));
                self.place = Some((place, at));
                Poll::Pending
            }
            Some((_, at)) if inner.now >= at => Poll::Ready(()),
            Some((place, _)) => {
                // Another waker may wait for us now.
                if let Some(due) = inner.due.get_mut(&place) {
                    *due = Due::Wake(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

impl<E> Drop for Sleep<E> {
    fn drop(&mut self) {
        if let Some((place, _)) = self.place {
            self.executor.inner.lock().unwrap().due.remove(&place);
        }
    }
}
