//! The embedded DynamoDB: one `SQLite` file, reached as the HTTP client of the SDK.
//!
//! The store is the same code as in AWS; only the wire ends here, in process.
//! This module knows the engine's crate and its traps, and no table of ours.

mod apply;
mod bells;
mod connector;
mod consumed;
mod direct;
mod directory;
mod dispatch;
mod faults;
mod flush;
mod hot;
mod inspection;
mod log;
mod replays;
mod requests;
mod stream;
mod turns;
mod values;
mod writeback;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::delete_table::DeleteTableRequest;
use dynoxide::{Database, DynoxideError};

use switchboard_handlers::aws::store::Transport;

use self::{
    bells::Bells, connector::Connector, direct::Direct, directory::Directory, hot::Hot, log::Log,
    replays::Replays,
};

pub use self::{
    directory::{OpenError, check},
    faults::{Answer, Call, Fault, Faults},
    stream::{Stored, Stream, StreamError, public_sequence},
};

/// Where the engine keeps its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A directory, made if it is missing, held by one process at a time.
    Directory(PathBuf),
    /// A temporary directory, gone with the engine and everything that came
    /// from it. The engine's own memory mode cannot hold the stream's index.
    Memory,
}

/// What a commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process: `SQLite`'s `synchronous = NORMAL`.
    Process,
    /// A power loss too: nothing is answered before it is on the disk, and many commits share a flush.
    Power,
}

/// A failure of the engine outside a request of the SDK.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A table's definition is no `CreateTable` request.
    #[error("read a table's definition")]
    Definition(#[from] serde_json::Error),
    /// The engine refused to make a table.
    #[error("make a table in {}", path.display())]
    Create {
        /// The database's file.
        path: PathBuf,
        /// What the engine said.
        source: DynoxideError,
    },
    /// The directory cannot be marked as in use.
    #[error("mark the data directory")]
    Mark(#[from] OpenError),
}

/// The embedded DynamoDB. Clones share one database.
#[derive(Clone, Debug)]
pub struct Engine {
    core: Arc<Core>,
}

/// What the engine, its connectors and its streams share.
struct Core {
    database: Database,
    /// Held around each write of either `SQLite` connection: a waiter wakes when
    /// the writer is done, where `SQLite`'s busy handler would sleep and guess.
    gate: Mutex<()>,
    log: Log,
    /// Changed by whoever holds `gate`, and read by anybody.
    hot: Hot,
    replays: Mutex<Replays>,
    bells: Bells,
    /// Last, so that the database is closed before the directory is let go.
    directory: Directory,
}

impl Engine {
    /// Opens the database, and makes it where there is none.
    ///
    /// Blocks on the disk. A directory of a newer version, one that another
    /// process holds, or one whose database was lost, is refused before anything
    /// in it is changed.
    pub fn open(place: &Place, durability: Durability) -> Result<Self, OpenError> {
        let directory = Directory::open(place)?;
        let file = directory.database();
        inspection::inspect(&file, directory.is_in_use())?;
        let database = Database::new(&file.to_string_lossy())
            // Named for its use after an import; what it does is `synchronous = NORMAL`.
            .and_then(|database| database.disable_bulk_loading().map(|()| database))
            .map_err(|source| OpenError::Database {
                path: file.clone(),
                source: source.into(),
            })?;
        // Before anything is written in this version's way: an earlier one must not take it for its own.
        if directory.is_in_use() {
            directory.mark()?;
        }
        stream::prepare(&file).map_err(|source| OpenError::Database {
            path: file.clone(),
            source: source.into(),
        })?;
        let log = Log::of(&file, place, durability).map_err(|source| OpenError::Database {
            path: file.clone(),
            source: source.into(),
        })?;
        let core = Core {
            database,
            gate: Mutex::default(),
            log,
            hot: Hot::default(),
            replays: Mutex::default(),
            bells: Bells::default(),
            directory,
        };
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// The HTTP client for aws-sdk-dynamodb that ends in this engine.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector::new(Arc::clone(&self.core), None))
    }

    /// The engine as the store's transport: the same requests, without HTTP in between.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(Direct::new(Arc::clone(&self.core)))
    }

    /// The same client, with `faults` asked before and told after every call.
    pub fn http_client_with(&self, faults: Arc<dyn Faults>) -> SharedHttpClient {
        SharedHttpClient::new(Connector::new(Arc::clone(&self.core), Some(faults)))
    }

    /// Makes the tables that are missing. Each is a `CreateTable` request. From
    /// then on the directory counts as in use.
    ///
    /// A table that exists is left as it is. It is not described first: that
    /// counts its rows.
    pub fn ensure_tables(&self, tables: &[serde_json::Value]) -> Result<(), EngineError> {
        for table in tables {
            // Through text: the engine's own deserializers expect it.
            let request: CreateTableRequest = serde_json::from_str(&table.to_string())?;
            let _turn = self.core.turn();
            self.core.hot.learn(&request);
            match self.core.database.create_table(request) {
                Ok(_) | Err(DynoxideError::ResourceInUseException(_)) => {}
                Err(error) => return Err(self.unmade(error)),
            }
        }
        Ok(self.core.directory.mark()?)
    }

    /// Makes a table anew, without what an earlier run left in it.
    pub fn renew_table(&self, table: &serde_json::Value) -> Result<(), EngineError> {
        let request: CreateTableRequest = serde_json::from_str(&table.to_string())?;
        let delete = DeleteTableRequest {
            table_name: request.table_name.clone(),
        };
        let _turn = self.core.turn();
        self.core.hot.learn(&request);
        match self.core.database.delete_table(delete) {
            Ok(_) | Err(DynoxideError::ResourceNotFoundException(_)) => {}
            Err(error) => return Err(self.unmade(error)),
        }
        let made = self.core.database.create_table(request);
        made.map(|_| ()).map_err(|error| self.unmade(error))
    }

    fn unmade(&self, source: DynoxideError) -> EngineError {
        EngineError::Create {
            path: self.core.directory.database(),
            source,
        }
    }

    /// The stream of `table`, to be read in order and trimmed by one reader.
    pub fn stream(&self, table: &str) -> Result<Stream, StreamError> {
        Stream::open(Arc::clone(&self.core), table)
    }
}

impl Core {
    /// The right to write, for either connection.
    fn turn(&self) -> Turn<'_> {
        Turn {
            log: &self.log,
            _gate: locked(&self.gate),
        }
    }

    /// Waits until what was just written or read would survive what it has to.
    async fn settled(&self) -> std::io::Result<()> {
        let Log::Awaited(flusher) = &self.log else {
            return Ok(());
        };
        // Whoever wrote what was just read may not have counted it yet: that is done within its turn.
        drop(locked(&self.gate));
        flusher.settled().await
    }
}

/// The right to write. Whatever was written with it is committed when it ends.
struct Turn<'a> {
    log: &'a Log,
    _gate: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.log.committed();
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// Locks a mutex whose value holds between any two statements, so that a panic
/// elsewhere does not poison it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
