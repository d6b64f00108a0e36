//! `device`: where to push to.

use switchboard_protocol::action::{Device as Asked, Platform};
use switchboard_protocol::event::{DeviceEvent, Event};
use switchboard_protocol::{DeviceId, ErrorCode};

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
        let reusable = known.as_ref().filter(|it| it.platform == platform);
        let arn = reusable.map(|it| it.endpoint.as_str());
        let endpoint = match self.push.register(platform, &token, arn).await? {
            Registration::Endpoint(endpoint) => endpoint,
            Registration::Refused => {
                let message = "token is not one that the push service takes";
                return Err(refused(ErrorCode::BadRequest, message));
            }
        };
        let user = session.user.clone();
        let device = Device {
            user,
            id,
            platform,
            token,
            endpoint,
            locale,
            registered_at: self.now(),
        };
        self.store.put_device(&device).await?;
        // A phone that changed hands: its former user's pushes must not reach it.
        let claimed = self
            .store
            .claim_endpoint(&device.endpoint, &device.user, &device.id)
            .await?;
        if let Some((user, id)) = claimed
            && (&user, &id) != (&device.user, &device.id)
        {
            self.store
                .delete_device(&user, &id, &device.endpoint)
                .await?;
        }
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
