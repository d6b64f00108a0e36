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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::item::{number, text};

    fn connection(device: Option<&str>) -> Connection {
        Connection {
            user: "alice".parse().unwrap(),
            device: device.map(|name| name.parse().unwrap()),
            id: ConnectionId::new("Qyi07eCbtjMCJKw="),
            role: switchboard::protocol::Role::Customer,
            endpoint: "https://abc123.execute-api.us-east-1.amazonaws.com/prod".into(),
            connected_at: 1_795_000_000_000,
            expires_at: 1_795_007_500_999,
        }
    }

    #[test]
    fn a_connection_is_read_as_it_was_written() {
        for device in [None, Some("phone-1"), Some("I"), Some("D")] {
            let connection = connection(device);
            assert_eq!(
                connection_from(&connection_item(&connection)).unwrap(),
                connection
            );
        }
    }

    #[test]
    fn its_row_is_the_devices_or_its_own_and_swept_by_the_second() {
        let named = connection_item(&connection(Some("phone-1")));
        assert_eq!(named.get("pk"), Some(&text("U#alice")));
        assert_eq!(named.get("sk"), Some(&text("D#phone-1")));
        assert_eq!(named.get("ttl"), Some(&number(1_795_007_500)));
        let nameless = connection_item(&connection(None));
        assert_eq!(nameless.get("sk"), Some(&text("I#Qyi07eCbtjMCJKw=")));
    }

    #[test]
    fn the_sweeps_own_attribute_and_unknown_ones_are_not_needed() {
        let mut item = connection_item(&connection(None));
        item.remove("ttl");
        item.insert("region".to_owned(), text("us-east-1"));
        assert_eq!(connection_from(&item).unwrap(), connection(None));
    }
}
