//! A connection.

use switchboard::protocol::UserId;
use switchboard::{Connection, ConnectionId};

use super::{Build, Item, Unreadable, key, key_part, number_of, parsed, text_of};

pub(crate) fn connection_item(connection: &Connection) -> Item {
    let sk = key::connection(connection.device.as_ref(), &connection.id);
    Build::keyed(key::user(&connection.user), sk)
        .text("connection_id", connection.id.as_str())
        .text("role", connection.role.as_str())
        .text("endpoint", connection.endpoint.as_ref())
        .number("connected_at", connection.connected_at)
        .number("expires_at", connection.expires_at)
        // In seconds, for the table's own sweep, which comes days late.
        .number("ttl", connection.expires_at / 1_000)
        .done()
}

pub(crate) fn connection_from(item: &Item) -> Result<Connection, Unreadable> {
    let user: UserId = key_part(item, "pk", "U#")?;
    Ok(Connection {
        user,
        device: key_part(item, "sk", key::DEVICE).ok(),
        id: ConnectionId::new(text_of(item, "connection_id")?),
        role: parsed(item, "role")?,
        endpoint: text_of(item, "endpoint")?.into(),
        connected_at: number_of(item, "connected_at")?,
        expires_at: number_of(item, "expires_at")?,
    })
}
