//! A census of tables and platforms that do what a test says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;

use super::*;
use crate::ports::relay::Posted;
use crate::ports::roll::Page;
use crate::session::{CONNECTION_LIFE_MS, ConnectionId};

const NOW: u64 = 1_795_000_000_000;

/// The table, the platform and the clock, all in one.
#[derive(Debug, Default)]
struct World {
    rows: Mutex<Vec<Connection>>,
    page: usize,
    /// Pages from this one on fail.
    broken_from: Option<usize>,
    /// Rows that cannot be removed.
    stuck: bool,
    ghosts: Vec<String>,
    throttled_from: Option<u64>,
    asked: AtomicU64,
    /// How far each page and each question moves the clock.
    slow_ms: u64,
    passed_ms: AtomicU64,
}

#[async_trait::async_trait]
impl Roll for World {
    async fn page(&self, after: Option<Place>) -> Result<Page, Unavailable> {
        let from: usize = after.map_or(0, |place| place.sk.parse().unwrap());
        if self.broken_from.is_some_and(|broken| from >= broken) {
            return Err(Unavailable::new("read every connection", "throttled"));
        }
        self.passed_ms.fetch_add(self.slow_ms, Ordering::Relaxed);
        let rows = self.rows.lock().unwrap();
        let to = (from + self.page).min(rows.len());
        let (pk, sk) = (String::new(), to.to_string());
        Ok(Page {
            connections: rows[from..to].to_vec(),
            unreadable: 0,
            next: (to < rows.len()).then_some(Place { pk, sk }),
        })
    }

    async fn strike(&self, connection: &Connection) -> Result<bool, Unavailable> {
        if self.stuck {
            return Err(Unavailable::new("remove a dead connection", "throttled"));
        }
        let mut rows = self.rows.lock().unwrap();
        let before = rows.len();
        rows.retain(|row| row.id != connection.id);
        Ok(rows.len() < before)
    }
}

#[async_trait::async_trait]
impl Relay for World {
    async fn post(&self, _connection: &Connection, _frame: &str) -> Posted {
        panic!("a census posts nothing");
    }

    async fn close(&self, _connection: &Connection) {
        panic!("a census closes nothing");
    }

    async fn presence(&self, connection: &Connection) -> Presence {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if self.throttled_from.is_some_and(|from| asked >= from) {
            return Presence::Throttled;
        }
        if self.ghosts.iter().any(|id| id == connection.id.as_str()) {
            Presence::Gone
        } else {
            Presence::Open
        }
    }
}

#[async_trait::async_trait]
impl Clock for World {
    fn now_ms(&self) -> u64 {
        NOW + self.passed_ms.load(Ordering::Relaxed)
    }

    async fn sleep(&self, _ms: u64) {
        panic!("a census waits for nothing");
    }

    fn dice(&self) -> u128 {
        panic!("a census throws no dice");
    }
}

fn row(id: impl Into<Box<str>>, role: Role, age_ms: u64) -> Connection {
    Connection {
        user: "alice".parse().unwrap(),
        device: None,
        id: ConnectionId::new(id),
        role,
        endpoint: "https://abc123.execute-api.us-east-1.amazonaws.com/live".into(),
        connected_at: NOW - age_ms,
        expires_at: NOW - age_ms + CONNECTION_LIFE_MS,
    }
}

fn world(rows: Vec<Connection>) -> World {
    World {
        rows: Mutex::new(rows),
        page: 1_000,
        ..World::default()
    }
}

/// Takes a census; nothing in these worlds waits.
fn take(world: World) -> (Taken, Tally, World) {
    let world = Arc::new(world);
    let census = Census {
        roll: Arc::clone(&world) as _,
        relay: Arc::clone(&world) as _,
        clock: Arc::clone(&world) as _,
    };
    let mut tally = Tally::default();
    let taken = census.take(&mut tally).now_or_never().unwrap();
    drop(census);
    (taken, tally, Arc::into_inner(world).unwrap())
}

fn open(tally: &Tally) -> Vec<(&'static str, u64)> {
    let parts = tally.parts();
    let open = parts.filter(|(metric, _, _)| *metric == Metric::OpenConnections);
    open.map(|(_, label, number)| (label.unwrap().value(), number))
        .collect()
}

const HOUR: u64 = 3_600_000;

#[test]
fn roles_are_counted_the_dead_removed_and_the_living_left() {
    let mut world = world(vec![
        row("customer", Role::Customer, HOUR),
        row("provider", Role::Provider, HOUR),
        row("other", Role::Provider, 0),
        row("ghost", Role::Provider, HOUR),
        row("expired", Role::Customer, CONNECTION_LIFE_MS),
    ]);
    world.page = 2;
    world.ghosts = vec!["ghost".to_owned(), "expired".to_owned()];
    let (taken, tally, world) = take(world);
    assert_eq!(taken, Taken::Complete);
    assert_eq!(open(&tally), [("customer", 1), ("provider", 2)]);
    let counted = [
        Metric::RowsExpired,
        Metric::GhostChecks,
        Metric::GhostsRemoved,
    ];
    assert_eq!(counted.map(|metric| tally.of(metric)), [1, 3, 1]);
    let left = world.rows.into_inner().unwrap();
    let left: Vec<_> = left.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(left, ["customer", "provider", "other"]);
}

