//! The data directory: who holds it, and in which format it is written.

use std::{
    fs::{self, File, TryLockError},
    io::{
        self,
        ErrorKind::{NotADirectory, NotFound},
        Write as _,
    },
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempDir};

use super::Place;

/// The format that this version writes, and the newest that it reads.
///
/// In 1 the stream's records were in the engine's own table.
const FORMAT: u64 = 2;

/// Why a data directory could not be opened. Reads on after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer version wrote it. Nothing was changed.
    #[error(
        "open {}: it is in format {found}, and this version reads up to {FORMAT}",
        path.display()
    )]
    Newer {
        /// The data directory.
        path: PathBuf,
        /// The format that it is in.
        found: u64,
    },
    /// Another process holds it. Nothing was changed.
    #[error("open {}: another process is using it", path.display())]
    Busy {
        /// The data directory.
        path: PathBuf,
    },
    /// It cannot be made or written.
    #[error("write to {}", path.display())]
    Unwritable {
        /// The data directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its format marker makes no sense.
    #[error("read {}", path.display())]
    Marker {
        /// The marker's file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The database in it cannot be opened.
    #[error("open the database {}", path.display())]
    Database {
        /// The database's file.
        path: PathBuf,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A data directory that this process holds until it is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Whether it was marked when it was opened: an earlier start made the tables.
    in_use: bool,
    /// The lock lasts as long as the file is open, and dies with the process.
    _lock: File,
    /// Removes the directory when it is dropped.
    _temporary: Option<TempDir>,
}

/// What `format.json` says.
#[derive(Debug, Deserialize, Serialize)]
struct Marker {
    version: u64,
}

impl Directory {
    pub(super) fn open(place: &Place) -> Result<Self, OpenError> {
        match place {
            Place::Directory(path) => Self::hold(path, None),
            Place::Memory => {
                let temporary = TempDir::with_prefix("switchboard-")
                    .map_err(|source| unwritable(&std::env::temp_dir(), source))?;
                let path = temporary.path().to_owned();
                Self::hold(&path, Some(temporary))
            }
        }
    }

    /// The file of the database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("switchboard.db")
    }

    /// Whether an earlier start came so far that there is a database with tables.
    pub(super) fn is_in_use(&self) -> bool {
        self.in_use
    }

    /// Marks it as in use and in this version's format, unless it is. From then
    /// on a database that is missing is one that was lost.
    pub(super) fn mark(&self) -> Result<(), OpenError> {
        if check_format(&self.path)? != Some(FORMAT) {
            mark(&self.path).map_err(|source| unwritable(&self.path, source))?;
        }
        Ok(())
    }

    fn hold(path: &Path, temporary: Option<TempDir>) -> Result<Self, OpenError> {
        // Asked before the first write, and again once nobody else can answer.
        check_format(path)?;
        fs::create_dir_all(path).map_err(|source| unwritable(path, source))?;
        let lock_path = path.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|source| unwritable(&lock_path, source))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::Busy {
                path: path.to_owned(),
            },
            TryLockError::Error(source) => unwritable(path, source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            in_use: check_format(path)?.is_some(),
            _lock: lock,
            _temporary: temporary,
        })
    }
}

/// Refuses a directory that a newer version wrote. Changes nothing, and needs nobody to let go of it.
pub fn check(directory: &Path) -> Result<(), OpenError> {
    check_format(directory).map(|_| ())
}

/// Reads the marker: `None` where there is none, an error for a newer format.
fn check_format(directory: &Path) -> Result<Option<u64>, OpenError> {
    let path = directory.join("format.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        // Where the directory's own path is wrong, making it will say so.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(None),
        Err(source) => return Err(OpenError::Marker { path, source }),
    };
    let marker: Marker = serde_json::from_slice(&text).map_err(|error| OpenError::Marker {
        path,
        source: error.into(),
    })?;
    if marker.version > FORMAT {
        return Err(OpenError::Newer {
            path: directory.to_owned(),
            found: marker.version,
        });
    }
    Ok(Some(marker.version))
}

/// Writes the marker, whole or not at all.
fn mark(directory: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(directory)?;
    serde_json::to_writer(&mut file, &Marker { version: FORMAT })?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(directory.join("format.json"))?;
    // The name too: what is written in this format afterwards may outlive a power loss.
    File::open(directory)?.sync_all()
}

fn unwritable(path: &Path, source: io::Error) -> OpenError {
    OpenError::Unwritable {
        path: path.to_owned(),
        source,
    }
}
