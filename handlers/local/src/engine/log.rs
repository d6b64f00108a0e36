//! How the database's log comes to the disk.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use super::flush::Flusher;
use super::writeback::Writeback;
use super::{Durability, Place};

/// The log, and who brings it to the disk.
#[derive(Debug)]
pub(super) enum Log {
    /// `SQLite` alone, when it has to: nothing of it outlives the process anyway.
    Left,
    /// A thread behind everybody's back.
    Written(Writeback),
    /// Whoever has to be told what is on the disk.
    Awaited(Flusher),
}

impl Log {
    /// The log of `database`, which is open for as long as this is.
    pub(super) fn of(database: &Path, place: &Place, durability: Durability) -> io::Result<Self> {
        Ok(match (durability, place) {
            (Durability::Power, _) => Self::Awaited(Flusher::new(flush(database))),
            (Durability::Process, Place::Memory) => Self::Left,
            (Durability::Process, Place::Directory(_)) => {
                Self::Written(Writeback::start(flush(database))?)
            }
        })
    }

    /// Something was committed.
    pub(super) fn committed(&self) {
        match self {
            Self::Left => {}
            Self::Written(writeback) => writeback.committed(),
            Self::Awaited(flusher) => flusher.committed(),
        }
    }
}

/// What flushes the log of a database. `SQLite` keeps that file for as long as the database is open; locks are on others.
fn flush(database: &Path) -> impl Fn() -> io::Result<()> + Send + Sync + 'static {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let directory = database.parent().map(Path::to_owned);
    let file: OnceLock<File> = OnceLock::new();
    move || {
        if let Some(file) = file.get() {
            return file.sync_data();
        }
        let opened = File::open(&log)?;
        opened.sync_data()?;
        // That there is such a file has to survive, too.
        if let Some(directory) = &directory {
            File::open(directory)?.sync_all()?;
        }
        file.get_or_init(|| opened);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_outlives_the_process_is_brought_to_the_disk() {
        let directory = TempDir::new().unwrap();
        let database = directory.path().join("a.db");
        File::create(directory.path().join("a.db-wal")).unwrap();
        flush(&database)().unwrap();
        let place = Place::Directory(directory.path().to_owned());
        let of = |place, durability| Log::of(&database, place, durability).unwrap();
        assert!(matches!(of(&place, Durability::Process), Log::Written(_)));
        assert!(matches!(of(&place, Durability::Power), Log::Awaited(_)));
        assert!(matches!(of(&Place::Memory, Durability::Process), Log::Left));
    }
}
