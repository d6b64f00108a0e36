//! Whether somebody waits for what is being done.

use std::future::poll_fn;
use std::task::Poll;

tokio::task_local! {
    /// Set while a future runs that nobody waits for.
    static HAS_TIME: ();
}

/// Runs what nobody waits for: where there is a queue, it lets others go first, by turns.
pub(crate) async fn without_haste<T>(work: impl Future<Output = T>) -> T {
    HAS_TIME.scope((), work).await
}

/// Whether nobody waits for what runs now.
pub fn has_time() -> bool {
    HAS_TIME.try_with(|()| ()).is_ok()
}

/// Lets those run who are ready by now.
///
/// tokio's own `yield_now` waits until its thread has nothing else to do, however much arrives meanwhile: under load
/// that is a long time, and a send steps aside several times.
pub(crate) async fn step_aside() {
    let mut stepped = false;
    poll_fn(|context| {
        if std::mem::replace(&mut stepped, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
