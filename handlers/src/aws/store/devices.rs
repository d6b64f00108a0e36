//! The devices that can be pushed to.

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use switchboard::Unavailable;
use switchboard::ports::push::Device;
use switchboard::ports::store::Devices;
use switchboard::protocol::{DeviceId, UserId};

use super::transport::Request as _;
use super::{DynamoStore, Read, condition_failed, failed, read, read_all};
use crate::aws::item::{device_from, device_item, key, owner_from, owner_item, text};

/// Devices of one user that are read: the gateway keeps fewer, and a bound costs nothing.
const DEVICES_READ: i32 = 50;

#[async_trait::async_trait]
impl Devices for DynamoStore {
    async fn devices(&self, user: &UserId) -> Result<Vec<Device>, Unavailable> {
        const DOING: &str = "read a user's devices";
        let output = self
            .query(key::user(user))
            .key_condition_expression("pk = :pk AND begins_with(sk, :device)")
            .expression_attribute_values(":device", text(key::DEVICE))
            .limit(DEVICES_READ)
            .over(&*self.transport)
            .await
            .map_err(|error| failed(DOING, error))?;
        read_all(DOING, output.items(), device_from)
    }

    async fn device(&self, user: &UserId, id: &DeviceId) -> Result<Option<Device>, Unavailable> {
        const DOING: &str = "read a device";
        let (pk, sk) = (key::user(user), key::device(id));
        let item = self.chat_item(DOING, pk, sk, Read::Consistent).await?;
        item.map(|item| read(DOING, &item, device_from)).transpose()
    }

    async fn put_device(&self, device: &Device) -> Result<(), Unavailable> {
        self.put_chat("write a device", device_item(device)).await
    }

    async fn delete_device(
        &self,
        user: &UserId,
        device: &DeviceId,
        endpoint: &str,
    ) -> Result<(), Unavailable> {
        let delete = self.delete(key::user(user), key::device(device));
        let delete = delete
            .condition_expression("endpoint = :endpoint")
            .expression_attribute_values(":endpoint", text(endpoint));
        self.removed("remove a device", delete).await.map(|_| ())
    }

    async fn endpoint_owner(
        &self,
        endpoint: &str,
    ) -> Result<Option<(UserId, DeviceId)>, Unavailable> {
        const DOING: &str = "read an endpoint's owner";
        let (pk, sk) = (key::endpoint(endpoint), key::OWNER.to_owned());
        let item = self.chat_item(DOING, pk, sk, Read::Consistent).await?;
        item.map(|item| read(DOING, &item, owner_from)).transpose()
    }

    async fn claim_endpoint(
        &self,
        endpoint: &str,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<(), Unavailable> {
        self.put_chat("claim an endpoint", owner_item(endpoint, user, device))
            .await
    }

    async fn release_endpoint(
        &self,
        endpoint: &str,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<bool, Unavailable> {
        let delete = self.delete(key::endpoint(endpoint), key::OWNER.to_owned());
        let delete = delete
            .condition_expression("#user = :user AND device = :device")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":device", text(device.as_str()));
        self.removed("release an endpoint", delete).await
    }
}

impl DynamoStore {
    fn delete(&self, pk: String, sk: String) -> DeleteItemFluentBuilder {
        self.client
            .delete_item()
            .table_name(&self.tables.chat)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Whether a conditional delete found what it was to remove.
    async fn removed(
        &self,
        doing: &'static str,
        delete: DeleteItemFluentBuilder,
    ) -> Result<bool, Unavailable> {
        match delete.over(&*self.transport).await {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            Err(error) => Err(failed(doing, error)),
        }
    }
}