#[test]
fn nobody_is_said_to_be_nobody() {
    let (taken, tally, _) = take(world(Vec::new()));
    assert_eq!(taken, Taken::Complete);
    assert_eq!(open(&tally), [("customer", 0), ("provider", 0)]);
}

#[test]
fn who_may_still_be_opening_is_not_asked_about() {
    let mut world = world(vec![
        row("opening", Role::Customer, 29_999),
        row("open", Role::Customer, 30_000),
    ]);
    world.ghosts = vec!["opening".to_owned(), "open".to_owned()];
    let (_, tally, world) = take(world);
    assert_eq!(tally.of(Metric::GhostsRemoved), 1);
    assert_eq!(world.rows.into_inner().unwrap()[0].id.as_str(), "opening");
}

#[test]
fn a_page_that_fails_makes_it_partial_and_what_was_done_is_counted() {
    let mut rows = vec![row("expired", Role::Customer, 3 * HOUR)];
    rows.extend((0..9).map(|it| row(format!("c{it}"), Role::Customer, HOUR)));
    let mut world = world(rows);
    (world.page, world.broken_from) = (5, Some(5));
    let (taken, tally, world) = take(world);
    assert_eq!(taken, Taken::Partial);
    assert!(open(&tally).is_empty(), "a part is not the whole");
    assert_eq!(tally.of(Metric::RowsExpired), 1);
    assert_eq!(tally.of(Metric::GhostChecks), 4);
    assert_eq!(world.rows.into_inner().unwrap().len(), 9);
}

#[test]
fn it_ends_in_time_and_says_that_it_is_partial() {
    let mut world = world(
        (0..100)
            .map(|it| row(format!("c{it}"), Role::Customer, HOUR))
            .collect(),
    );
    (world.page, world.slow_ms) = (10, BUDGET_MS / 4);
    let (taken, tally, world) = take(world);
    assert_eq!(taken, Taken::Partial);
    assert!(open(&tally).is_empty());
    assert_eq!(
        world.passed_ms.into_inner(),
        BUDGET_MS,
        "four pages, and no more"
    );
    assert_eq!(
        world.asked.into_inner(),
        0,
        "asking is for when there is time"
    );
}

#[test]
fn a_run_asks_and_removes_no_more_than_it_may() {
    let mut rows: Vec<_> = (0..GHOST_CHECKS_MAX * 3)
        .map(|it| row(format!("c{it}"), Role::Customer, HOUR))
        .collect();
    rows.extend((0..EXPIRED_MAX + 7).map(|it| row(format!("e{it}"), Role::Customer, 3 * HOUR)));
    let (taken, tally, world) = take(world(rows));
    assert_eq!(taken, Taken::Complete);
    assert_eq!(tally.of(Metric::RowsExpired), EXPIRED_MAX as u64);
    let asked = world.asked.into_inner();
    assert_eq!(tally.of(Metric::GhostChecks), asked);
    assert!((1..=GHOST_CHECKS_MAX as u64).contains(&asked), "{asked}");
    let left = world.rows.into_inner().unwrap().len();
    assert_eq!(left, GHOST_CHECKS_MAX * 3 + 7);
}

#[test]
fn a_platform_that_throttles_is_not_asked_on_and_nobody_is_taken_for_gone() {
    let rows = (0..100).map(|it| row(format!("c{it}"), Role::Customer, HOUR));
    let mut world = world(rows.collect());
    world.throttled_from = Some(20);
    let (taken, tally, world) = take(world);
    assert_eq!(taken, Taken::Complete);
    assert_eq!(open(&tally), [("customer", 100), ("provider", 0)]);
    assert_eq!(world.asked.into_inner(), 2 * IN_FLIGHT_MAX as u64);
    assert_eq!(world.rows.into_inner().unwrap().len(), 100);
}

#[test]
fn a_row_that_cannot_be_removed_still_counts_and_stays() {
    let mut world = world(vec![row("ghost", Role::Customer, HOUR)]);
    (world.stuck, world.ghosts) = (true, vec!["ghost".to_owned()]);
    let (taken, tally, world) = take(world);
    assert_eq!(taken, Taken::Complete);
    assert_eq!(tally.of(Metric::GhostsRemoved), 0);
    assert_eq!(open(&tally), [("customer", 1), ("provider", 0)]);
    assert_eq!(world.rows.into_inner().unwrap().len(), 1);
}
