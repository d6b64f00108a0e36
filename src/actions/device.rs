//! `device`: where to push to.

use switchboard_protocol::action::{Device as Asked, Platform};
use switchboard_protocol::event::{DeviceEvent, Event};
use switchboard_protocol::{DeviceId, ErrorCode, UserId};

use crate::failure::{Failure, refused};
use crate::gateway::Gateway;
use crate::ports::push::{Device, Registration};
use crate::session::Session;

/// Devices of one user that are pushed to: a bound on what one entry can cost. Beyond it the longest registered gives way.
const DEVICES_MAX: usize = 10;

impl Gateway {
    pub(super) async fn device(&self, session: &Session, asked: Asked) -> Result<Event, Failure> {
        match asked {
            Asked::Register {
                device,
                platform,
                token,
                locale,
            } => {
                self.register(session, device.clone(), platform, token, locale)
                    .await?;
                Ok(Event::Device(DeviceEvent {
                    device,
                    registered: true,
                }))
            }
            Asked::Remove { device } => {
                let devices = self.store.devices(&session.user).await?;
                if let Some(known) = devices.into_iter().find(|it| it.id == device) {
                    self.forget(&known).await?;
                }
                Ok(Event::Device(DeviceEvent {
                    device,
                    registered: false,
                }))
            }
        }
    }

    async fn register(
        &self,
        session: &Session,
        id: DeviceId,
        platform: Platform,
        token: String,
        locale: Option<String>,
    ) -> Result<(), Failure> {
        let devices = self.store.devices(&session.user).await?;
        let (known, others): (Vec<_>, Vec<_>) = devices.into_iter().partition(|it| it.id == id);
        let known = known.into_iter().next();
        let user = session.user.clone();
        let reusable = match known.as_ref().filter(|it| it.platform == platform) {
            // By now the endpoint may be another's: repairing it would take it from them.
            Some(it) if self.owns(&user, &id, &it.endpoint).await? => Some(it.endpoint.as_str()),
            Some(_) | None => None,
        };
        let endpoint = match self.push.register(platform, &token, reusable).await? {
            Registration::Endpoint(endpoint) => endpoint,
            Registration::Refused => {
                let message = "token is not one that the push service takes";
                return Err(refused(ErrorCode::BadRequest, message));
            }
        };
        let device = Device {
            user,
            id,
            platform,
            token,
            endpoint,
            locale,
            registered_at: self.now(),
        };
        // A phone that changed hands: its former user's pushes must not reach it. The former device goes before the
        // endpoint is claimed, so that whoever fails in between finds it again.
        let former = self.store.endpoint_owner(&device.endpoint).await?;
        if let Some((user, id)) = former.filter(|it| (&it.0, &it.1) != (&device.user, &device.id)) {
            self.store
                .delete_device(&user, &id, &device.endpoint)
                .await?;
        }
        self.store
            .claim_endpoint(&device.endpoint, &device.user, &device.id)
            .await?;
        self.store.put_device(&device).await?;
        // A device that moved to another endpoint leaves the old one behind.
        if let Some(old) = known.filter(|old| old.endpoint != device.endpoint) {
            self.abandon(&old).await?;
        }
        let over = (others.len() + 1).saturating_sub(DEVICES_MAX);
        let mut oldest = others;
        oldest.sort_by_key(|it| it.registered_at);
        for surplus in oldest.iter().take(over) {
            self.forget(surplus).await?;
        }
        Ok(())
    }

    async fn owns(&self, user: &UserId, id: &DeviceId, endpoint: &str) -> Result<bool, Failure> {
        let owner = self.store.endpoint_owner(endpoint).await?;
        Ok(owner.is_some_and(|it| (&it.0, &it.1) == (user, id)))
    }

    /// Removes a device and its endpoint.
    async fn forget(&self, device: &Device) -> Result<(), Failure> {
        self.store
            .delete_device(&device.user, &device.id, &device.endpoint)
            .await?;
        self.abandon(device).await
    }

    /// Removes an endpoint, unless it has become another device's.
    async fn abandon(&self, device: &Device) -> Result<(), Failure> {
        if self
            .store
            .release_endpoint(&device.endpoint, &device.user, &device.id)
            .await?
        {
            self.push.unregister(&device.endpoint).await?;
        }
        Ok(())
    }
}
