//! The stream of a table, read and trimmed through a second `SQLite` connection.
//!
//! The engine writes a record for every change in the change's own transaction, so no crash separates the two. But it
//! never trims, numbers a record by a look at all there are, and writes three pages for one that nobody is told of. So a
//! trigger takes what is new into a table of our own, by number, and the engine's stays empty: this file is why its
//! version is pinned.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tokio::sync::Notify;

use super::{Core, locked};

/// As long as the engine's own connection waits.
const BUSY_MS: u64 = 5_000;

/// Rows in one delete: about a millisecond, while writers wait.
const TRIM_ROWS: usize = 500;

/// Makes what takes the engine's records, and takes those that an earlier version left. Of a change to what was there
/// its number alone is kept: numbers go on from the greatest.
const OUTBOX: &str = "
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS _switchboard_outbox (
    sequence INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,
    event_id TEXT,
    keys_json TEXT NOT NULL,
    new_image TEXT,
    created_at INTEGER NOT NULL
);
INSERT INTO _switchboard_outbox
    SELECT CAST(sequence_number AS INTEGER), table_name, event_id, keys_json,
        CASE event_name WHEN 'INSERT' THEN new_image END, created_at
    FROM _stream_records;
DELETE FROM _stream_records;
DROP INDEX IF EXISTS _switchboard_stream;
CREATE TRIGGER IF NOT EXISTS _switchboard_records BEFORE INSERT ON _stream_records BEGIN
    INSERT INTO _switchboard_outbox (table_name, event_id, keys_json, new_image, created_at)
        SELECT NEW.table_name, NEW.event_id, NEW.keys_json, NEW.new_image, NEW.created_at
        WHERE NEW.event_name = 'INSERT';
    SELECT RAISE(IGNORE);
END;
CREATE TABLE IF NOT EXISTS _switchboard_checkpoints
    (table_name TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
COMMIT;";

const PAGE: &str = "SELECT sequence, event_id, keys_json, new_image, created_at
    FROM _switchboard_outbox
    WHERE table_name = ?1 AND sequence > ?2
    ORDER BY sequence LIMIT ?3";

const NEWEST: &str = "SELECT sequence FROM _switchboard_outbox
    WHERE table_name = ?1
    ORDER BY sequence DESC LIMIT 1";

const TRIM: &str = "DELETE FROM _switchboard_outbox WHERE sequence IN (
        SELECT sequence FROM _switchboard_outbox
        WHERE table_name = ?1 AND sequence <= ?2
        ORDER BY sequence LIMIT ?3)";

/// Reading or trimming a stream failed.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// `SQLite` said no.
    #[error("use the stream's records in {}", path.display())]
    Sqlite {
        /// The database's file.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// The thread for blocking work died, or the runtime is going away.
    #[error("run the stream's query")]
    Thread(#[from] tokio::task::JoinError),
}

/// One item that was inserted, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Rises with every insert.
    pub sequence: i64,
    /// Unique among all records.
    pub event_id: String,
    /// The key attributes, as DynamoDB JSON.
    pub keys: String,
    /// The item as DynamoDB JSON; none where an earlier version told of another change.
    pub new_image: Option<String>,
    /// Seconds since 1970 UTC.
    pub created_at: i64,
}

/// The stream of one table. Clones share one connection.
#[derive(Clone, Debug)]
pub struct Stream {
    core: Arc<Core>,
    connection: Arc<Mutex<Connection>>,
    table: Arc<str>,
    bell: Arc<Notify>,
}

/// The form in which a sequence number is shown: 21 digits, as DynamoDB's are.
pub fn public_sequence(stored: i64) -> String {
    format!("1{stored:020}")
}

/// Makes the tables of the streams. What a directory of format 1 holds is taken over.
pub(super) fn prepare(file: &Path) -> rusqlite::Result<()> {
    connect(file)?.execute_batch(OUTBOX)
}

impl Stream {
    pub(super) fn open(core: Arc<Core>, table: &str) -> Result<Self, StreamError> {
        let connection = {
            let _turn = core.turn();
            let file = core.directory.database();
            connect(&file).map_err(|source| StreamError::Sqlite { path: file, source })?
        };
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            table: table.into(),
            bell: core.bells.hang(table),
            core,
        })
    }

    /// The table's name.
    pub fn table(&self) -> Arc<str> {
        Arc::clone(&self.table)
    }

    /// Rings after each write to the table.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// What was inserted after `after`, oldest first.
    pub async fn page(&self, after: i64, limit: u32) -> Result<Vec<Stored>, StreamError> {
        self.blocking(move |stream| {
            let connection = locked(&stream.connection);
            let mut statement = connection.prepare_cached(PAGE)?;
            statement
                .query_map(params![stream.table, after, limit], stored)?
                .collect()
        })
        .await
    }

    /// The newest record's sequence number, or 0.
    pub async fn newest(&self) -> Result<i64, StreamError> {
        self.blocking(|stream| newest(&locked(&stream.connection), &stream.table))
            .await
    }

    /// The sequence number up to which an earlier run was done, or 0.
    pub async fn checkpoint(&self) -> Result<i64, StreamError> {
        self.blocking(|stream| {
            let sql = "SELECT COALESCE(MAX(sequence), 0) FROM _switchboard_checkpoints
                WHERE table_name = ?1";
            locked(&stream.connection).query_row(sql, [&stream.table], |row| row.get(0))
        })
        .await
    }

    /// Remembers that everything up to `done` is processed, and deletes it.
    ///
    /// The newest record stays: numbers go on from it.
    pub async fn trim(&self, done: i64) -> Result<(), StreamError> {
        self.blocking(move |stream| {
            stream.remember(done)?;
            while stream.delete(done)? == TRIM_ROWS {}
            Ok(())
        })
        .await
    }

    fn remember(&self, done: i64) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO _switchboard_checkpoints VALUES (?1, ?2)";
        let connection = locked(&self.connection);
        let _turn = self.core.turn();
        connection
            .prepare_cached(sql)?
            .execute(params![self.table, done])?;
        Ok(())
    }

    fn delete(&self, done: i64) -> rusqlite::Result<usize> {
        let connection = locked(&self.connection);
        let _turn = self.core.turn();
        let until = done.min(newest(&connection, &self.table)? - 1);
        connection
            .prepare_cached(TRIM)?
            .execute(params![self.table, until, TRIM_ROWS])
    }

    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StreamError> {
        let stream = self.clone();
        let result = tokio::task::spawn_blocking(move || work(&stream)).await?;
        result.map_err(|source| StreamError::Sqlite {
            path: self.core.directory.database(),
            source,
        })
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS))?;
    // Whatever the engine's durability: a trim that is lost is done again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn newest(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    let newest = connection
        .prepare_cached(NEWEST)?
        .query_row([table], |row| row.get(0))
        .optional()?;
    Ok(newest.unwrap_or(0))
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let event_id: Option<String> = row.get(1)?;
    Ok(Stored {
        sequence: row.get(0)?,
        event_id: event_id.unwrap_or_default(),
        keys: row.get(2)?,
        new_image: row.get(3)?,
        created_at: row.get(4)?,
    })
}
