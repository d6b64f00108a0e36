//! `feedback`: what SNS says about devices after it took a push. Event source: the topic of the platform applications.

use switchboard::ports::store::Devices;
use switchboard::{Tally, Unavailable, feedback};

use crate::event::NotificationEvent;

/// Forgets the devices whose endpoints are dead.
///
/// A notification that cannot be read is passed over, with a line in the log: it would read the same the next time. A
/// table that fails makes the platform invoke again, which repeats harmlessly what was done.
pub async fn handle(
    devices: &dyn Devices,
    event: &NotificationEvent,
    tally: &mut Tally,
) -> Result<(), Unavailable> {
    let mut done = Ok(());
    for dead in event.dead() {
        match dead {
            Ok(Some(dead)) => {
                // Without a time it is news.
                let at = dead.at.unwrap_or(u64::MAX);
                let forgotten = feedback::forget_dead(devices, &dead.endpoint, at, tally).await;
                done = done.and(forgotten);
            }
            Ok(None) => {}
            Err(unknown) => tracing::error!(error = %unknown, "a notification is passed over"),
        }
    }
    done
}
