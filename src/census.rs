//! The census: how many connections are open, and the rows of those that are not, removed.
//!
//! It reads the whole table of connections, which nothing else may. A row past its life goes: readers skip it, but they
//! read a bounded number of a user's rows, and dead ones hide the living. A row within its life may be a ghost's, whose
//! `$disconnect` was lost: the platform is asked about a bounded number of rows, so that each has its turn.
//!
//! It keeps nothing between two runs, and one that is cut short or runs twice does no harm.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use switchboard_protocol::{Role, TimestampMs};

use crate::failure::Unavailable;
use crate::fanout::may_be_opening;
use crate::metric::{Label, Metric};
use crate::ports::clock::Clock;
use crate::ports::relay::{Presence, Relay};
use crate::ports::roll::{Place, Roll};
use crate::session::Connection;
use crate::tally::Tally;

#[cfg(test)]
mod tests;
mod turn;

use turn::Turn;

/// How often a census is taken.
pub const PERIOD_MS: u64 = 60_000;
/// Connections that one run asks the platform about.
///
/// Up to a hundred thousand open connections are all asked within their life of two hours, and a run stays far below
/// the requests that an account may make.
pub const GHOST_CHECKS_MAX: usize = 1_000;
/// Rows past their life that one run removes.
///
/// The table's own sweep takes them too, days late and for nothing: this is for what must not wait, and a run's cost is
/// bounded.
pub const EXPIRED_MAX: usize = 1_000;
/// Requests in flight at once: as little of the platform's patience as gets a run through in seconds.
const IN_FLIGHT_MAX: usize = 16;
/// How long a run may read and ask: what is not done by then is left to the next.
///
/// The function has 25 seconds, and what was found is removed after this.
const BUDGET_MS: u64 = 18_000;

/// A census: the ports that it works through.
#[derive(Clone, Debug)]
pub struct Census {
    /// The table of connections.
    pub roll: Arc<dyn Roll>,
    /// The way to ask about a connection.
    pub relay: Arc<dyn Relay>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The whole table was read, and its gauge is published.
    Complete,
    /// It was not: what was removed is counted, and of the connections that are open nothing is said. A part of them
    /// would look like a wave of disconnects.
    Partial,
}

/// What has been found so far.
#[derive(Debug, Default)]
struct Found {
    open: BTreeMap<Role, u64>,
    expired: Vec<Connection>,
    turn: Turn,
}

impl Census {
    /// Takes one. It does not fail: what goes wrong makes it partial.
    pub async fn take(&self, tally: &mut Tally) -> Taken {
        let began = self.clock.now_ms();
        let until = began.saturating_add(BUDGET_MS);
        let mut found = Found {
            turn: Turn::of(began / PERIOD_MS, GHOST_CHECKS_MAX),
            ..Found::default()
        };
        let read = self.read(&mut found, until).await;
        let expired = self.strike_all(found.expired).await;
        tally.add(Metric::RowsExpired, expired.values().sum());
        let ghosts = self.lay_ghosts(found.turn.asked(), until, tally).await;
        if let Err(unavailable) = read {
            tracing::error!(error = ?unavailable, "the census is partial: nothing is said of how many are connected");
            return Taken::Partial;
        }
        for role in [Role::Customer, Role::Provider] {
            let open = found.open.get(&role).copied().unwrap_or(0);
            let gone = ghosts.get(&role).copied().unwrap_or(0);
            let label = Label::Role(role);
            tally.set_labelled(Metric::OpenConnections, label, open.saturating_sub(gone));
        }
        Taken::Complete
    }

    /// Reads the table, page by page.
    async fn read(&self, found: &mut Found, until: TimestampMs) -> Result<(), Unavailable> {
        let mut after: Option<Place> = None;
        loop {
            let page = self.roll.page(after.take()).await?;
            if page.unreadable > 0 {
                let rows = page.unreadable;
                tracing::error!(rows, "rows of connections cannot be read");
            }
            let now = self.clock.now_ms();
            for connection in page.connections {
                found.see(connection, now);
            }
            match page.next {
                None => return Ok(()),
                Some(_) if now >= until => {
                    let why = "its time is up";
                    return Err(Unavailable::new("read every connection", why));
                }
                next => after = next,
            }
        }
    }

    /// Asks about connections and removes the rows of those that the platform does not know.
    async fn lay_ghosts(
        &self,
        asked: Vec<Connection>,
        until: TimestampMs,
        tally: &mut Tally,
    ) -> BTreeMap<Role, u64> {
        let mut ghosts = Vec::new();
        for some in asked.chunks(IN_FLIGHT_MAX) {
            if self.clock.now_ms() >= until {
                break;
            }
            let ask = some.iter().map(|it| async move {
                let presence = self.relay.presence(it).await;
                (it, presence)
            });
            let answers = join_all(ask).await;
            tally.add(Metric::GhostChecks, answers.len() as u64);
            let gone = answers.iter().filter(|it| it.1 == Presence::Gone);
            ghosts.extend(gone.map(|it| it.0.clone()));
            if answers.iter().any(|it| it.1 == Presence::Throttled) {
                tracing::warn!("the platform throttles: the census asks on in a minute");
                break;
            }
        }
        let removed = self.strike_all(ghosts).await;
        tally.add(Metric::GhostsRemoved, removed.values().sum());
        removed
    }

    /// Removes rows and says how many there were, by role. One that cannot be removed is left to the next run.
    async fn strike_all(&self, connections: Vec<Connection>) -> BTreeMap<Role, u64> {
        let strike = |connection: Connection| async move {
            match self.roll.strike(&connection).await {
                Ok(true) => Some(connection.role),
                Ok(false) => None,
                Err(unavailable) => {
                    tracing::warn!(error = ?unavailable, "a dead row stays until the next census");
                    None
                }
            }
        };
        let struck: Vec<Option<Role>> = stream::iter(connections)
            .map(strike)
            .buffer_unordered(IN_FLIGHT_MAX)
            .collect()
            .await;
        let mut removed = BTreeMap::new();
        for role in struck.into_iter().flatten() {
            *removed.entry(role).or_default() += 1;
        }
        removed
    }
}

impl Found {
    fn see(&mut self, connection: Connection, now: TimestampMs) {
        if connection.expires_at <= now {
            if self.expired.len() < EXPIRED_MAX {
                self.expired.push(connection);
            }
            return;
        }
        *self.open.entry(connection.role).or_default() += 1;
        if !may_be_opening(&connection, now) {
            self.turn.offer(connection);
        }
    }
}
