//! What the push service says about devices afterwards: a dead one is forgotten.
//!
//! `deliver` forgets a device whose push is refused at once. Most deaths are told later: the service took the push, and
//! Apple or Google did not know the token.

use switchboard_protocol::TimestampMs;

use crate::failure::Unavailable;
use crate::metric::Metric;
use crate::ports::store::Devices;
use crate::tally::Tally;

/// Forgets the device that an endpoint belongs to, as of a time; safe to repeat, and nothing where nobody owns it.
///
/// A device that registered since then is alive: what is told of it is old. The endpoint's claim goes last, so that
/// whoever fails in between finds the device again.
pub async fn forget_dead(
    devices: &dyn Devices,
    endpoint: &str,
    died_at: TimestampMs,
    tally: &mut Tally,
) -> Result<(), Unavailable> {
    let Some((user, id)) = devices.endpoint_owner(endpoint).await? else {
        return Ok(());
    };
    let device = devices.device(&user, &id).await?;
    let device = device.filter(|it| it.endpoint == endpoint);
    if device.as_ref().is_some_and(|it| it.registered_at > died_at) {
        return Ok(());
    }
    devices.delete_device(&user, &id, endpoint).await?;
    devices.release_endpoint(endpoint, &user, &id).await?;
    if device.is_some() {
        tally.add(Metric::PushesDead, 1);
    }
    Ok(())
}
