//! The stream of a table, read and trimmed through a second `SQLite` connection.
//!
//! The engine writes a record for every change in the change's own transaction,
//! so no crash separates the two. But it never trims, and without an index each
//! write looks at every record there is. Both are done here, in the engine's own
//! tables: this file is why its version is pinned.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rusqlite::{Connection, Row, params};
use tokio::sync::Notify;

use super::{Core, locked};

/// As long as the engine's own connection waits.
const BUSY_MS: u64 = 5_000;

/// Rows in one delete: about a millisecond, while writers wait.
const TRIM_ROWS: usize = 500;

/// What the engine's own queries on the stream ask for, and ours.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS _switchboard_stream
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

const CHECKPOINTS: &str = "CREATE TABLE IF NOT EXISTS _switchboard_checkpoints
    (table_name TEXT PRIMARY KEY, sequence INTEGER NOT NULL)";

/// The images of changes that nobody is told of stay where they are.
const PAGE: &str = "SELECT CAST(sequence_number AS INTEGER), event_id, event_name, keys_json,
        CASE event_name WHEN 'INSERT' THEN new_image END, created_at
    FROM _stream_records
    WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
    ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3";

const NEWEST: &str = "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records
    WHERE table_name = ?1";

const TRIM: &str = "DELETE FROM _stream_records WHERE id IN (
        SELECT id FROM _stream_records
        WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2
        ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)";

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

/// One change, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Rises with every change of the table.
    pub sequence: i64,
    /// Unique among all changes.
    pub event_id: String,
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub event_name: String,
    /// The key attributes, as DynamoDB JSON.
    pub keys: String,
    /// The item as DynamoDB JSON, for an `INSERT`.
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

/// Makes the index without which a write slows down with every record stored.
pub(super) fn index(file: &Path) -> rusqlite::Result<()> {
    connect(file)?.execute_batch(INDEX)
}

impl Stream {
    pub(super) fn open(core: Arc<Core>, table: &str) -> Result<Self, StreamError> {
        let connection = {
            let _turn = core.turn();
            let file = core.directory.database();
            connect(&file)
                .and_then(|it| it.execute_batch(CHECKPOINTS).map(|()| it))
                .map_err(|source| StreamError::Sqlite { path: file, source })?
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

    /// The changes after `after`, oldest first.
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

    /// The newest change's sequence number, or 0.
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
    /// The newest record stays: the engine numbers on from it, and numbers must
    /// rise even when the system's clock was put back.
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
    let newest: Option<i64> = connection
        .prepare_cached(NEWEST)?
        .query_row([table], |row| row.get(0))?;
    Ok(newest.unwrap_or(0))
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let event_id: Option<String> = row.get(1)?;
    Ok(Stored {
        sequence: row.get(0)?,
        event_id: event_id.unwrap_or_default(),
        event_name: row.get(2)?,
        keys: row.get(3)?,
        new_image: row.get(4)?,
        created_at: row.get(5)?,
    })
}
