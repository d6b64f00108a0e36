//! Live connections, and the profiles of their users.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use switchboard::ports::store::{Admission, CONNECTIONS_MAX, Connections, Placed, Profile};
use switchboard::protocol::{DeviceId, Role, TimestampMs, UserId};
use switchboard::{Connection, ConnectionId, Unavailable};

use super::transport::Request as _;
use super::{DynamoStore, Read, condition_failed, failed, read, read_all};
use crate::aws::item::{connection_from, connection_item, key, number, profile_from, text};

#[async_trait::async_trait]
impl Connections for DynamoStore {
    async fn admit(
        &self,
        user: &UserId,
        role: Role,
        at: TimestampMs,
    ) -> Result<Admission, Unavailable> {
        let update = self.client.update_item().table_name(&self.tables.chat);
        let result = update
            .key("pk", text(key::user(user)))
            .key("sk", text(key::PROFILE))
            .update_expression("SET #role = :role, last_seen = :at")
            // An operator suspends a user by setting this attribute.
            .condition_expression("attribute_not_exists(suspended)")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":role", text(role.as_str()))
            .expression_attribute_values(":at", number(at))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(Admission::Admitted),
            Err(error) if condition_failed(&error) => Ok(Admission::Suspended),
            Err(error) => Err(failed("admit a user", error)),
        }
    }

    async fn put_connection(&self, connection: &Connection) -> Result<Placed, Unavailable> {
        const DOING: &str = "write a connection";
        let put = self.client.put_item().table_name(&self.tables.connections);
        let result = put
            .set_item(Some(connection_item(connection)))
            .condition_expression("attribute_not_exists(pk) OR connected_at <= :connected_at")
            .expression_attribute_values(":connected_at", number(connection.connected_at))
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(output) => {
                let before = output.attributes;
                let before = before.map(|item| read(DOING, &item, connection_from));
                Ok(Placed::Placed(before.transpose()?))
            }
            Err(error) if condition_failed(&error) => Ok(Placed::Outdated),
            Err(error) => Err(failed(DOING, error)),
        }
    }

    async fn restore_connection(&self, connection: &Connection) -> Result<(), Unavailable> {
        let put = self.client.put_item().table_name(&self.tables.connections);
        let result = put
            .set_item(Some(connection_item(connection)))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error) => Ok(()),
            Err(error) => Err(failed("restore a connection", error)),
        }
    }

    async fn is_placed(&self, connection: &Connection) -> Result<bool, Unavailable> {
        let get = self.client.get_item().table_name(&self.tables.connections);
        let sk = key::connection(connection.device.as_ref(), &connection.id);
        let output = get
            .key("pk", text(key::user(&connection.user)))
            .key("sk", text(sk))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await
            .map_err(|error| failed("read a connection", error))?;
        Ok(output.item.is_some())
    }

    async fn delete_connection(
        &self,
        user: &UserId,
        device: Option<&DeviceId>,
        id: &ConnectionId,
    ) -> Result<bool, Unavailable> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.connections);
        let result = delete
            .key("pk", text(key::user(user)))
            .key("sk", text(key::connection(device, id)))
            .condition_expression("connection_id = :id")
            .expression_attribute_values(":id", text(id.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            Err(error) => Err(failed("remove a connection", error)),
        }
    }

    async fn connections(&self, user: &UserId) -> Result<Vec<Connection>, Unavailable> {
        const DOING: &str = "read a user's connections";
        let query = self
            .query(key::user(user))
            .table_name(&self.tables.connections);
        let output = query
            .key_condition_expression("pk = :pk")
            .limit(i32::try_from(CONNECTIONS_MAX).unwrap_or(i32::MAX))
            .over(&*self.transport)
            .await
            .map_err(|error| failed(DOING, error))?;
        read_all(DOING, output.items(), connection_from)
    }

    async fn depart(&self, user: &UserId, at: TimestampMs) -> Result<(), Unavailable> {
        let update = self.client.update_item().table_name(&self.tables.chat);
        let result = update
            .key("pk", text(key::user(user)))
            .key("sk", text(key::PROFILE))
            .update_expression("SET last_seen = :at")
            // A profile that was erased meanwhile is not brought back in part.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", number(at))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error) => Ok(()),
            Err(error) => Err(failed("note when a user was last there", error)),
        }
    }

    async fn profile(&self, user: &UserId) -> Result<Option<Profile>, Unavailable> {
        const DOING: &str = "read a profile";
        let (pk, sk) = (key::user(user), key::PROFILE.to_owned());
        let item = self.chat_item(DOING, pk, sk, Read::Eventual).await?;
        item.map(|item| read(DOING, &item, profile_from))
            .transpose()
    }
}
