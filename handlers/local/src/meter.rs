//! What the gateway consumes of what AWS bills, by who caused it: an action, `deliver`, a handshake.
//!
//! Whoever starts a function names the account that pays for it; the stand-ins of the services charge that account as
//! they serve, wherever in the function the request was made. Nothing is estimated but the time that a request takes on
//! its way on AWS, which a price table says (see [`Prices`]).

mod account;
mod prices;
mod unit;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::account::{Account, Reading};
pub(crate) use self::account::{Waiting, charge};
pub use self::prices::{PriceError, Prices, SPENT_ON};
pub use self::unit::Unit;
pub(crate) use self::unit::pieces;

/// The account of the authorizer, which runs before `$connect`.
pub const AUTHORIZE: &str = "authorize";
/// The account of the stream's function.
pub const DELIVER: &str = "deliver";
/// The account of the schedule's function.
pub const CENSUS: &str = "census";
/// The account of what no function does: connections that are open, posts by operators, frames without a route.
pub const NOBODY: &str = "nobody";

/// All accounts.
#[derive(Debug)]
pub struct Meter {
    accounts: BTreeMap<String, Arc<Account>>,
    nobody: Arc<Account>,
}

impl Meter {
    /// One account for each route key, and those of the functions that no route names.
    pub(crate) fn new<'a>(routes: impl Iterator<Item = &'a String>) -> Self {
        let nobody: Arc<Account> = Arc::default();
        let others = [AUTHORIZE, DELIVER, CENSUS];
        let names = routes.map(|key| named(key)).chain(others);
        let mut accounts: BTreeMap<String, Arc<Account>> = names
            .map(|name| (name.to_owned(), Arc::default()))
            .collect();
        accounts.insert(NOBODY.to_owned(), Arc::clone(&nobody));
        Self { accounts, nobody }
    }

    /// The account of a route key, or of one of the constants here.
    pub fn account(&self, key: &str) -> &Arc<Account> {
        self.accounts.get(named(key)).unwrap_or(&self.nobody)
    }

    /// What each account has consumed since the start.
    pub fn read(&self) -> impl Iterator<Item = (&str, Reading)> {
        let accounts = self.accounts.iter();
        accounts.map(|(name, account)| (name.as_str(), account.read()))
    }
}

/// `$connect` is `connect` here, as its function is.
fn named(key: &str) -> &str {
    key.trim_start_matches('$')
}
