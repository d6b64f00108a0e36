//! Who is connected, and how that begins and ends.

use switchboard_protocol::{DeviceId, Role, TimestampMs, UserId};

use crate::failure::Unavailable;
use crate::gateway::Gateway;
use crate::metric::{Label, Metric};
use crate::ports::store::{Admission, Placed};
use crate::tally::Tally;

/// How long a connection's row counts: the platform closes a connection after 2 hours, and a margin for the clocks of two functions.
pub const CONNECTION_LIFE_MS: u64 = (2 * 60 + 5) * 60 * 1_000;

/// The platform's name for a connection, unguessable and never reused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(Box<str>);

impl ConnectionId {
    /// Takes what the platform gave.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The name as the platform gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who sent a frame: known without a read, from what the authorizer left with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: UserId,
    /// The user's side.
    pub role: Role,
    /// The device, where it has a name.
    pub device: Option<DeviceId>,
    /// The connection.
    pub connection: ConnectionId,
    /// When it was opened.
    pub connected_at: TimestampMs,
    /// When the token expires, and with it the right to be listened to.
    pub expires_at: TimestampMs,
}

/// A row of the connection table: keyed by user and device, or by the connection's id where no device was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The user.
    pub user: UserId,
    /// The device, where it has a name.
    pub device: Option<DeviceId>,
    /// The connection.
    pub id: ConnectionId,
    /// The user's side.
    pub role: Role,
    /// Where the management API of this connection answers.
    pub endpoint: Box<str>,
    /// When it was opened.
    pub connected_at: TimestampMs,
    /// From when on the row is to be ignored, whether or not it was removed.
    pub expires_at: TimestampMs,
}

/// Whether a user was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// The connection is known from now on.
    Open,
    /// An operator has suspended the user.
    Suspended,
    /// The device has connected again meanwhile: this handshake was slow, and its client has given it up.
    Outdated,
}

/// How a connection ended, as far as anybody can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Its client closed it.
    Client,
    /// The platform closed it: it was idle or open for too long, or its host is maintained.
    GoingAway,
    /// Its client broke one of the platform's limits.
    Limit,
    /// We closed it.
    Server,
    /// Nobody said goodbye.
    Lost,
    /// Anything else.
    Other,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::GoingAway,
        Self::Limit,
        Self::Server,
        Self::Lost,
        Self::Other,
    ];

    /// Its name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::GoingAway => "going_away",
            Self::Limit => "limit",
            Self::Server => "server",
            Self::Lost => "lost",
            Self::Other => "other",
        }
    }
}

impl Gateway {
    /// Begins a session: two writes and no read.
    ///
    /// The put returns the row that it replaced; that connection, an earlier one of the same device, is closed.
    pub async fn connect(
        &self,
        session: &Session,
        tally: &mut Tally,
    ) -> Result<Entrance, Unavailable> {
        // First the profile: a suspended user must not replace a row, and must be known before anybody can be told of the connection.
        match self
            .store
            .admit(&session.user, session.role, self.now())
            .await?
        {
            Admission::Suspended => return Ok(Entrance::Suspended),
            Admission::Admitted => {}
        }
        let connection = self.row_of(session);
        let Placed::Placed(replaced) = self.store.put_connection(&connection).await? else {
            return Ok(Entrance::Outdated);
        };
        tally.add_labelled(Metric::Connects, Label::Role(session.role), 1);
        // The same event twice replaces its own row: nothing to close then.
        if let Some(old) = replaced.filter(|old| old.id != connection.id) {
            tally.add(Metric::Replacements, 1);
            self.relay.close(&old).await;
        }
        Ok(Entrance::Open)
    }

    /// The row of a session's connection.
    pub(crate) fn row_of(&self, session: &Session) -> Connection {
        Connection {
            user: session.user.clone(),
            device: session.device.clone(),
            id: session.connection.clone(),
            role: session.role,
            endpoint: self.endpoint.as_ref().into(),
            connected_at: session.connected_at,
            expires_at: session.connected_at.saturating_add(CONNECTION_LIFE_MS),
        }
    }

    /// Ends a session: late, twice or before it began, it removes the session's own row or nothing.
    pub async fn disconnect(
        &self,
        session: &Session,
        ending: Ending,
        tally: &mut Tally,
    ) -> Result<(), Unavailable> {
        let device = session.device.as_ref();
        let removed = self
            .store
            .delete_connection(&session.user, device, &session.connection)
            .await?;
        if removed {
            tally.add_labelled(Metric::Disconnects, Label::Reason(ending), 1);
            self.store.depart(&session.user, self.now()).await?;
        }
        Ok(())
    }
}
