//! All live connections: for the census alone. Nothing that a user triggers may read them all.

use core::fmt::Debug;

use crate::failure::Unavailable;
use crate::session::Connection;

/// The table of live connections, read from one end to the other.
#[async_trait::async_trait]
pub trait Roll: Debug + Send + Sync {
    /// The rows that follow a place, or the first ones.
    ///
    /// Reads may lag: a row may still be there that has just been removed, or not yet be there.
    async fn page(&self, after: Option<Place>) -> Result<Page, Unavailable>;

    /// Removes the row of exactly this connection and says whether it was there.
    async fn strike(&self, connection: &Connection) -> Result<bool, Unavailable>;
}

/// A page of rows, in no order that means anything.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows, those past their life included.
    pub connections: Vec<Connection>,
    /// How many rows are not what they have to be.
    pub unreadable: u64,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Place>,
}

/// A place between two pages: a row's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its first part.
    pub pk: String,
    /// Its second.
    pub sk: String,
}
